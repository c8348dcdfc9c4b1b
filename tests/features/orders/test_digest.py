"""A digest is of the lines, not of how they are held or dealt out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.orders import OrderLog, digest

CDNOW_ROWS = 500


@pytest.fixture(scope="module")
def log(cdnow_orders: pd.DataFrame) -> OrderLog:
    return OrderLog.of(cdnow_orders.head(CDNOW_ROWS).assign(is_return=False))


@given(st.integers(1, CDNOW_ROWS + 3))
@settings(max_examples=20)
def test_a_log_has_the_digest_of_its_frame_wherever_it_is_cut(log: OrderLog, rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "_ROWS", rows)
        assert digest.digest(log) == digest.digest(log.frame())


@pytest.mark.parametrize("rows", [7, 100, 400])
def test_a_column_that_ends_early_counts_wherever_the_log_is_cut(log: OrderLog, rows: int) -> None:
    frame = log.frame().assign(product_id=pd.Series(["cd"] * 200, dtype="str").reindex(range(CDNOW_ROWS)))
    frame["amount"] = frame["amount"].where(frame.index >= 300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "_ROWS", rows)
        assert digest.digest(OrderLog.of(frame)) == digest.digest(OrderLog.of(frame).frame())


def test_it_changes_with_a_cell_and_not_with_the_order_of_the_rows(log: OrderLog) -> None:
    shuffled = log.rows(np.random.default_rng(0).permutation(CDNOW_ROWS))
    other = log.frame().assign(amount=lambda frame: frame["amount"].where(frame.index != 7, 1.25))
    assert digest.digest(shuffled) == digest.digest(log)
    assert digest.digest(other) != digest.digest(log)
    assert digest.digest(log.rows(np.arange(CDNOW_ROWS - 1))) != digest.digest(log)


def test_nothing_has_a_digest_too(log: OrderLog) -> None:
    nothing = log.rows(np.arange(0))
    assert digest.digest(nothing) == digest.digest(nothing.frame())
