"""Other ways to calibrate, beside training's own: python -m benchmarks.models.calibrations DATA KEPT [SHOP ...]."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.isotonic import IsotonicRegression

from benchmarks.models.compare import Ground, row, said_of, sigmoid, told
from benchmarks.models.trials import BTYD, CHOSEN, REGRESSION, grounds
from features.model.calibration import BetaMap, log_odds
from training.calibrate import fit_beta, fit_blend, fit_map, level_to, shift

Array = np.ndarray
Way = Callable[[Array, Array, Array], Array]
"""From log odds of the newest finished cut-off, what happened there, and later log odds, to later log odds."""

SURE = 1e-4
"""No probability is nearer to 0 or 1: steps of an isotonic map are, and would lose without end."""


def isotonic(newest: Array, happened: Array, later: Array) -> Array:
    """The nearest step function that grows."""
    steps = IsotonicRegression(y_min=SURE, y_max=1 - SURE, out_of_bounds="clip")
    return log_odds(steps.fit(newest, happened).predict(later))


def venn_abers(newest: Array, happened: Array, later: Array) -> Array:
    """Inductive Venn-Abers prediction (Vovk, Petej, Fedorova 2015), p1 / (1 - p0 + p1), at a hundred quantiles."""

    def as_if(outcome: int, at: float) -> float:
        fitted = IsotonicRegression().fit(np.append(newest, at), np.append(happened, outcome))
        return float(fitted.predict([at])[0])

    grid = np.unique(np.quantile(later, np.linspace(0, 1, 100)))
    p0, p1 = (np.array([as_if(outcome, at) for at in grid]) for outcome in (0, 1))
    return log_odds(np.clip(np.interp(later, grid, p1 / (1 - p0 + p1)), SURE, 1 - SURE))


def beta(newest: Array, happened: Array, later: Array) -> Array:
    """The whole beta map."""
    return log_odds(fit_beta(sigmoid(newest), happened)(sigmoid(later)))


def half_beta(newest: Array, happened: Array, later: Array) -> Array:
    """What training does for regression."""
    return log_odds(fit_map(sigmoid(newest), happened, BetaMap(), 0.5)(sigmoid(later)))


def half_slopes(newest: Array, happened: Array, later: Array) -> Array:
    """The same, at the level without it."""
    return half_beta(newest, happened, later) + level_to(
        half_beta(newest, happened, newest), float(sigmoid(newest).mean())
    )


def intercept(newest: Array, happened: Array, later: Array) -> Array:
    """The level alone."""
    return later + shift(newest, happened)


def partly(way: Way) -> Way:
    """Followed half-way."""
    return lambda newest, happened, later: (way(newest, happened, later) + later) / 2


WAYS: dict[str, Way] = {
    "none": lambda _newest, _happened, later: later,
    "half-way beta": half_beta,
    "beta": beta,
    "half of the slopes, level kept": half_slopes,
    "intercept": intercept,
    "intercept half-way": partly(intercept),
    "isotonic": isotonic,
    "isotonic half-way": partly(isotonic),
    "Venn-Abers": venn_abers,
    "Venn-Abers half-way": partly(venn_abers),
}


def before_and_after(ground: Ground, target: str, cache: Path) -> list[tuple[Array, Array, Array]]:
    """At each judged cut-off what a way is given: regression as the booster says it, orders as they are blended."""
    v, given = {"regression": REGRESSION, "ordered": CHOSEN}[target], []
    for cutoff, one, plain in zip(ground.judged, said_of(ground, v, cache), said_of(ground, BTYD, cache), strict=True):
        happened = ground.rows.at([cutoff - ground.period]).facts[target].to_numpy() > 0
        newest, later = one.newest, one.later
        if target == "ordered":
            blend = fit_blend(sigmoid(newest), plain.newest, happened, one.level, 0.3)
            newest = blend.logit(sigmoid(newest), plain.newest)
            later = blend.logit(sigmoid(later), plain.later)
        given.append((newest, happened, later))
    return given


def main() -> None:
    """Print a table a shop, each way against what training does."""
    data, cache, *names = sys.argv[1:]
    for ground in grounds(Path(data), Path(cache), names):
        made: list[dict] = []
        for target, usual in (("regression", "half-way beta"), ("ordered", "none")):
            given = before_and_after(ground, target, Path(cache))
            p = {name: sigmoid(np.concatenate([way(*one) for one in given])) for name, way in WAYS.items()}
            for name, said in p.items():
                made += row(ground, target, f"{target}: {name}", said, p[usual])
        print(told(made), flush=True)


if __name__ == "__main__":
    main()
