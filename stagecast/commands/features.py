"""`stagecast features`."""

from pathlib import Path

from features.catalogue import catalogue as features_page
from features.errors import UsageError
from features.files import require_file, write_parquet
from stagecast import describe
from stagecast.commands.common import listed, read
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.specs import read_spec


def features(orders: str, wanted: tuple[str, str | None], config: Config, out: Path, spec: str | None) -> None:
    """Write the feature table."""
    cutoffs, select = listed(wanted[0]), listed(wanted[1] or "")
    if not cutoffs:
        raise UsageError("no cut-off was given", got=repr(wanted[0]), allowed="DATE[,DATE...]", remedy="give one")
    frozen = read_spec(spec, config.tracking_uri) if spec else None
    for cutoff in cutoffs:
        (config.under(frozen) if frozen else config).the_clock.tick(cutoff)
    require_file(out)
    with steps("features") as step:
        step("read the orders")
        clean = read(orders, config)
        step("build the features")
        table = describe.features(clean, cutoffs, config, select or None, frozen)
        write_parquet(table, out, {"cutoffs": ",".join(cutoffs)})
    number = table["cutoff"].nunique()
    print(f"{table.shape[1] - 2} features of {len(table):,} snapshots at {number} cut-offs are in {out}")


def catalogue(config: Config) -> None:
    """Print what the features of the settings mean."""
    print(features_page(config.features), end="")
