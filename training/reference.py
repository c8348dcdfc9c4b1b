"""What later weeks are held against: the distributions of a training, and how much they moved within it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.clock import WEEK, to_date
from features.fixed import Floats, Ints
from features.model.ahead import YEAR
from features.model.forecast import Model
from features.model.reference import P_BINS, Distribution, Reference, count, distances, p_count
from training.table import Table

TENTHS = np.arange(1, 10) / 10
"""Bins are tenths of the customers, fewer where many share a value."""

SCORED = 3000
"""Rows of each cut-off whose probabilities are looked at, about."""


def reference_of(model: Model, tables: Sequence[Table], threads: int = 0) -> Reference:
    """The reference of a model.

    Args:
        model: its boosters say what each feature brings.
        tables: what it was fitted and calibrated on; the newest of all their cut-offs is the reference.
        threads: LightGBM's threads.
    """
    cutoff = np.concatenate([table.snapshots.cutoff for table in tables])
    cuts = _Cuts.of(cutoff)
    features = {
        name: _feature(np.concatenate([table.features[name].to_numpy() for table in tables]), cuts, gain)
        for name, gain in gains(model).items()
        if gain > 0
    }
    newest = to_date(int(cutoff.max())).isoformat()
    scores = _scores(model, tables, (cutoff, cuts), threads)
    return Reference(cutoff=newest, lags=cuts.lags, features=features, scores=scores)


def gains(model: Model) -> dict[str, float]:
    """What each feature of the contract brings: its share of LightGBM's gain, the mean over the model's parts."""
    boosters = [lgb.Booster(model_str=text) for text in model.boosters.values()]
    gained = np.column_stack([booster.feature_importance("gain") for booster in boosters])
    shares = (gained / np.maximum(gained.sum(axis=0), 1e-300)).mean(axis=1)
    return dict(zip(model.contract.features, shares.tolist(), strict=True))


@dataclass(frozen=True)
class _Cuts:
    """Rows of each cut-off, the newest first, and all pairs of cut-offs by the weeks between them.

    Attributes:
        rows: of each cut-off.
        pairs: places of the two cut-offs of each pair, shape (2, pairs).
        weeks: between them, shape (pairs,).
        lags: the different ones of these, ascending.
    """

    rows: list[Ints]
    pairs: tuple[Ints, Ints]
    weeks: Ints
    lags: tuple[int, ...]

    @classmethod
    def of(cls, cutoff: Ints) -> Self:
        """The cut-offs of some rows."""
        cutoffs = np.unique(cutoff)[::-1]
        later, earlier = np.triu_indices(len(cutoffs), 1)
        weeks = (cutoffs[later] - cutoffs[earlier]) // WEEK
        rows = [np.flatnonzero(cutoff == one) for one in cutoffs]
        return cls(rows, (later, earlier), weeks, tuple(np.unique(weeks).tolist()))

    def normal(self, counts: list[Ints]) -> Floats:
        """The largest distance between any two cut-offs up to so many weeks apart, at each of the lags."""
        table = np.array(counts)
        moved = distances(table[self.pairs[0]], table[self.pairs[1]])
        at_lag = [moved[self.weeks == lag].max() for lag in self.lags]
        return np.maximum.accumulate(at_lag) if at_lag else np.empty(0)


def _feature(values: Floats, cuts: _Cuts, gain: float) -> Distribution:
    newest = values[cuts.rows[0]]
    known = newest[np.isfinite(newest)]
    edges = np.unique(np.quantile(known, TENTHS, method="lower")) if len(known) else np.empty(0)
    edges = edges.astype(np.float64)
    counts = [count(values[rows], edges) for rows in cuts.rows]
    return _distribution(edges, counts[0], cuts.normal(counts), gain)


def _scores(model: Model, tables: Sequence[Table], at: tuple[Ints, _Cuts], threads: int) -> dict[str, Distribution]:
    """What the model says of some rows of each cut-off, in the season that it has learnt from that very week."""
    cutoff, cuts = at
    some = [rows[:: max(len(rows) // SCORED, 1)] for rows in cuts.rows]
    places = np.concatenate(some)
    features, then = _rows(tables, places), model.at(cutoff[places] + YEAR)
    said = {
        "p_regression": then.p_regression(features, threads),
        "p_order": then.p_order_within(features, model.contract.period_days, threads),
    }
    ends = np.cumsum([len(rows) for rows in some])[:-1]
    return {name: _probability(np.split(p, ends), cuts) for name, p in said.items()}


def _rows(tables: Sequence[Table], places: Ints) -> pd.DataFrame:
    """The features at some places of tables that follow one another, in the order of the places."""
    begins = np.cumsum([0, *(len(table) for table in tables)])
    of = np.searchsorted(begins, places, side="right") - 1
    parts = [table.features.iloc[places[of == k] - begins[k]] for k, table in enumerate(tables)]
    back = np.argsort(np.argsort(of, kind="stable"), kind="stable")
    rows: pd.DataFrame = pd.concat(parts, ignore_index=True).iloc[back]
    return rows


def _probability(p: list[Floats], cuts: _Cuts) -> Distribution:
    counts = [np.append(p_count(part), 0) for part in p]
    return _distribution(np.arange(1, P_BINS) / P_BINS, counts[0], cuts.normal(counts), 0.0)


def _distribution(edges: Floats, counts: Ints, normal: Floats, gain: float) -> Distribution:
    return Distribution(
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        normal=tuple(np.round(normal, 6).tolist()),
        gain=round(gain, 6),
    )
