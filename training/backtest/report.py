"""The result of a backtest: who was better, by how much, at how many cut-offs; as tables and as words."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.clock import to_date
from training.backtest.plan import Plan
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND, Forecasts
from training.groups import everybody
from training.judge import headline
from training.ladder import MODEL
from training.rungs import gains
from training.scorecard import Scorecard
from training.validity.report import markdown

MAIN = {ORDER: "log_loss", REGRESSION: "log_loss", NEXT_STAGE: "log_loss", SPEND: "gini"}
"""The metric by which the best of the ladder is found, by target."""

_MOVES = "transition table"
_SPREAD = ("log_loss", "auroc", "calibration_error", "calibration_error_by_chance", "gini", "bias")
_GROWS = frozenset(("gini", "auroc", "auroc_within"))
"""Metrics of which more is better; of the others it is less."""


@dataclass(frozen=True)
class Backtest:
    """How a recipe did at several cut-offs, each forecast from its past alone.

    Attributes:
        plan: cut-offs and stage spec.
        forecasts: of model and ladder, all cut-offs together.
        card: how good they were.
    """

    plan: Plan
    forecasts: Forecasts
    card: Scorecard

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The model beside the best of the ladder over all cut-offs together, one row a target.

        Returns:
            `target`, `metric`, `stagecast` (the model's), `best` (name of the best baseline),
            `ladder` (its score), `difference` with the interval over customers from `low` to
            `high`, and at how many of the `cutoffs` the model was `better`.
        """
        rows = [self._beside_best(target, MAIN[target]) for target in self._targets()]
        return pd.DataFrame([row for row in rows if row is not None])

    @cached_property
    def better(self) -> pd.DataFrame:
        """At how many cut-offs the model was better than each baseline.

        Returns:
            `target`, `baseline`, `metric`, `better`, `cutoffs`.
        """
        return pd.DataFrame([row for target in self._targets() for row in self._wins(target, MAIN[target])])

    @property
    def calibration(self) -> dict[str, float]:
        """Mean over cut-offs of the model's expected calibration error, by target."""
        return self._mean_over_cutoffs("calibration_error")

    @property
    def calibration_by_chance(self) -> dict[str, float]:
        """What it would be of a model that is right, by target."""
        return self._mean_over_cutoffs("calibration_error_by_chance")

    def _mean_over_cutoffs(self, metric: str) -> dict[str, float]:
        spread = self.card.spread
        mine = spread[(spread["predictor"] == MODEL) & (spread["metric"] == metric)]
        return dict(zip(mine["target"], mine["mean"].astype(float), strict=True))

    @property
    def scores(self) -> pd.DataFrame:
        """Over all snapshots: one row a target and predictor, in the order of the ladder."""
        return everybody(self.card.scores)

    @property
    def differences(self) -> pd.DataFrame:
        """Over all snapshots: model less baseline with intervals, one row a target and baseline."""
        return everybody(self.card.differences)

    def headline(self) -> dict[str, float]:
        """The numbers that runs are compared by; finite ones only.

        `judge/TARGET_METRIC` and `gain/...` as in training; `backtest/TARGET_better` is the
        share of cut-offs at which the model was better than the best of the ladder,
        `backtest/TARGET_calibration_error` the mean over cut-offs.
        """
        named = headline(self.scores) | gains(self)
        for row in self.summary.to_dict("records"):
            named[f"backtest/{_word(row['target'])}_better"] = row["better"] / row["cutoffs"]
        named |= {f"backtest/{_word(target)}_calibration_error": error for target, error in self.calibration.items()}
        return {name: float(value) for name, value in named.items() if np.isfinite(value)}

    def lines(self) -> list[str]:
        """The result in plain words."""
        cutoffs = self.plan.cutoffs
        first, last, number = to_date(cutoffs[0]), to_date(cutoffs[-1]), len(cutoffs)
        head = f"Judged out of time at {number} cut-offs, {first} to {last}, {len(self.forecasts):,} snapshots:"
        said = [f"  {_sentence(row)}" for row in self.summary.to_dict("records")]
        chance = self.calibration_by_chance
        errors = ", ".join(
            f"{name} {error:.3f} ({chance[name]:.3f} by chance)" for name, error in self.calibration.items()
        )
        return [*self.plan.notes(), head, *said, f"  calibration error, mean over cut-offs: {errors}"]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the result, by name."""
        card = self.card
        return {
            "summary": self.summary,
            "ladder": self.scores,
            "differences": card.differences,
            "better": self.better,
            "by_group": card.scores,
            "by_standing": self.by_standing,
            "by_cutoff": _dated(card.by_cutoff),
            "spread": card.spread,
            "moves": card.moves,
            "reliability": card.reliability,
            "profits": card.profits,
        }

    def in_short(self) -> str:
        """What was found, as Markdown: for the page of a run."""
        dates = ", ".join(str(to_date(cutoff)) for cutoff in self.plan.cutoffs)
        period = f"Cut-offs: {dates}. Period: {self.plan.recipe.period_days} days."
        words = "\n".join(f"- {line.strip()}" for line in self.lines())
        return "\n\n".join([period, words, table_of(self.summary)])

    def to_markdown(self) -> str:
        """The report: what was found, then every table that a reader wants first."""
        parts = ["# Backtest", _HOW, self.in_short()]
        parts += [f"## {title}\n\n{table_of(table)}" for title, table in self._sections() if len(table)]
        return "\n\n".join(parts) + "\n"

    def _sections(self) -> Iterator[tuple[str, pd.DataFrame]]:
        course = _dated(self.card.by_cutoff)
        for target in self.forecasts.said:
            yield f"{_title(target)}: all snapshots", _of(self.scores, target)
            yield f"{_title(target)}: the model less each baseline", with_intervals(_of(self.differences, target))
            mine = course[course["predictor"] == MODEL].drop(columns="predictor")
            yield f"{_title(target)}: the model at each cut-off", _of(mine, target)
        yield "Where the outcome is open, by standing", self.by_standing
        yield "By move: the model beside the transition table", self._by_move()
        yield "Spread over cut-offs", self._spread()

    @cached_property
    def by_standing(self) -> pd.DataFrame:
        """The model beside the best baseline in each group, for outcomes that either happen or not."""
        scores = self.card.scores
        rows = []
        for (target, group), inside in scores[scores["target"].isin((ORDER, REGRESSION))].groupby(
            ["target", "group"], sort=False
        ):
            mine, best = _beside(inside, "log_loss")
            rows.append(
                {
                    "target": target,
                    "group": group,
                    "snapshots": mine["snapshots"],
                    "observed": mine["observed"],
                    "predicted": mine["predicted"],
                    "log loss": mine["log_loss"],
                    "best of the ladder": best["predictor"],
                    "its log loss": best["log_loss"],
                    "AUROC": mine["auroc"],
                    "best AUROC of the ladder": inside.loc[inside["predictor"] != MODEL, "auroc"].max(),
                }
            )
        return pd.DataFrame(rows)

    def _by_move(self) -> pd.DataFrame:
        """Each legal move as a yes or no among those who stand where it begins."""
        moves = self.card.moves
        mine, table = (moves[moves["predictor"] == name].drop(columns="predictor") for name in (MODEL, _MOVES))
        kept = table[["from", "to", "log_loss", "auroc"]]
        return mine.merge(kept, on=["from", "to"], how="left", suffixes=("", f", {_MOVES}"))

    def _spread(self) -> pd.DataFrame:
        """Mean and standard deviation over cut-offs, of each predictor's log loss and of what ranks."""
        shown = self.card.spread[self.card.spread["metric"].isin(_SPREAD)]
        cells = [f"{row.mean_:.4f} ± {row.std:.4f}" for row in shown.rename(columns={"mean": "mean_"}).itertuples()]
        wide = shown.assign(cell=cells).pivot(index=["target", "predictor"], columns="metric", values="cell")
        order = pd.MultiIndex.from_frame(shown[["target", "predictor"]].drop_duplicates())
        columns = [name for name in _SPREAD if name in wide]
        return wide.reindex(order)[columns].fillna("-").reset_index()

    def _targets(self) -> list[str]:
        return [target for target in MAIN if target in self.forecasts.said]

    def _beside_best(self, target: str, metric: str) -> dict[str, Any] | None:
        inside = self.scores[self.scores["target"] == target]
        if inside[metric].isna().all() or len(inside) < 2:
            return None
        mine, best = _beside(inside, metric)
        wins = self.better.set_index(["target", "baseline"]).loc[(target, best["predictor"])]
        return {
            "target": target,
            "metric": metric,
            MODEL: mine[metric],
            "best": best["predictor"],
            "ladder": best[metric],
            **self._difference(target, str(best["predictor"]), metric),
            "better": int(wins["better"]),
            "cutoffs": int(wins["cutoffs"]),
        }

    def _difference(self, target: str, baseline: str, metric: str) -> dict[str, float]:
        table = self.differences
        row = table[(table["target"] == target) & (table["baseline"] == baseline)].iloc[0]
        return {"difference": row[metric], "low": row[f"{metric}_low"], "high": row[f"{metric}_high"]}

    def _wins(self, target: str, metric: str) -> Iterator[dict[str, object]]:
        table = self.card.by_cutoff
        wide = table[table["target"] == target].pivot(index="cutoff", columns="predictor", values=metric)
        for name in self.forecasts.said[target]:
            if name == MODEL:
                continue
            gain = (wide[MODEL] - wide[name]) * (1 if metric in _GROWS else -1)
            counted = {"better": int((gain > 0).sum()), "cutoffs": int(gain.notna().sum())}
            yield {"target": target, "baseline": name, "metric": metric, **counted}


