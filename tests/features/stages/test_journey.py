"""One customer's journey: the machine's numbers, and a true sentence for every move."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from histories import REAL_SHOPS, bare_orders, order_sets, some_spec, spec_for, ticks
from hypothesis import given, settings
from sentences import check

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.past import Past, Snapshots
from features.stages.fit import fit_spec
from features.stages.journey import Journey, customer_journey
from features.stages.moves import STAGES, SUB_STATES, Cause
from features.stages.reasons import amount
from features.stages.spec import StageSpec
from features.stages.spells import stage_spells

CAUSES = {cause.label: cause for cause in Cause}


@given(order_sets())
@settings(max_examples=40)
def test_random_journeys(orders: pd.DataFrame) -> None:
    history, spec, until = History.of(orders), spec_for(orders), ticks(orders)[-1]
    for code in history.known(until):
        holds(customer_journey(history, spec, int(code), until), history, spec, int(code))


def test_every_cause_has_a_true_sentence(cdnow_few: pd.DataFrame) -> None:
    for orders, spec in ((cdnow_few, some_spec()), (cdnow_few.drop(columns="amount"), some_spec("order_day_units"))):
        history = History.of(orders)
        until, met = Clock().floor(history.last_day), set()
        for code in history.known(until)[:40]:
            journey = customer_journey(history, spec, int(code), until)
            holds(journey, history, spec, int(code))
            met |= set(journey.moves["cause"])
        assert met == set(CAUSES) - {Cause.NONE.label}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hold_days"), REAL_SHOPS)
def test_real_shops(shared_data: Callable[[str], Path], name: str, hold_days: int) -> None:
    history, clock = History.of(bare_orders(shared_data(name))), Clock()
    until = clock.floor(history.last_day)
    spec = fit_spec(history, until, hold_days, StageConfig(), clock)
    for code in np.random.default_rng(4).choice(history.known(until), 150, replace=False):
        holds(customer_journey(history, spec, int(code), until), history, spec, int(code))


def holds(journey: Journey, history: History, spec: StageSpec, code: int) -> None:
    """The ticks are the machine's, the moves those of the spells, the sentences true."""
    until = int(journey.ticks["tick"].iloc[-1].to_datetime64().astype("datetime64[D]").astype(np.int64))
    weekly = journey.ticks["tick"].to_numpy().astype("datetime64[D]").astype(np.int64)
    past = Past(history, Snapshots(np.full(len(weekly), code), weekly), spec)
    state = past.stages
    for name in ("level", "peak", "cadence", "silence"):
        np.testing.assert_array_equal(journey.ticks[name], getattr(state, name), err_msg=name)
    assert journey.ticks["stage"].tolist() == np.asarray(STAGES)[state.stage].tolist()
    assert journey.ticks["sub_state"].tolist() == np.asarray(SUB_STATES)[state.sub_state].tolist()
    assert journey.ticks["order_days"].tolist() == past.exact("order_day").tolist()
    assert journey.ticks["orders"].tolist() == past.exact("orders", 7).tolist()
    if "spend" in journey.ticks:
        np.testing.assert_allclose(journey.ticks["spend"], past.total("net", 7), atol=1e-6)
    np.testing.assert_allclose(journey.ticks["silence_in_gaps"], past.recency / state.cadence)
    spells = stage_spells(history, spec, until, np.array([code]))
    assert [CAUSES[cause] for cause in journey.moves["cause"]] == spells.cause.tolist()
    assert (journey.moves["tick"].to_numpy().astype("datetime64[D]").astype(np.int64) == spells.begin).all()
    days = journey.orders.loc[journey.orders["order_day"], "day"]
    for move in journey.moves.itertuples():
        check(move, journey.ticks, days, spec)
    assert len(journey.lines()) > len(journey.moves)


def test_an_untrue_sentence_is_noticed(cdnow_few: pd.DataFrame) -> None:
    history, spec = History.of(cdnow_few), some_spec()
    until, noticed = Clock().floor(history.last_day), set()
    for code in history.known(until)[:30]:
        journey = customer_journey(history, spec, int(code), until)
        days = journey.orders.loc[journey.orders["order_day"], "day"]
        for k, move in enumerate(journey.moves.itertuples()):
            for number in set(re.findall(r"(?<![\d.-])\d+(?:\.\d+)?(?![\d.,-])", move.reason)):
                wrong = journey.moves.assign(
                    reason=re.sub(rf"(?<![\d.-]){number}(?![\d.-])", str(float(number) * 7 + 3), move.reason)
                )
                with pytest.raises((AssertionError, KeyError)):
                    check(next(wrong.iloc[k : k + 1].itertuples()), journey.ticks, days, spec)
                noticed.add(move.cause)
    assert len(noticed) >= 5


def test_it_is_told_in_lines(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    until = Clock().floor(history.last_day)
    lines = customer_journey(history, some_spec(), 3, until).lines()
    assert lines[0].startswith(f"Customer {history.customers[3]} at 1998-06-29: regression (lost), ")
    assert any("weeks without an order or a move" in line for line in lines)
    assert lines[lines.index("Moves:") + 1] == "  1997-01-27 examination: first order on 1997-01-23"


def test_numbers_have_four_digits() -> None:
    assert [amount(value) for value in (0.0, 1234567.8, 12.345, -3.0)] == ["0", "1,234,568", "12.35", "-3"]
