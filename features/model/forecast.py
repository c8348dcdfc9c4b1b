"""From features to a forecast: the order, the stage with it and without it, the spend."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ConfigDict, Field

from features.config import Strict
from features.contract import FeatureContract
from features.errors import ModelError
from features.fixed import Floats, Ints
from features.model.ahead import YEAR, Ahead, Course, spend_if_any
from features.model.booster import Booster, read_booster
from features.model.calibration import BetaMap, Blend, probability
from features.model.columns import trained_columns
from features.model.horizon import Horizon
from features.model.money import Money
from features.model.next_stage import Outlook, moved
from features.model.onward import Onward, Seen
from features.model.reference import Reference
from features.model.season import Seasons
from features.model.waiting import Waiting
from features.stages.moves import STAGES, Stage
from features.stages.spec import StageSpec

REQUIRED_PARTS = ("regression", "otherwise", "order")
PARTS = (*REQUIRED_PARTS, "spend")

P_STAGES = tuple(f"p_{name}" for name in STAGES)
"""Columns of the distribution over stages, in the order of `Stage`."""

FORECAST = (
    *P_STAGES,
    *("p_order", "expected_spend", "expected_spend_low", "expected_spend_high"),
    *("expected_orders_52w", "expected_spend_52w", "expected_spend_52w_low", "expected_spend_52w_high"),
)
"""Columns of a forecast, named as in the score table."""

AS_OF = "as_of"
"""Parameter by which MLflow's pyfunc is told the cut-off."""


