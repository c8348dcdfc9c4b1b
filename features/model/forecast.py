"""From features to a forecast: the two-part stage distribution, the order, the spend."""

from dataclasses import dataclass, field
from functools import cached_property

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from features.config import Strict
from features.contract import FeatureContract
from features.errors import ModelError
from features.fixed import Floats
from features.model.calibration import BetaMap
from features.stages.moves import Stage, legal_moves, stage_distribution
from features.stages.spec import StageSpec


class Calibration(Strict):
    """What is fitted after the boosters: the maps of both probabilities, the scale of the spend."""

    regression: BetaMap = BetaMap()
    order: BetaMap = BetaMap()
    spend_scale: float = 1.0


@dataclass(frozen=True)
class Forecast:
    """What is expected of each customer by the end of the next period.

    Attributes:
        stages: probability of each stage, shape (n, 4), in the order of `Stage`.
        p_order: probability of an order, shape (n,).
        expected_spend: expected net spend, shape (n,); NaN without money.
    """

    stages: Floats
    p_order: Floats
    expected_spend: Floats

    @property
    def p_regression(self) -> Floats:
        """Probability of regression: the last column of the distribution."""
        return self.stages[:, 3]

    @property
    def next_stage(self) -> npt.NDArray[np.intp]:
        """Most probable stage, shape (n,)."""
        return self.stages.argmax(axis=1)


@dataclass(frozen=True)
class Model:
    """A trained model as data.

    Attributes:
        boosters: LightGBM's own text, by part: `regression` and `order`
            (binary), `otherwise` (the stage given no regression, 3 classes),
            and, where there is money, `spend` (net spend of those who order).
        calibration: maps fitted on later cut-offs than the boosters.
        contract: what the model asks of the data.
        spec: the stage spec of its labels.
        typical: median of each feature in training, NaN where always missing.
    """

    boosters: dict[str, str]
    calibration: Calibration
    contract: FeatureContract
    spec: StageSpec
    typical: dict[str, float] = field(default_factory=dict)

    def raw(self, part: str, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Raw prediction of one booster; shape (n,), or (n, 3) for `otherwise`."""
        if features.empty:
            return np.empty((0, 3) if part == "otherwise" else 0)
        loaded = self._loaded[part]
        return np.asarray(
            loaded.predict(self._columns(features), num_threads=threads, validate_features=True), dtype=np.float64
        )

    def p_regression(self, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Calibrated probability of regression, shape (n,)."""
        return self.calibration.regression(self.raw("regression", features, threads))

    def forecast(self, features: pd.DataFrame, threads: int = 0) -> Forecast:
        """Forecast of each snapshot.

        Args:
            features: one column a feature of the contract, in any order; the
                stage now is one of them.
            threads: LightGBM's threads; 0 is its default.

        Raises:
            ModelError: a feature of the contract is missing, or is not a number.
        """
        stage, highest = (features[name].to_numpy().astype(np.int8) for name in ("stage_code", "highest_stage"))
        legal = legal_moves(stage, highest >= Stage.FORMATIVE)
        stages = stage_distribution(
            self.p_regression(features, threads), self.raw("otherwise", features, threads), legal
        )
        p_order = self.calibration.order(self.raw("order", features, threads))
        spend = np.full(len(features), np.nan)
        if "spend" in self.boosters:
            spend = self.calibration.spend_scale * p_order * self.raw("spend", features, threads)
        return Forecast(stages, p_order, spend)

    @cached_property
    def _loaded(self) -> dict[str, lgb.Booster]:
        return {part: lgb.Booster(model_str=text) for part, text in self.boosters.items()}

    def _columns(self, features: pd.DataFrame) -> pd.DataFrame:
        """The contract's columns in its order: LightGBM maps columns by position, and dies of strings."""
        missing = [name for name in self.contract.features if name not in features.columns]
        if missing:
            raise ModelError(
                "features are missing that the model was trained on",
                got=f"{len(missing)} missing: {', '.join(missing[:8])}",
                allowed=f"all {len(self.contract.features)} features of contract {self.contract.hash}",
                remedy="build the features with the model's own contract",
            )
        table = features.loc[:, list(self.contract.features)]
        wrong = [name for name, dtype in table.dtypes.items() if dtype != np.float64]
        if wrong:
            raise ModelError(
                "features must be float64 numbers",
                got=f"{wrong[0]} is {table.dtypes[wrong[0]]}",
                allowed="float64",
                remedy="build the features with stagecast, or convert the column",
            )
        return table
