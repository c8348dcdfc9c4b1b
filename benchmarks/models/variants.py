"""Variants of the model: what is learnt from, how, and from which level."""

import hashlib
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.models import silence
from benchmarks.models.rows import Rows
from training.calibrate import levels
from training.calibrate import shift as shift_of
from training.config import OF_THE_TIME

YOUNG = (
    *("*_to_peak_*", "order_day_value_spread_*", "order_day_value_change_*", "order_day_value_slope_*"),
    *("gap_slope", "recent_to_mean_gap", "longest_gap", "silence_to_longest_gap", "weekday_concentration"),
    *("basket_change_*", "products_change_*", "categories_change_*", "repeated_*", "last_new_*"),
    *("days_since_*", "discount_share_[!2]*", "days_to_silence", "orders_to_hold"),
)
"""Features that came after the first models were compared, and the two that these comparisons brought."""


BASE = {
    "learning_rate": 0.03,
    "num_leaves": 8,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "lambda_l2": 10.0,
}
MOST_ROWS = 60_000

SILENCE = {
    **dict.fromkeys(("recency", "silence_in_cadences", "silence_to_limit", "silence_to_longest_gap"), 1),
    **dict.fromkeys(("days_to_silence", "days_to_next_expected"), -1),
}
"""Features that grow with silence, and those that fall."""


@dataclass(frozen=True)
class Variant:
    """How to fit a booster of something that happens or not.

    Attributes:
        target: column of the facts.
        leave_out: patterns of features not learnt from.
        btyd: MBG/NBD logits as columns.
        offset: where boosting starts: `none`, `level` (of the cut-off), `btyd`, `logistic`, either `+level`,
            `season btyd` or `season logistic`.
        booster: parameters that differ from the default.
        rounds: of boosting.
        half_life: weeks in which a cut-off's weight falls by half; 0 for equal weights.
        monotone: whether risk may not fall with silence.
        refit: whether the newest finished cut-off is fitted on too.
        apart: days between the cut-offs fitted on, and how many weeks they reach back.
        back: weeks.
        kind: `booster` or `logistic`.
    """

    target: str = "ordered"
    leave_out: tuple[str, ...] = (*OF_THE_TIME, *YOUNG)
    btyd: bool = False
    offset: str = "level"
    booster: dict = field(default_factory=dict)
    rounds: int = 200
    half_life: float = 0
    monotone: bool = False
    refit: bool = False
    apart: int = 7
    back: int = 52
    kind: str = "booster"

    @property
    def key(self) -> str:
        """Name of what is kept of it."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Said:
    """Log odds of the raw model: of the newest finished cut-off (or fitted rows), and of the judged one.

    Attributes:
        level: mean of the levels of the cut-offs fitted on; 0 where boosting started elsewhere.
    """

    newest: np.ndarray
    later: np.ndarray
    level: float


def fitted_cutoffs(every: np.ndarray, cutoff: int, period: int, v: Variant) -> tuple[list[int], list[int]]:
    """Cut-offs to fit on and to calibrate on, for a cut-off to be judged."""
    newest = cutoff - period
    last = newest if v.refit else newest - period
    fit = [c for c in every if c <= last and c > last - v.back * 7 and (last - c) % v.apart == 0]
    return fit or [int(every.min())], [newest]


def thin(rows: Rows, cutoffs: list[int]) -> Rows:
    """Every k-th cut-off so that there are not too many rows."""
    counts = rows.facts["cutoff"].value_counts()
    k = 1
    while sum(counts.get(c, 0) for c in cutoffs[::-1][::k]) > MOST_ROWS:
        k += 1
    return rows.at(cutoffs[::-1][::k])


def columns(rows: Rows, v: Variant, btyd: silence.Mbg, period: int) -> pd.DataFrame:
    """What the booster sees."""
    kept = [n for n in rows.features.columns if not any(fnmatchcase(n, p) for p in v.leave_out)]
    table = rows.features[kept].astype(np.float32)
    if v.btyd:
        table = pd.concat([table, btyd_columns(rows.facts, btyd, period)], axis=1)
    return table


def btyd_columns(facts: pd.DataFrame, btyd: silence.Mbg, period: int) -> pd.DataFrame:
    """MBG/NBD in columns."""
    x, last, age = silence.history(facts)
    return pd.DataFrame(
        {
            "btyd_logit": btyd.logit_to_order(x, last, age, period / 7),
            "btyd_logit_26w": btyd.logit_to_order(x, last, age, 26.0),
            "btyd_alive": btyd.logit_alive(x, last, age),
            "btyd_rate": btyd.log_rate_alive(x, age),
        }
    )


def rfm(facts: pd.DataFrame, btyd: silence.Mbg | None, period: int) -> np.ndarray:
    """Columns of the logistic baseline."""
    r, f, t = np.log1p(facts["recency"]), np.log(facts["order_days"]), np.log1p(facts["tenure"])
    columns = [r, f, t, r * f, t * f]
    if "order_day_value" in facts:
        columns.append(np.log1p(facts["order_day_value"].clip(lower=0).fillna(0)))
    if btyd is not None:
        x, last, age = silence.history(facts)
        columns += [btyd.logit_to_order(x, last, age, period / 7), btyd.logit_to_order(x, last, age, 26.0)]
    return np.column_stack(columns)


def logistic(fit: Rows, others: list[Rows], target: str, btyd: silence.Mbg | None, period: int) -> list[np.ndarray]:
    """Log odds of the logistic baseline."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(rfm(fit.facts, btyd, period), fit.facts[target])
    return [model.decision_function(rfm(rows.facts, btyd, period)) for rows in others]


