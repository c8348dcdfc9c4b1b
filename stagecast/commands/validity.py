"""`stagecast validity`."""

from pathlib import Path

from stagecast import validate
from stagecast.commands.common import read, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.specs import read_spec


def validity(orders: str, as_of: str, config: Config, out: Path, given: tuple[str | None, Path | None]) -> None:
    """Write the report, and print the claims with their verdicts."""
    from training.validity.folder import require_folder, save

    which, events = given
    spec = read_spec(which, config.tracking_uri) if which else None
    end = (config.under(spec) if spec else config).the_clock.tick(as_of)
    require_folder(out)
    with steps("validity") as step:
        step("read the orders")
        clean = read(orders, config, end)
        found = validate.validity(clean, as_of, config, spec, events)
        step("write the report")
        save(found, out)
    show(found.lines())
    print(f"The report, its tables and pictures are in {out}")
