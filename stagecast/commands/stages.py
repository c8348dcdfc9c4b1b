"""`stagecast stages`."""

from pathlib import Path

from features.files import require_file, write_parquet
from stagecast import describe
from stagecast.commands.common import read, read_spec, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.told import mix, notes


def stages(orders: str, as_of: str, config: Config, out: Path, specs: tuple[Path | None, Path | None]) -> None:
    """Write the stage table, and the spec where asked."""
    given, saved = specs
    frozen = read_spec(given) if given else None
    cutoff = (config.under(frozen) if frozen else config).the_clock.tick(as_of)
    require_file(out)
    with steps("stages") as step:
        step("read the orders")
        clean = read(orders, config)
        step("run the stage machine")
        spec = frozen or describe.stage_spec(clean, as_of, config)
        table = describe.stages(clean, as_of, config, spec)
        write_parquet(table, out, {"spec_hash": spec.hash, "as_of": as_of})
    if saved:
        saved.write_text(spec.to_json(), encoding="utf-8")
        print(f"The stage spec {spec.hash} is in {saved}")
    show(notes(clean.report, cutoff, spec))
    print(mix(table["stage"]))
    print(f"Stages of {len(table):,} customers at {as_of} are in {out}")
