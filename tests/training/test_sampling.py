"""Some customers stand for all of a large shop, whoever else is in it."""

import numpy as np
import pandas as pd
import pytest

from features.history import History
from training.sampling import drawn, share_at, share_of, some_of


@pytest.fixture(scope="module")
def history(orders: pd.DataFrame) -> History:
    return History.of(orders)


def test_a_shop_that_is_small_enough_is_taken_whole(history: History, as_of: int) -> None:
    cutoffs = [as_of - 56, as_of - 28]
    known = sum(len(history.known(cutoff)) for cutoff in cutoffs)

    assert drawn(history.customers, share_at(history, cutoffs, known)) is None
    assert len(some_of(history, cutoffs, share_of(known, known))) == known


def test_customers_are_drawn_by_their_ids_alone_and_for_every_cutoff(history: History, as_of: int) -> None:
    cutoffs = [as_of - 56, as_of - 28]
    known = sum(len(history.known(cutoff)) for cutoff in cutoffs)
    others = history.only(np.arange(100, len(history.customers)))
    theirs_known = sum(len(others.known(cutoff)) for cutoff in cutoffs)
    kept = drawn(history.customers, share_of(known, known // 3))
    again = drawn(others.customers, share_at(others, cutoffs, theirs_known // 3))
    some = some_of(history, cutoffs, share_at(history, cutoffs, known // 3))

    assert kept is not None
    assert again is not None
    assert 0.2 < len(kept) / len(history.customers) < 0.5
    mine, theirs = set(history.customers[kept]) & set(others.customers), set(others.customers[again])
    assert mine <= theirs or theirs <= mine
    for cutoff in cutoffs:
        assert set(some.customer[some.cutoff == cutoff]) == set(kept) & set(history.known(cutoff))
