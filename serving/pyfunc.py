"""What MLflow's pyfunc loads our bundle with: the installed package, no code from the registry."""

from pathlib import Path

import pandas as pd

from features.clock import Clock
from features.model.bundle import bundle_digest, read_bundle
from features.model.forecast import AS_OF, FORECAST, Forecast, Model


class StagecastModel:
    """The model behind `mlflow.pyfunc`: features in, forecast out."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:
        """Forecast of feature rows.

        Args:
            model_input: one column a feature of the contract, of its type or float64.
            params: `as_of`, the cut-off of all rows, YYYY-MM-DD. Features do not say what day it is: without it the
                season of a year ago is left out.

        Returns:
            The columns `FORECAST`, float64.

        Raises:
            UsageError: `as_of` is no tick of the model's clock.
        """
        model, as_of = self.model, str((params or {}).get(AS_OF) or "")
        if as_of:
            model = model.at(Clock(model.spec.week_starts).tick(as_of))
        return forecast_frame(model.forecast(model_input)).set_index(model_input.index)


def forecast_frame(forecast: Forecast) -> pd.DataFrame:
    """A forecast as a table with the columns `FORECAST`."""
    period, year = forecast.period, forecast.year
    amounts = (period.spend, period.low, period.high, year.orders, year.spend, year.low, year.high)
    columns = (*forecast.stages.T, forecast.p_order, *amounts)
    return pd.DataFrame(dict(zip(FORECAST, columns, strict=True)))


def _load_pyfunc(path: str) -> StagecastModel:
    folder = Path(path)
    return StagecastModel(read_bundle(folder, bundle_digest(folder)))
