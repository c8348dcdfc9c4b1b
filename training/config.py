"""Configuration of training."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from features.clock import Clock
from features.config import FeatureConfig, StageConfig, Strict
from training.tuning.config import TuningConfig

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]

OF_THE_TIME = ("year_*", "first_day_of_year_*", "shop_rate_*", "shop_change_*", "shop_newcomer_*")
"""In a log of a year or two a tree knows every cut-off by its season and its shop level, and learns these by heart."""


STAGE_PARTS = ("regression", "otherwise")
"""Parts of a model that together forecast the next stage."""


class BoosterConfig(Strict):
    """LightGBM's parameters, the same for every part of the model but for one.

    The parts that forecast the stage (`STAGE_PARTS`) see a share of features of
    their own: a stage has edges, and the few features that know them should be
    among those that a tree may choose from. Whether somebody orders has none.
    """

    rounds: int = Field(default=200, ge=1)
    learning_rate: float = Field(default=0.03, gt=0, le=1)
    num_leaves: int = Field(default=8, ge=2)
    min_data_in_leaf: int = Field(default=100, ge=1)
    feature_fraction: float = Field(default=0.4, gt=0, le=1)
    bagging_fraction: float = Field(default=0.875, gt=0, le=1)
    lambda_l2: float = Field(default=5.0, ge=0)
    stage_feature_fraction: float = Field(default=0.8, gt=0, le=1)

    def of(self, part: str) -> dict[str, float]:
        """What LightGBM is told for a part of the model, under its own names; all but the number of rounds."""
        said: dict[str, float] = self.model_dump(exclude={"rounds", "stage_feature_fraction"})
        return said | ({"feature_fraction": self.stage_feature_fraction} if part in STAGE_PARTS else {})


class Costs(Strict):
    """What a retention campaign costs and brings, in the money of the orders.

    The defaults are those of Verbraken, Verbeke, Baesens (2013), made for an
    operator of telephones: a shop should state its own.

    Attributes:
        value: profit that a customer brings who is kept: CLV.
        contact: cost of speaking to a customer at all: f.
        incentive: cost of the offer, for whoever takes it: d. Those who are
            kept take it, and so does everybody who would have stayed anyway.
        success: alpha and beta of the Beta distribution of the share of the
            customers about to leave whom the offer keeps: with 6 and 14, 30 %
            on average.
    """

    value: float = Field(default=200.0, gt=0, allow_inf_nan=False)
    contact: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    incentive: float = Field(default=10.0, ge=0, allow_inf_nan=False)
    success: tuple[Positive, Positive] = (6.0, 14.0)

    @model_validator(mode="after")
    def _worth_it(self) -> Self:
        if self.incentive >= self.value:
            raise ValueError("incentive must be smaller than value: nobody pays more for a customer than it brings")
        return self


class GradingConfig(Strict):
    """How published weeks are graded: a graded week is looked at again for so many weeks, since orders come late."""

    recheck_weeks: int = Field(default=26, ge=0)


class TrainingConfig(Strict):
    """How to train and judge.

    The newest `judge_cutoffs` finished cut-offs judge, the `calibrate_cutoffs`
    before them calibrate, each a period apart; the ticks of `fit_weeks` weeks
    before those fit, thinned out when there would be more than `fit_rows` rows.

    The calibration map of regression is followed half-way (`calibration_trust`),
    and the level of orders in the newest period for three tenths
    (`level_trust`): the level of a shop moves more from one period to the next
    than one cut-off can tell.
    With `refit` the boosters that ship are fitted once more, on every tick up
    to the newest finished cut-off; the calibration stays what it was found to
    be when they had not seen it. It doubles the time of fitting.
    With `customers` a model is made from about so many of them, drawn by their
    ids; without it from as many as make the rows that each part needs.
    Features that match `leave_out` are not learnt from: see `OF_THE_TIME`.
    `validity_resamples` are the draws behind a run's report on its stages; with
    0 there is none. `artifacts` is the folder or address of the models and
    pictures of a new `experiment`; by default they lie beside the database.
    `work` is the folder for orders that do not fit into memory while they are
    learnt from; by default the system's for temporary files.
    """

    period: str = "28d"
    fit_weeks: int = Field(default=52, ge=1)
    fit_rows: int = Field(default=300_000, ge=1000)
    calibrate_cutoffs: int = Field(default=1, ge=1)
    judge_cutoffs: int = Field(default=3, ge=1)
    min_history_weeks: int = Field(default=12, ge=1)
    fewest_customers: int = Field(default=100, ge=1)
    fewest_outcomes: int = Field(default=20, ge=1)
    calibration_trust: float = Field(default=0.5, ge=0, le=1)
    level_trust: float = Field(default=0.3, ge=0, le=1)
    refit: bool = True
    leave_out: tuple[str, ...] = OF_THE_TIME
    customers: int | None = Field(default=None, ge=1000)
    seed: int = Field(default=20260101, ge=0, lt=2**31)
    threads: int = Field(default=0, ge=0)
    resamples: int = Field(default=1000, ge=100)
    validity_resamples: int = Field(default=200, ge=0)
    booster: BoosterConfig = BoosterConfig()
    tuning: TuningConfig = TuningConfig()
    grading: GradingConfig = GradingConfig()
    profit: Costs = Costs()
    experiment: str = Field(default="stagecast", min_length=1)
    work: str | None = Field(default=None, min_length=1)
    artifacts: str | None = Field(default=None, min_length=1)
    model_name: str = Field(default="stagecast", pattern=r"^[^@/:]+$")


@dataclass(frozen=True)
class Recipe:
    """How to train: the parts of the configuration that training uses."""

    clock: Clock
    stages: StageConfig
    features: FeatureConfig
    training: TrainingConfig
    period_days: int
