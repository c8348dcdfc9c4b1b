"""A training run in words and as flat parameters: what the MLflow UI shows beside the numbers."""

import pandas as pd

from features.clock import to_date
from training.config import TrainingConfig
from training.gate.shelf import BREAK
from training.groups import ONE_TIME, OPEN
from training.ladder import MODEL
from training.markdown import table
from training.rungs import Rung, best_rungs
from training.standing import by_standing
from training.train import Trained

_SHOWN = ("stable", "formative", OPEN, ONE_TIME)
"""Groups whose outcome is open: the description shows these, `tables/by_group.csv` all."""


def describe(trained: Trained, orders: str, beside: str = "") -> str:
    """The run in words, as Markdown.

    Args:
        trained: what training made.
        orders: how much it learnt from, in words.
        beside: how it does beside the champion, as Markdown.
    """
    parts = [
        verdict(trained),
        table(_summary(trained)),
        beside,
        "**Where the outcome is open**",
        table(_open(trained)),
        "**How it was made**",
        f"Trained on {orders}, used up to {to_date(trained.end)}.{_drawn(trained)} {_how_judged(trained)}",
        *trained.chosen.told(),
        "The registered model is the same recipe fitted on the newest finished cut-offs.",
        "The whole ladder with intervals is in `plots/ladder.png`, `tables/ladder.csv` and `tables/differences.csv`.",
    ]
    return "\n\n".join(part for part in parts if part)


def describe_version(trained: Trained) -> str:
    """A registered version in words, as Markdown."""
    return "\n\n".join([verdict(trained), table(_summary(trained)), _how_judged(trained) + _drawn(trained)])


def verdict(trained: Trained) -> str:
    """Whether the model is better than its ladder, and whether it may be promoted, as Markdown."""
    best = best_rungs(trained.judgement)
    gains = ", ".join(f"{rung.target} {-rung.percent:+.1f} %" for rung in best)  # all that MLflow's lists show
    head = f"{gains}: log loss against the best baseline's, below 0 is better."
    lines = [f"- {rung.target}: {_against(rung)}" for rung in best]
    return f"{head}\n\n{trained.verdict.told()}{BREAK}" + "\n".join(["Log loss:", "", *lines])


def parameters(trained: Trained, config: TrainingConfig) -> dict[str, object]:
    """Every setting that made the model, under flat dotted names, so that the UI shows where two runs differ."""
    single = {
        name: value
        for name, value in config.model_dump(exclude={"work"}).items()
        if isinstance(value, int | float | str)
    }
    contract, spec = trained.model.contract, trained.model.spec
    return {
        **single,
        **_dotted("booster", config.booster.model_dump()),
        **_dotted("stages", spec.constants.model_dump()),
        **_dotted("profit", config.profit.model_dump()),
        "leave_out": " ".join(config.leave_out),
        "week_starts": spec.week_starts,
        "features.windows": " ".join(map(str, contract.declared.windows)),
        "features.number": len(contract.features),
        "split.fit": len(trained.shipped.fit),
        "split.fit_from": str(to_date(trained.shipped.fit[0])),
        "split.calibrate": len(trained.shipped.calibrate),
        "split.judge": len(trained.judged.judge),
        "rows": trained.rows,
        "spec_origin": trained.chosen.wish.origin,
    }


def _against(rung: Rung) -> str:
    """How a log loss lies to the best baseline's; what the interval does not settle is not claimed."""
    size = f"{abs(rung.percent):.1f} % {'below' if rung.percent > 0 else 'above'}"
    said = size if rung.better is None else f"**{size}**"
    return f"{said} the best baseline, {rung.baseline}{', within chance' if rung.better is None else ''}"


def _how_judged(trained: Trained) -> str:
    judged = ", ".join(str(to_date(cutoff)) for cutoff in trained.judged.judge)
    rows = len(trained.judgement.table)
    return f"Judged out of time at {judged}; period {trained.model.spec.hold_days} days; {rows:,} snapshots."


def _drawn(trained: Trained) -> str:
    """Which part of the customers a model is made from, where it is made from some."""
    if trained.share == 1:
        return ""
    return f" Made and judged on {trained.share:.2%} of the customers, drawn by their ids."


def _summary(trained: Trained) -> pd.DataFrame:
    """One row a target: the model's own numbers, and the best baseline's log loss."""
    scores = trained.judgement.scores
    ours = scores[scores["predictor"] == MODEL].set_index("target")
    columns = {"auroc": "AUROC", "calibration_error": "calibration error", "gini": "normalised Gini", "bias": "bias"}
    kept = {name: title for name, title in columns.items() if name in ours}
    rungs = {rung.target: _compared(rung) for rung in best_rungs(trained.judgement)}
    compared = pd.DataFrame.from_dict(rungs, orient="index").reindex(ours.index)
    return compared.join(ours[[*kept]].rename(columns=kept).round(4)).reset_index()


def _compared(rung: Rung) -> dict[str, str]:
    return {
        "log loss": f"{rung.ours:.4f}",
        "best baseline": f"{rung.baseline} {rung.theirs:.4f}",
        "difference [95 % interval]": f"{rung.difference:+.4f} [{rung.low:+.4f}, {rung.high:+.4f}]",
    }


def _open(trained: Trained) -> pd.DataFrame:
    groups = by_standing(trained.judgement).set_index("group")
    return groups.loc[[name for name in _SHOWN if name in groups.index]].round(4).reset_index()


def _dotted(group: str, values: dict[str, object]) -> dict[str, object]:
    return {f"{group}.{name}": value for name, value in values.items()}