class Calibration(Strict):
    """What is fitted beside the boosters.

    Attributes:
        regression: map of the probability of regression of those who order.
        surprise: share of those without an order who come to stand elsewhere than the stage machine said.
        order: how the booster's probability of an order and that of `waiting` become one.
        waiting: MBG/NBD, fitted on the orders alone; None where the features it needs are not learnt from.
        onward: what comes after a period without an order; None where too little is known of that.
        money: what is known of spend beside the booster; None without money.
        seasons: of the past year; None where the log was too young.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    regression: BetaMap = BetaMap()
    surprise: float = Field(default=0.0, ge=0, le=1)
    order: Blend = Blend()
    waiting: Waiting | None = None
    onward: Onward | None = None
    money: Money | None = None
    seasons: Seasons | None = None


@dataclass(frozen=True)
class Forecast:
    """What is expected of each customer by the end of the next period, and of the next 52 weeks.

    Attributes:
        stages: probability of each stage, shape (n, 4), in the order of `Stage`.
        p_order: probability of an order, shape (n,).
        period: orders and spend in the period.
        year: orders and spend in 52 weeks.
        lost_by_regression: share of the spend of 52 weeks by which it would be
            higher if regression were ruled out, shape (n,); NaN where long
            windows were not looked at.
    """

    stages: Floats
    p_order: Floats
    period: Ahead
    year: Ahead
    lost_by_regression: Floats

    @property
    def expected_spend(self) -> Floats:
        """Expected net spend in the period, shape (n,); NaN without money."""
        return self.period.spend

    @property
    def p_regression(self) -> Floats:
        """Probability of regression: the last column of the distribution."""
        return self.stages[:, Stage.REGRESSION]

    @property
    def next_stage(self) -> npt.NDArray[np.intp]:
        """Most probable stage, shape (n,)."""
        return np.asarray(np.argmax(self.stages, axis=1), dtype=np.intp)


@dataclass(frozen=True)
class Model:
    """A trained model as data.

    Attributes:
        boosters: LightGBM's own text, by part: `order` (binary), and of those
            who order `regression` (binary), `otherwise` (the stage of those
            who do not regress, 3 classes) and, where there is money, `spend`.
        calibration: maps fitted on later cut-offs than the boosters.
        contract: what the model asks of the data.
        spec: the stage spec of its labels.
        typical: median of each feature in training that is ever known there.
        reference: what the world looked like in training.
        season: what the cut-off of the features adds to the log odds of an order in the period: one number, or one a
            row. Features do not say what day it is, so it is 0 until a cut-off is named: see `at`.
    """

    boosters: dict[str, str]
    calibration: Calibration
    contract: FeatureContract
    spec: StageSpec
    typical: dict[str, float] = field(default_factory=dict)
    reference: Reference = field(default_factory=Reference)
    season: Floats | float = 0.0

    def at(self, cutoff: Ints | int) -> "Model":
        """The same model, at the season of a cut-off (a day number), or of that of each row it will be asked about."""
        seasons = self.calibration.seasons
        return self if seasons is None else replace(self, season=seasons.at(cutoff))

    def raw(self, part: str, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Raw prediction of one booster; shape (n,), or (n, 3) for `otherwise`. Raises as `forecast` does."""
        return self._predict(part, trained_columns(features, self.contract), threads)

    def p_regression(self, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Probability of regression, shape (n,): that of the forecast. Raises as `forecast` does."""
        table = trained_columns(features, self.contract)
        happens = self._happens(probability(self._logit_order(table, threads) + self.season))
        return Outlook.of(table).regression(happens, self._if_ordered(table, threads))

    def p_regression_if_ordered(self, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Calibrated probability of regression of those who order, shape (n,). Raises as `forecast` does."""
        return self._if_ordered(trained_columns(features, self.contract), threads)

    def forecast(self, features: pd.DataFrame, threads: int = 0) -> Forecast:
        """Forecast of each snapshot.

        Args:
            features: one column a feature of the contract, in any order; those of
                `next_stage.STANDING` are among them. Other columns are left alone.
            threads: batches of rows at a time; 0 for one on each core.

        Raises:
            ModelError: a feature of the contract is missing, is there twice, or
                is not float64; or a stage is none.
        """
        table = trained_columns(features, self.contract)
        outlook, begun = Outlook.of(table), self._begun(table, threads)
        p_order = probability(begun.in_season)
        of_those_who_order = self._if_ordered(table, threads), self._predict("otherwise", table, threads)
        stages = outlook.stages(self._happens(p_order), *of_those_who_order)
        period, year = (self._ahead(begun, days) for days in (self.contract.period_days, YEAR))
        return Forecast(stages, p_order, period, year, self._lost(stages[:, Stage.REGRESSION]))

    def p_order_within(self, features: pd.DataFrame, days: int, threads: int = 0) -> Floats:
        """Probability of an order within any number of days, shape (n,): grows with the days, see `Horizon`.

        At the period it is the forecast's.

        Args:
            features: as in `forecast`.
            days: how long is waited, from the cut-off on.
            threads: as in `forecast`.

        Raises:
            ModelError: as `forecast`; or the model knows its own period alone.
        """
        return self.order_curve(features, [days], threads)[:, 0]

    def order_curve(self, features: pd.DataFrame, days: Sequence[int], threads: int = 0) -> Floats:
        """The same for several numbers of days, shape (n, k): 1 less it is the churn curve of each customer."""
        if min(days, default=0) < 1:
            raise ModelError(
                "a wait that is no length of time", got=min(days, default="none"), allowed="at least one day"
            )
        table = trained_columns(features, self.contract)
        period, logit = self.contract.period_days, self._logit_order(table, threads)
        said = probability(logit + self.season)
        if set(days) == {period}:
            return np.column_stack([said] * len(days))
        horizon = self._horizon(table, logit, max(days))
        return np.column_stack([said if d == period else probability(horizon.logit(d)) for d in days])

    def days_to_order(self, features: pd.DataFrame, share: float = 0.5, threads: int = 0) -> Floats:
        """Days within which an order comes with a probability of `share`: at one half, when the next is to be expected.

        Counted from the cut-off, so it does not go stale with the last order.

        Args:
            features: as in `forecast`.
            share: a probability.
            threads: as in `forecast`.

        Returns:
            Whole days, shape (n,); inf where the probability is not reached in a year.

        Raises:
            ModelError: as `p_order_within`; or the share is none.
        """
        if not 0 < share < 1:
            raise ModelError("a share that is no probability", got=share, allowed="0 < share < 1")
        table = trained_columns(features, self.contract)
        horizon = self._horizon(table, self._logit_order(table, threads), YEAR)
        return horizon.days(float(np.log(share) - np.log1p(-share)))

    def ahead(self, features: pd.DataFrame, days: int, threads: int = 0) -> Ahead:
        """Orders and net spend expected within any number of days from the period on, and the interval of spend.

        Args:
            features: as in `forecast`.
            days: how far is looked ahead, the period at least.
            threads: as in `forecast`.

        Raises:
            ModelError: as `forecast`; or fewer days than the period.
        """
        if days < self.contract.period_days:
            raise ModelError(
                "a model does not look into its period", got=f"{days} days", allowed=f">= {self.contract.period_days}"
            )
        return self._ahead(self._begun(trained_columns(features, self.contract), threads), days)

    def _happens(self, p_order: Floats) -> Floats:
        return moved(p_order, self.calibration.surprise)

    def _if_ordered(self, table: pd.DataFrame, threads: int) -> Floats:
        return self.calibration.regression(self._predict("regression", table, threads))

    def _p_within(self, table: pd.DataFrame, begun: "_Begun", days: int) -> Floats:
        within = days != self.contract.period_days
        return probability(self._horizon(table, begun.logit, days).logit(days) if within else begun.in_season)

    def _horizon(self, table: pd.DataFrame, logit: Floats, longest: int) -> Horizon:
        period, waiting = self.contract.period_days, self.calibration.waiting
        if waiting is None:
            raise ModelError(
                "this model knows the probability of an order in its own period alone",
                got=f"{longest} days",
                allowed=f"{period} days",
                remedy="let it learn from recency, tenure and order_days_ever, and train it anew",
            )
        return Horizon(logit, period, longest, Seen.of(table), waiting, self.calibration.onward, self.season)

    def _logit_order(self, table: pd.DataFrame, threads: int) -> Floats:
        """Log odds of an order in the period, without its season."""
        waiting = self.calibration.waiting
        z = waiting.logit_of(table, self.contract.period_days) if waiting else np.zeros(len(table))
        return self.calibration.order.logit(self._predict("order", table, threads), z)

    def _begun(self, table: pd.DataFrame, threads: int) -> "_Begun":
        logit, course = self._logit_order(table, threads), Course(self.calibration.waiting, table, self._period)
        spend = np.full(len(table), np.nan)
        if "spend" in self.boosters:
            spend = spend_if_any(self._predict("spend", table, threads), course, self.calibration.money)
        return _Begun(logit, logit + self.season, course, spend)

    def _ahead(self, begun: "_Begun", days: int) -> Ahead:
        """Of what is expected of the period, what is expected within so many days; its season stays in the period."""
        course, money, p = begun.course, self.calibration.money, probability(begun.logit)
        growth, more = course.growth(days), probability(begun.in_season) - p
        orders, spend = (p * each * growth + more * each for each in (course.if_any, begun.spend))
        low = high = np.full(len(spend), np.nan)
        if money and (spread := money.spread_of(days, self._period)):
            low, high = spread.interval(self._p_within(course.features, begun, days), spend)
        return Ahead(orders, spend, low, high)

    @property
    def _period(self) -> int:
        return self.contract.period_days

    def _lost(self, p_regression: Floats) -> Floats:
        money = self.calibration.money
        return money.year.lost(p_regression) if money and money.year else np.full(len(p_regression), np.nan)

    def _predict(self, part: str, table: pd.DataFrame, threads: int) -> Floats:
        if table.empty:
            return np.empty((0, 3) if part == "otherwise" else 0)
        return self._read[part].predict(table, threads)

    @cached_property
    def _read(self) -> dict[str, Booster]:
        found = {part: read_booster(text) for part, text in self.boosters.items()}
        for part, booster in found.items():
            if booster.features != self.contract.features:
                raise ModelError(
                    f"the part '{part}' of the model was trained on other features than its contract names",
                    got=f"{len(booster.features)} features",
                    allowed=f"the {len(self.contract.features)} of contract {self.contract.hash}, in its order",
                    remedy="this is a defect of the training that made it: train the model anew",
                )
        return found


@dataclass(frozen=True)
class _Begun:
    """What is said of orders and money in a period; arrays of shape (n,).

    Attributes:
        logit: log odds of an order, without the season.
        in_season: with it.
        course: how orders go on.
        spend: of who orders.
    """

    logit: Floats
    in_season: Floats
    course: Course
    spend: Floats
