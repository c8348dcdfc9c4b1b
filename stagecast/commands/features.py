"""`stagecast features`."""

from pathlib import Path

from features.catalogue import catalogue as features_page
from features.errors import UsageError
from features.orders.digest import digest
from stagecast.commands.common import keep_rows, listed
from stagecast.config import Config
from stagecast.feature_file import write_features
from stagecast.progress import steps
from stagecast.specs import read_spec


def features(orders: str, wanted: tuple[str, str | None], config: Config, out: Path, spec: str | None) -> None:
    """Write the feature table."""
    cutoffs, select = listed(wanted[0]), listed(wanted[1] or "")
    if not cutoffs:
        raise UsageError("no cut-off was given", got=repr(wanted[0]), allowed="DATE[,DATE...]", remedy="give one")
    frozen = read_spec(spec, config.tracking_uri) if spec else None
    with steps("features"):
        made = write_features(orders, cutoffs, out, config, select or None, frozen)
    if len(made.quarantine):
        keep_rows(made.quarantine, made.report, config, digest(made.quarantine))
    print(f"{made.features} features of {made.snapshots:,} snapshots at {made.cutoffs} cut-offs are in {out}")


def catalogue(config: Config) -> None:
    """Print what the features of the settings mean."""
    print(features_page(config.features), end="")
