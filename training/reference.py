"""What later weeks are held against: the distributions of a training, and how much they moved within it."""

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np

from features.clock import WEEK, to_date
from features.fixed import Floats, Ints
from features.model.forecast import Forecast, Model
from features.model.reference import P_BINS, Distribution, Reference, count, distance, p_count
from training.table import Table

TENTHS = np.arange(1, 10) / 10
"""Bins are tenths of the customers, fewer where many share a value."""


def reference_of(model: Model, tables: Sequence[Table], judged: tuple[Ints, Forecast]) -> Reference:
    """The reference of a model.

    Args:
        model: its boosters say what each feature brings.
        tables: what it was fitted and calibrated on; the newest of all their cut-offs is the reference.
        judged: cut-off of each snapshot that judged, and what was forecast of it. Boosters are surer
            of rows they have seen, so the probabilities must come from those that they had not.
    """
    cutoff = np.concatenate([table.snapshots.cutoff for table in tables])
    lags, parts = _parts(cutoff)
    shares = gains(model)
    features = {
        name: _feature(np.concatenate([table.features[name].to_numpy() for table in tables]), parts, gain)
        for name, gain in shares.items()
        if gain > 0
    }
    score_lags, score_parts = _parts(judged[0])
    said = {"p_regression": judged[1].p_regression, "p_order": judged[1].p_order}
    scores = {name: _probability(p, score_parts) for name, p in said.items()}
    return Reference(
        cutoff=_date(cutoff),
        lags=lags,
        features=features,
        scored=_date(judged[0]),
        score_lags=score_lags,
        scores=scores,
    )


def gains(model: Model) -> dict[str, float]:
    """What each feature of the contract brings: its share of LightGBM's gain, the mean over the model's parts."""
    boosters = [lgb.Booster(model_str=text) for text in model.boosters.values()]
    gained = np.column_stack([booster.feature_importance("gain") for booster in boosters])
    shares = (gained / np.maximum(gained.sum(axis=0), 1e-300)).mean(axis=1)
    return dict(zip(model.contract.features, shares.tolist(), strict=True))


def _date(cutoff: Ints) -> str:
    return to_date(int(cutoff.max())).isoformat()


def _parts(cutoff: Ints) -> tuple[tuple[int, ...], list[Ints]]:
    """Weeks from the newest cut-off back to each earlier one, and the rows of the newest and of those."""
    cutoffs = np.unique(cutoff)[::-1]
    lags = tuple(int(cutoffs[0] - earlier) // WEEK for earlier in cutoffs[1:])
    return lags, [np.flatnonzero(cutoff == one) for one in cutoffs]


def _feature(values: Floats, parts: list[Ints], gain: float) -> Distribution:
    newest = values[parts[0]]
    known = newest[np.isfinite(newest)]
    edges = np.unique(np.quantile(known, TENTHS, method="lower")) if len(known) else np.empty(0)
    edges = edges.astype(np.float64)
    return _distribution(edges, [count(values[part], edges) for part in parts], gain)


def _probability(p: Floats, parts: list[Ints]) -> Distribution:
    edges = np.arange(1, P_BINS) / P_BINS
    return _distribution(edges, [np.append(p_count(p[part]), 0) for part in parts], 0.0)


def _distribution(edges: Floats, counts: list[Ints], gain: float) -> Distribution:
    moved = np.maximum.accumulate([0.0, *(distance(counts[0], earlier) for earlier in counts[1:])])[1:]
    return Distribution(
        edges=tuple(edges.tolist()),
        counts=tuple(counts[0].tolist()),
        normal=tuple(np.round(moved, 6).tolist()),
        gain=round(gain, 6),
    )
