"""What each command does: call the verb, write the file, say what was made and where."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from features.clock import to_date
from features.errors import UsageError
from features.files import write_parquet
from features.orders import CleanOrders, save_quarantine
from features.orders.digest import digest
from features.stages.moves import STAGES
from features.stages.spec import StageSpec
from stagecast import describe
from stagecast.config import Config
from stagecast.progress import steps

if TYPE_CHECKING:
    from stagecast.predict import Training


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
    print(f"{clean.report.rows_kept:,} order lines of {clean.report.customers:,} customers can be used.")


def stages(orders: str, as_of: str, config: Config, out: Path, specs: tuple[Path | None, Path | None]) -> None:
    """Write the stage table, and the spec where asked."""
    given, saved = specs
    with steps("stages") as step:
        step("read the orders")
        clean = _read(orders, config)
        step("run the stage machine")
        spec = read_spec(given) if given else describe.stage_spec(clean, as_of, config)
        table = describe.stages(clean, as_of, config, spec)
        write_parquet(table, out, {"spec_hash": spec.hash, "as_of": as_of})
    if saved:
        saved.write_text(spec.to_json(), encoding="utf-8")
    if spec.order_days < 100:
        print(f"Note: the stage spec rests on {spec.order_days} order-days only; its gaps are partly defaults.")
    print(", ".join(f"{name} {number:,}" for name, number in _mix(table["stage"]).items()))
    print(f"Stages of {len(table):,} customers at {as_of} are in {out}")


def features(orders: str, wanted: tuple[str, str | None], config: Config, out: Path, spec: Path | None) -> None:
    """Write the feature table."""
    cutoffs, select = _listed(wanted[0]), _listed(wanted[1] or "")
    if not cutoffs:
        raise UsageError("no cut-off was given", got=repr(wanted[0]), allowed="DATE[,DATE...]", remedy="give one")
    with steps("features") as step:
        step("read the orders")
        clean = _read(orders, config)
        step("build the features")
        table = describe.features(clean, cutoffs, config, select or None, read_spec(spec) if spec else None)
        write_parquet(table, out, {"cutoffs": ",".join(cutoffs)})
    print(f"{table.shape[1] - 2} features of {len(table):,} snapshots at {len(cutoffs)} cut-offs are in {out}")


def train(orders: str, as_of: str, config: Config, promote: bool) -> None:
    """Train, and say how good the model is and where it stands."""
    from stagecast import predict

    with steps("train") as step:
        clean = _read(orders, config)
        made = predict.train(clean, as_of, config, promote=False, step=step)
    version = made.version
    print(summary(made))
    print(f"Run {version.run_id} in {version.uri}")
    if promote:
        predict.promote(f"{version.name}/{version.version}", config)
    role = "champion" if promote else "challenger"
    print(f"Registered {version.name} version {version.version} as {role}.")


def summary(made: "Training") -> str:
    """How good the model is out of time, beside the best baseline, in a few lines."""
    judgement, trained = made.trained.judgement, made.trained
    lines = [
        f"Judged out of time at {', '.join(str(to_date(cutoff)) for cutoff in trained.judged.judge)}, "
        f"{len(judgement.table):,} snapshots:"
    ]
    for target, rows in judgement.scores.groupby("target", sort=False):
        if target == "spend":
            continue
        mine, rest = rows.iloc[0], rows.iloc[1:]
        best = rest.loc[rest["log_loss"].idxmin()]
        lines.append(f"  {target}: log loss {mine.log_loss:.4f}; best baseline ({best.predictor}) {best.log_loss:.4f}")
    return "\n".join(lines)


def promote(model: str | None, config: Config, force: bool) -> None:
    """Move the champion."""
    from stagecast import predict

    moved = predict.promote(model, config, force)
    before = f"version {moved.before}" if moved.before else "none"
    print(f"{moved.name} version {moved.version} is champion now (before: {before}).")


def score(orders: str, as_of: str, config: Config, target: tuple[Path, str | None]) -> None:
    """Score and publish a week."""
    from stagecast import predict

    out, model = target
    with steps("score") as step:
        step("read the orders")
        clean = _read(orders, config)
        step("score every customer")
        scores = predict.score(clean, as_of, out, config, model)
    first = scores.table.iloc[0]
    state = "are in" if scores.new else "were there already, nothing changed:"
    print(f"Scored with {first['model_name']} version {first['model_version']}.")
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


def _read(orders: str, config: Config) -> CleanOrders:
    clean = describe.check(orders, config)
    _keep_quarantine(clean, config)
    return clean


def _keep_quarantine(clean: CleanOrders, config: Config) -> None:
    kept = save_quarantine(clean, config.orders.quarantine, digest(clean.orders)) if len(clean.quarantine) else None
    if kept:
        print(
            f"{clean.report.rows_set_aside:,} of {clean.report.rows_read:,} rows were set aside, with reasons: {kept}"
        )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _mix(stage: pd.Series) -> dict[str, int]:
    counts = stage.value_counts()
    return {name: int(counts.get(name, 0)) for name in STAGES}