def say(rows: Rows, cutoff: int, period: int, v: Variant) -> Said:
    """Fit a variant before a cut-off, and say what it says of it."""
    every = np.unique(rows.facts["cutoff"])
    cutoffs, newest = fitted_cutoffs(every, cutoff, period, v)
    fit, newest, later = thin(rows, cutoffs), rows.at(newest), rows.at([cutoff])
    btyd = silence.fit(*silence.history(newest.facts))
    if v.kind == "btyd":
        said = [btyd.logit_to_order(*silence.history(r.facts), period / 7) for r in (newest, later)]
        return Said(*said, 0.0)
    if v.kind.startswith("logistic"):
        stacked = fit if v.refit else rows.at(sorted({*fit.facts["cutoff"], *newest.facts["cutoff"]}))
        return Said(*logistic(stacked, [newest, later], v.target, btyd if "btyd" in v.kind else None, period), 0.0)
    y = fit.facts[v.target].to_numpy(float)
    starts, level = _starts(fit, [fit, newest, later], v, btyd, period)
    weight = 0.5 ** ((cutoff - fit.facts["cutoff"]) / 7 / v.half_life) if v.half_life else None
    tables = [columns(r, v, btyd, period) for r in (fit, newest, later)]
    parameters = {
        "objective": "binary",
        **BASE,
        **v.booster,
        "bagging_freq": 1,
        "seed": 1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    if v.monotone:
        sign = -1 if v.target == "ordered" else 1
        parameters["monotone_constraints"] = [sign * SILENCE.get(n, 0) for n in tables[0].columns]
    data = lgb.Dataset(tables[0], y, weight=weight, init_score=starts[0])
    booster = lgb.train(parameters, data, v.rounds)
    raw = [booster.predict(t, raw_score=True) for t in tables[1:]]
    if starts[1] is not None:
        raw = [r + s for r, s in zip(raw, starts[1:], strict=True)]
    return Said(*raw, level)


def _starts(fit: Rows, others: list[Rows], v: Variant, btyd: silence.Mbg, period: int) -> tuple[list, float]:
    """Where boosting starts on each of the rows; the level of the fitted ones is theirs alone."""
    y = fit.facts[v.target].to_numpy(float)
    starts: list = [None, None, None]
    level = 0.0
    if v.offset.startswith("btyd"):
        starts = [btyd.logit_to_order(*silence.history(r.facts), period / 7) for r in others]
    elif v.offset.startswith("logistic"):
        starts = logistic(fit, others, v.target, btyd, period)
    elif v.offset.startswith("season"):
        base = btyd.logit_to_order(*silence.history(fit.facts), period / 7)
        if "logistic" in v.offset:
            base = logistic(fit, [fit], v.target, btyd, period)[0]
        shift, _ = _shifts(fit.facts["cutoff"].to_numpy(), y, base)
        mean = np.log(y.mean() / (1 - y.mean()))
        return [shift - shift.mean() + mean, np.full(len(others[1]), mean), np.full(len(others[2]), mean)], 0.0
    if v.offset == "level":
        first, level = levels(fit.facts["cutoff"].to_numpy(), y > 0)
        starts = [first, None, None]
    elif v.offset.endswith("+level"):
        shift = _shifts(fit.facts["cutoff"].to_numpy(), y, starts[0])
        starts = [starts[0] + shift[0], *starts[1:]]
        level = shift[1]
    return starts, level


def _shifts(cutoff: np.ndarray, y: np.ndarray, logit: np.ndarray) -> tuple[np.ndarray, float]:
    """Shift of each cut-off that makes the offset right on the whole there."""
    codes, place = np.unique(cutoff, return_inverse=True)
    shift = np.array([shift_of(logit[place == k], y[place == k] > 0) for k in range(len(codes))])
    return shift[place], float(shift.mean())
