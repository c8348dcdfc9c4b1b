"""Flows and stays counted from spells, against counting customer by customer."""

import numpy as np
import pandas as pd
import pytest
from histories import order_sets, some_spec, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Clock
from features.history import History
from features.stages.flows import flow, moves_between, open_moves, staying
from features.stages.moves import Stage
from features.stages.spells import PLACES, Spells, stage_spells


@given(order_sets(), st.data())
@settings(max_examples=30)
def test_a_flow_counts_customers(orders: pd.DataFrame, data: st.DataObject) -> None:
    every = ticks(orders)
    earlier, later = sorted(data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=2, unique=True)))
    spells = stage_spells(History.of(orders), spec_for(orders), every[-1])
    want = np.zeros((7, 6), dtype=int)
    for code in set(spells.customer[spells.at(later)]):
        mine = spells.only(spells.customer == code)
        origin = mine.place[mine.at(earlier)]
        want[origin[0] if len(origin) else 6, mine.place[mine.at(later)][0]] += 1
    assert flow(spells, earlier, later).tolist() == want.tolist()


def test_forbidden_moves_never_happen_from_period_to_period(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    until = Clock().floor(history.last_day)
    spells = stage_spells(history, some_spec(), until)
    every = list(range(Clock().after(history.first_day), until + 1, 28))
    counts = moves_between(spells, every)
    assert counts.sum() == sum(len(history.known(tick)) for tick in every[:-1])
    assert counts[~open_moves()].sum() == 0
    assert (counts[open_moves()] > 0).sum() > 15
    assert open_moves().sum() == 36 - 6
    assert moves_between(spells, every[:1]).sum() == 0


def test_a_planted_skip_is_seen(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    until = Clock().floor(history.last_day)
    spells = stage_spells(history, some_spec(), until)
    spells.stage[np.flatnonzero(spells.stage == Stage.FORMATIVE)] = Stage.STABLE
    counts = moves_between(spells, list(range(Clock().after(history.first_day), until + 1, 28)))
    assert counts[~open_moves()].sum() > 0


def some_stays(weeks: list[int], closed: list[bool]) -> Spells:
    """Stays in examination of so many weeks, one a customer; an open one is seen up to a week before its end."""
    size, zeros = len(weeks), np.zeros(len(weeks), dtype=np.int8)
    ends = 7 * np.asarray(weeks, dtype=np.int64)
    return Spells(np.arange(size), zeros, zeros, ends * 0, ends, np.asarray(closed), zeros + 1)


def test_staying_is_kaplan_meier_with_greenwoods_interval() -> None:
    # twelve leave after 2 weeks, twelve after 4, and 36 were seen to stay for 4 (their open end is the tick after)
    curve = staying(some_stays([2] * 12 + [4] * 12 + [5] * 36, [True] * 24 + [False] * 36), Stage.EXAMINATION)
    assert curve.days.tolist() == [14, 28]
    assert curve.share.tolist() == pytest.approx([48 / 60, 36 / 60])
    # nobody was lost from sight before, so the interval is that of a plain share: Var log S = (1 - S) / (n S)
    spread = np.sqrt((1 - curve.share) / (60 * curve.share)) / np.abs(np.log(curve.share))
    assert curve.low.tolist() == pytest.approx((curve.share ** np.exp(1.959964 * spread)).tolist())
    assert curve.high.tolist() == pytest.approx((curve.share ** np.exp(-1.959964 * spread)).tolist())
    assert curve.stays == 60
    assert np.isnan(curve.median)
    gone = staying(some_stays([3] * 30, [True] * 30), Stage.EXAMINATION)
    assert (gone.share.tolist(), gone.low.tolist(), gone.high.tolist(), gone.median) == ([0.0], [0.0], [0.0], 21.0)


def test_nobody_stays_where_nobody_was() -> None:
    curve = staying(some_stays([2] * 12, [True] * 12), Stage.STABLE)
    assert (curve.stays, len(curve.days)) == (0, 0)
    assert np.isnan(curve.median)


def test_places_are_named_once() -> None:
    assert PLACES[:3] == ("examination", "formative", "stable")
    assert PLACES[3:] == ("regression, slipping", "regression, silent", "regression, lost")
