"""What MLflow's pyfunc loads our bundle with: the installed package, no code from the registry."""

from pathlib import Path

import pandas as pd

from features.model.bundle import bundle_digest, read_bundle
from features.model.forecast import Model
from features.stages.moves import STAGES


class StagecastModel:
    """The model behind `mlflow.pyfunc`: features in, forecast out."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:
        """Forecast of feature rows.

        Args:
            model_input: one column a feature of the contract, of its type or float64.
            params: none are known.

        Returns:
            `p_examination` ... `p_regression`, `p_order`, `expected_spend`, float64.
        """
        return forecast_frame(self.model, model_input)


def forecast_frame(model: Model, features: pd.DataFrame, threads: int = 0) -> pd.DataFrame:
    """Forecast of feature rows as a table with the columns of the score table."""
    forecast = model.forecast(features, threads)
    columns = {f"p_{name}": forecast.stages[:, k] for k, name in enumerate(STAGES)}
    return pd.DataFrame(
        columns | {"p_order": forecast.p_order, "expected_spend": forecast.expected_spend}, index=features.index
    )


def _load_pyfunc(path: str) -> StagecastModel:
    folder = Path(path)
    return StagecastModel(read_bundle(folder, bundle_digest(folder)))
