"""What each command does: call the verb, write the file, say what was made and where."""

from pathlib import Path

from features.errors import UsageError
from features.files import require_file, write_parquet
from features.orders import CleanOrders, save_quarantine
from features.orders.digest import digest
from features.stages.spec import StageSpec
from stagecast import describe
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.told import mix, notes, summary


def configure(
    path: Path | None, tracking_uri: str | None = None, week_starts: str | None = None, period: str | None = None
) -> Config:
    """The configuration file with the options of the command line laid over it."""
    config = Config.load(path).overridden(tracking_uri=tracking_uri)
    return config.overridden("clock", week_starts=week_starts).overridden("training", period=period)


def check(orders: str, config: Config) -> None:
    """Print the report of the orders; keep the rows that were set aside."""
    with steps("check") as step:
        step("read the orders")
        clean = describe.check(orders, config)
    print("\n".join(clean.report.lines()))
    _keep_quarantine(clean, config)
    print(f"{clean.report.rows_kept:,} order lines of {clean.report.customers:,} customers in {orders} can be used.")


def stages(orders: str, as_of: str, config: Config, out: Path, specs: tuple[Path | None, Path | None]) -> None:
    """Write the stage table, and the spec where asked."""
    given, saved = specs
    frozen = read_spec(given) if given else None
    cutoff = (config.under(frozen) if frozen else config).the_clock.tick(as_of)
    require_file(out)
    with steps("stages") as step:
        step("read the orders")
        clean = _read(orders, config)
        step("run the stage machine")
        spec = frozen or describe.stage_spec(clean, as_of, config)
        table = describe.stages(clean, as_of, config, spec)
        write_parquet(table, out, {"spec_hash": spec.hash, "as_of": as_of})
    if saved:
        saved.write_text(spec.to_json(), encoding="utf-8")
        print(f"The stage spec {spec.hash} is in {saved}")
    _print(notes(clean.report, cutoff, spec))
    print(mix(table["stage"]))
    print(f"Stages of {len(table):,} customers at {as_of} are in {out}")


def features(orders: str, wanted: tuple[str, str | None], config: Config, out: Path, spec: Path | None) -> None:
    """Write the feature table."""
    cutoffs, select = _listed(wanted[0]), _listed(wanted[1] or "")
    if not cutoffs:
        raise UsageError("no cut-off was given", got=repr(wanted[0]), allowed="DATE[,DATE...]", remedy="give one")
    frozen = read_spec(spec) if spec else None
    for cutoff in cutoffs:
        (config.under(frozen) if frozen else config).the_clock.tick(cutoff)
    require_file(out)
    with steps("features") as step:
        step("read the orders")
        clean = _read(orders, config)
        step("build the features")
        table = describe.features(clean, cutoffs, config, select or None, frozen)
        write_parquet(table, out, {"cutoffs": ",".join(cutoffs)})
    number = table["cutoff"].nunique()
    print(f"{table.shape[1] - 2} features of {len(table):,} snapshots at {number} cut-offs are in {out}")


def train(orders: str, as_of: str, config: Config, promote: bool) -> None:
    """Train, and say how good the model is and where it stands."""
    from stagecast import predict

    cutoff = config.the_clock.tick(as_of)
    with steps("train") as step:
        made = predict.train(orders, as_of, config, promote=False, step=step)
    version = made.version
    _keep_quarantine(made.clean, config)
    _print(notes(made.clean.report, cutoff, made.trained.model.spec))
    print(summary(made))
    print(f"Run {version.run_id} in {version.uri}")
    print(f"Registered {version.name} version {version.version} as challenger.")
    if promote:
        _promote(f"{version.name}/{version.version}", config, force=False)


def promote(model: str | None, config: Config, force: bool) -> None:
    """Move the champion."""
    _promote(model, config, force)


def score(orders: str, as_of: str, config: Config, target: tuple[Path, str | None]) -> None:
    """Score and publish a week."""
    from stagecast import predict

    out, model = target
    with steps("score") as step:
        step("fetch the model")
        registered = predict.fetch_model(as_of, config, model)
        step("read the orders")
        clean = _read(orders, config)
        step("score every customer")
        scores = predict.score(clean, as_of, out, config, registered)
    spec = registered.model.spec
    _print(notes(clean.report, config.under(spec).the_clock.tick(as_of), spec))
    print(f"Scored with {registered.name} version {registered.version}.")
    state = "are in" if scores.new else "were there already, nothing changed:"
    print(f"Scores of {len(scores.table):,} customers at {as_of} {state} {scores.path}")


def read_spec(path: Path) -> StageSpec:
    """The stage spec in a file.

    Raises:
        UsageError: there is no such file, or it holds no spec.
    """
    try:
        return StageSpec.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the stage spec cannot be read", got=str(error), remedy="check --spec") from None


def _promote(model: str | None, config: Config, force: bool) -> None:
    from stagecast import predict

    moved = predict.promote(model, config, force)
    before = f"version {moved.before}" if moved.before else "none"
    print(f"{moved.name} version {moved.version} is champion now (before: {before}).")


def _read(orders: str, config: Config) -> CleanOrders:
    clean = describe.check(orders, config)
    _keep_quarantine(clean, config)
    return clean


def _keep_quarantine(clean: CleanOrders, config: Config) -> None:
    if not len(clean.quarantine):
        return
    kept = save_quarantine(clean, config.orders.quarantine, digest(clean.orders))
    aside, read = clean.report.rows_set_aside, clean.report.rows_read
    print(f"{aside:,} of {read:,} rows were set aside, with reasons: {kept}")


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
