"""Made-up forecasts of several cut-offs: outcomes drawn from the probabilities that the best predictor says."""

import numpy as np
from numpy.typing import NDArray

from features.stages.moves import Stage
from training.forecasts import Forecasts


def made_forecasts(rows: int, seed: int = 0, customers: int | None = None) -> Forecasts:
    """Rows of four cut-offs in no order; `stagecast` knows the probabilities, the others see them blurred."""
    rng = np.random.default_rng(seed)
    stage = rng.choice(4, rows, p=[0.35, 0.2, 0.1, 0.35])
    p, regress = rng.beta(1, 4, rows), np.where(stage == Stage.REGRESSION, 0.8, 0.15) * rng.uniform(0.5, 1.2, rows)
    moves = _moves(rng, regress)
    ordered = rng.random(rows) < p
    worth = rng.gamma(3, 20, rows)
    spend = np.where(ordered, worth * rng.gamma(4, 0.25, rows), 0.0) - 5.0 * (rng.random(rows) < 0.05)
    return Forecasts(
        customer=rng.integers(0, customers or rows // 3, rows),
        cutoff=rng.choice([10_000, 10_028, 10_056, 10_084], rows),
        stage=stage.astype(np.int8),
        sub_state=np.where(stage == Stage.REGRESSION, rng.integers(1, 4, rows), 0).astype(np.int8),
        order_days=rng.geometric(0.4, rows),
        next_stage=np.array([rng.choice(4, p=move) for move in moves], dtype=np.int8),
        ordered=ordered,
        spend=spend,
        said={
            "order": {"stagecast": p, "blurred": _blurred(rng, p), "base rate": np.full(rows, ordered.mean())},
            "regression": {"stagecast": moves[:, 3], "blurred": _blurred(rng, moves[:, 3])},
            "next stage": {"stagecast": moves, "persistence": np.where(np.eye(4)[stage] > 0, 0.97, 0.01)},
            "spend": {"stagecast": p * worth, "usual": np.round(p * 60 + rng.normal(0, 10, rows), -1)},
        },
    )


def _moves(rng: np.random.Generator, regress: NDArray[np.float64]) -> NDArray[np.float64]:
    otherwise = rng.dirichlet([2, 2, 2], len(regress))
    return np.column_stack([(1 - regress)[:, None] * otherwise, regress])


def _blurred(rng: np.random.Generator, p: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-(np.log(p / (1 - p)) + rng.normal(0, 1, len(p)))))
