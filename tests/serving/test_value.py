"""Value: spend less what the goods and the serving cost."""

import numpy as np
import pandas as pd
import pytest

from features.errors import UsageError
from features.model.ahead import Ahead
from features.model.forecast import Forecast
from serving.value import Value, ValueConfig

FEATURES = pd.DataFrame({"service_sum_52w": [5.0, np.nan, 100.0]})


def forecast() -> Forecast:
    nothing = np.full(3, np.nan)
    year = Ahead(np.array([10.0, 2.0, 0.5]), np.array([1000.0, 100.0, 20.0]), nothing, nothing)
    period = Ahead(nothing, nothing, nothing, nothing)
    return Forecast(np.full((3, 4), 0.25), np.full(3, 0.5), period, year, np.array([0.1, 0.5, 2.0]))


def test_spend_is_value_where_nothing_else_is_said() -> None:
    value = Value.of(forecast(), FEATURES, ValueConfig())
    np.testing.assert_allclose(value.year, [1000, 100, 20])
    np.testing.assert_allclose(value.at_risk, [100, 50, 40])


def test_margin_and_costs() -> None:
    config = ValueConfig(margin=0.3, cost_per_order=8, cost_per_week=0.5, cost_feature="service_sum_52w")
    value = Value.of(forecast(), FEATURES, config)
    np.testing.assert_allclose(value.year, [300 - 80 - 26 - 5, 30 - 16 - 26, 6 - 4 - 26 - 100])
    np.testing.assert_allclose(value.at_risk, [0.1 * 220, 0.5 * 14, 2.0 * 2])


def test_who_costs_more_than_is_earned_has_nothing_at_risk() -> None:
    value = Value.of(forecast(), FEATURES, ValueConfig(margin=0.1, cost_per_order=15))
    assert value.year[1] < 0
    assert value.at_risk[1] == 0


def test_a_cost_that_is_no_feature_is_refused() -> None:
    with pytest.raises(UsageError, match="no feature of the model") as error:
        Value.of(forecast(), FEATURES, ValueConfig(cost_feature="calls_sum_52w"))
    assert "calls_sum_52w" in str(error.value.got)
