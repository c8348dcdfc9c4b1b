"""`stagecast stages`."""

from dataclasses import dataclass
from pathlib import Path

from features.files import require_file, write_parquet
from features.orders import CleanOrders
from features.orders.sql import shown
from features.stages.spec import StageSpec
from stagecast import describe
from stagecast.commands.common import needed, read, show
from stagecast.commands.journey import Views
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.specs import read_spec
from stagecast.told import mix, notes


@dataclass(frozen=True)
class SpecOptions:
    """What is asked of the stage spec: which one, where to keep it, whether to put it into words."""

    given: str | None = None
    saved: Path | None = None
    explained: bool = False

    def frozen(self, config: Config) -> StageSpec | None:
        """The spec that was given, if any."""
        return read_spec(self.given, config.tracking_uri) if self.given else None

    def tell(self, spec: StageSpec) -> None:
        """Keep the spec and put it into words, where asked."""
        if self.saved:
            self.saved.write_text(spec.to_json(), encoding="utf-8")
            print(f"The stage spec {spec.hash} is in {self.saved}")
        if self.explained:
            show([describe.explain(spec), ""])


def explain_spec(orders: str | None, as_of: str | None, config: Config, options: SpecOptions) -> None:
    """Put a spec into words: the one given, or one fitted on the orders before a cut-off."""
    spec = options.frozen(config)
    if spec is None:
        place, cutoff = needed(orders, "ORDERS (or --spec)"), needed(as_of, "--as-of")
        day = config.the_clock.tick(cutoff)
        with steps("stages") as step:
            step("read the orders")
            clean = read(place, config, day)
            step("fit the stage spec")
            spec = describe.stage_spec(clean, cutoff, config)
    options.tell(spec)
    print(f"This is the stage spec {spec.hash} of {shown(options.given or orders)}")


def stages(orders: str, as_of: str, config: Config, outputs: tuple[Path | None, Views], options: SpecOptions) -> None:
    """Write the stage table, and the spec where asked; show one customer and draw the shop where asked."""
    out, views = outputs
    frozen = options.frozen(config)
    cutoff = (config.under(frozen) if frozen else config).the_clock.tick(as_of)
    views.check()
    if out:
        require_file(out)
    with steps("stages") as step:
        step("read the orders")
        clean = read(orders, config, cutoff)
        step("run the stage machine")
        spec = frozen or describe.stage_spec(clean, as_of, config)
        seen = views.made(clean, as_of, (config, spec), step)
        told = _written(clean, as_of, (config, spec), out) if out else []
    options.tell(spec)
    show([*notes(clean.report, cutoff, spec), *seen, *told])


def _written(clean: CleanOrders, as_of: str, settings: tuple[Config, StageSpec], out: Path) -> list[str]:
    table = describe.stages(clean, as_of, *settings)
    write_parquet(table, out, {"spec_hash": settings[1].hash, "as_of": as_of})
    return [mix(table["stage"]), f"Stages of {len(table):,} customers at {as_of} are in {out}"]