def _word(target: Hashable) -> str:
    """A target as part of a metric's name."""
    return str(target).replace(" ", "_")


def _beside(inside: pd.DataFrame, metric: str) -> tuple["pd.Series[Any]", "pd.Series[Any]"]:
    """The model's row and that of the best baseline."""
    mine, others = inside["predictor"] == MODEL, inside[inside["predictor"] != MODEL]
    order = others.sort_values(metric, ascending=metric not in _GROWS, kind="stable")
    return inside[mine].iloc[0], order.iloc[0]


def _sentence(row: dict[Hashable, Any]) -> str:
    name = "log loss" if row["metric"] == "log_loss" else "normalised Gini"
    share = f", {row['difference'] / row['ladder']:+.1%}" if row["ladder"] else ""
    return (
        f"{row['target']}: {name} {row[MODEL]:.4f}; best of the ladder ({row['best']}) {row['ladder']:.4f}; difference"
        f" {row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]{share};"
        f" better at {row['better']} of {row['cutoffs']} cut-offs"
    )


def _title(target: str) -> str:
    return target[:1].upper() + target[1:]


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(cutoff=[str(to_date(cutoff)) for cutoff in table["cutoff"]])


def _of(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """The rows of a target, without the columns that say nothing there."""
    return table[table["target"] == target].drop(columns="target").dropna(axis=1, how="all")


def with_intervals(differences: pd.DataFrame) -> pd.DataFrame:
    """Differences with their bounds in one cell each: -0.0043 [-0.0084, -0.0005]."""
    shown = differences.copy()
    for name in [column for column in differences if f"{column}_low" in differences]:
        rows = zip(*(differences[f"{name}{end}"] for end in ("", "_low", "_high")), strict=True)
        shown[name] = ["-" if np.isnan(one) else f"{one:+.4f} [{low:+.4f}, {high:+.4f}]" for one, low, high in rows]
        shown = shown.drop(columns=[f"{name}_low", f"{name}_high"])
    return shown


def table_of(table: pd.DataFrame) -> str:
    """A table of scores as Markdown."""
    return markdown(table, decimals=4)


_HOW = (
    "At each cut-off a model was fitted and calibrated on cut-offs whose label windows had ended, and judged on the "
    "period after it, beside baselines that saw the same past. Intervals are 95 % over customers, who are drawn with "
    "all their snapshots."
)
