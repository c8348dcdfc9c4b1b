"""Batches put together: the room that columns have beforehand changes nothing."""

import numpy as np
import pandas as pd
import pytest

from features.config import ClockConfig, OrdersConfig
from features.orders import clean, clean_orders, pieces


def orders(lines: int) -> pd.DataFrame:
    """Prices come late and stop early, so that columns begin and end in other batches."""
    number = np.arange(lines)
    price = np.where((number >= lines // 3) & (number < 2 * lines // 3), number + 0.5, np.nan)
    return pd.DataFrame(
        {
            "customer_id": [f"c{one % 3}" for one in number],
            "ordered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(number, "h"),
            "amount": number - 1.0,
            "unit_price": price,
        }
    )


@pytest.mark.parametrize("room", [1, 7, 12, 1 << 10])
def test_a_log_does_not_depend_on_the_room_its_columns_had(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = orders(12)
    whole = clean_orders(raw, OrdersConfig(), ClockConfig()).orders
    monkeypatch.setattr(clean, "LINES", 2)
    monkeypatch.setattr(pieces, "ROOM", room)
    found = clean_orders(raw, OrdersConfig(), ClockConfig()).orders
    pd.testing.assert_frame_equal(found, whole)
    pd.testing.assert_series_equal(found["unit_price"], raw["unit_price"])
    assert found["amount"].tolist() == raw["amount"].tolist()
