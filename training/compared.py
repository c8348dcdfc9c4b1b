"""Differences between forecasts, with intervals that all come from the same draws of customers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.fixed import Floats, Ints
from training.bootstrap import Clusters
from training.targets import COMPARISONS, Said

Place = tuple[str, str]
"""Target and group."""


@dataclass
class Means:
    """Sums and rows by cluster of customers: all that a mean of drawn customers needs.

    Attributes:
        clusters: who is drawn together.
        sums: of the values at a place, by predictor and metric; each of shape (clusters,).
        rows: snapshots that count at a place, by metric, which is "" where all of the group do.
    """

    clusters: Clusters
    sums: dict[tuple[Place, str, str], Floats] = field(default_factory=dict)
    rows: dict[tuple[Place, str], Floats] = field(default_factory=dict)

    def add(self, place: Place, predictor: str, said: Said, rows: Ints) -> None:
        """Take in what a predictor said at a place, on some rows."""
        for metric, values in said.values.items():
            counted = ~np.isnan(values)
            self.sums[place, predictor, metric] = self.clusters.sums(np.where(counted, values, 0.0), rows)
            key = place, "" if counted.all() else metric
            if key not in self.rows:
                self.rows[key] = self.clusters.sums(counted.astype(np.float64), rows)

    def differences(self, model: str) -> pd.DataFrame:
        """The model less every other predictor.

        Returns:
            `target`, `group`, `baseline`, and for each of `COMPARISONS` that
            the target has: the difference, and the bounds of its interval,
            `..._low` and `..._high`.
        """
        means = self._means()
        ladder = dict.fromkeys((place, predictor) for place, predictor, _ in self.sums)
        rows = []
        for place, baseline in ladder:
            if baseline != model and (place, model) in ladder:
                mine, theirs = ({m: means.get((place, who, m)) for m in _METRICS} for who in (model, baseline))
                rows.append({"target": place[0], "group": place[1], "baseline": baseline} | self._compare(mine, theirs))
        return pd.DataFrame(rows)

    def _compare(self, mine: dict[str, Floats | None], theirs: dict[str, Floats | None]) -> dict[str, object]:
        row: dict[str, object] = {}
        for name, (metric, compared) in COMPARISONS.items():
            a, b = mine[metric], theirs[metric]
            if a is not None and b is not None:
                values = compared(a, b)
                interval = self.clusters.resampling.interval(float(values[0]), values[1:])
                row |= {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
        return row

    def _means(self) -> dict[tuple[Place, str, str], Floats]:
        """The mean of all rows, then of every draw, shape (1 + draws,); by place, predictor and metric."""
        sums, rows = self._totals(self.sums.values()), self._totals(self.rows.values())
        of_rows = dict(zip(self.rows, rows, strict=True))
        means = {}
        for key, total in zip(self.sums, sums, strict=True):
            place, _, metric = key
            counted = of_rows.get((place, metric), of_rows.get((place, "")))
            with np.errstate(divide="ignore", invalid="ignore"):
                means[key] = total / counted
        return means

    def _totals(self, columns: Iterable[Floats]) -> Floats:
        matrix = np.column_stack(list(columns))
        return np.concatenate([matrix.sum(axis=0, keepdims=True), self.clusters.drawn(matrix)]).T


_METRICS = tuple(dict.fromkeys(metric for metric, _ in COMPARISONS.values()))
