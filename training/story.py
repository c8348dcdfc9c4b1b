"""A training run in words and as flat parameters: what the MLflow UI shows beside the numbers."""

import pandas as pd

from features.clock import to_date
from training.config import TrainingConfig
from training.ladder import NO_MODEL
from training.train import Trained


def describe(trained: Trained, orders: str) -> str:
    """The run in words, as Markdown.

    Args:
        trained: what training made.
        orders: how much it learnt from, in words.
    """
    scores = trained.judgement.scores
    table = scores[scores["target"] != "spend"].dropna(axis=1, how="all").round(4)
    judged = ", ".join(str(to_date(cutoff)) for cutoff in trained.judged.judge)
    return "\n\n".join(
        [
            f"Trained on {orders}, used up to {to_date(trained.end)}.",
            f"Judged out of time at {judged}; period {trained.model.spec.hold_days} days. {_verdict(trained)}",
            _markdown(table),
            *trained.chosen.told(),
            "The registered model is the same recipe fitted on the newest finished cut-offs.",
        ]
    )


def parameters(trained: Trained, config: TrainingConfig) -> dict[str, object]:
    """Every setting that made the model, under flat dotted names, so that the UI shows where two runs differ."""
    single = {name: value for name, value in config.model_dump().items() if isinstance(value, int | float | str)}
    contract, spec = trained.model.contract, trained.model.spec
    return {
        **single,
        **_dotted("booster", config.booster.model_dump()),
        **_dotted("stages", spec.constants.model_dump()),
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


def _verdict(trained: Trained) -> str:
    losses = trained.judgement.losses()
    if losses:
        return "Worse beyond chance than doing without a model: " + "; ".join(losses) + "."
    return f"Not worse beyond chance than doing without a model ({', '.join(NO_MODEL)})."


def _markdown(table: pd.DataFrame) -> str:
    head = [" | ".join(map(str, table.columns)), " | ".join("---" for _ in table.columns)]
    rows = [" | ".join("" if pd.isna(value) else str(value) for value in row) for row in table.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in head + rows)


def _dotted(group: str, values: dict[str, object]) -> dict[str, object]:
    return {f"{group}.{name}": value for name, value in values.items()}
