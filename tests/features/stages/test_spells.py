"""Spells say at every tick what the stage machine says, and why each began."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spell_laws
from histories import REAL_SHOPS, bare_orders, later_orders, order_sets, some_spec, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.stages.fit import fit_spec
from features.stages.moves import Cause, Stage
from features.stages.spells import PLACES, Spells, stage_spells

some = settings(max_examples=40)


@given(order_sets(), st.sampled_from([7, 28]), st.sampled_from([1, 14]))
@some
def test_spells_agree_with_the_machine_at_every_tick(orders: pd.DataFrame, hold_days: int, shortest: int) -> None:
    spec = spec_for(orders, hold_days)
    spec = spec.model_copy(
        update={"constants": spec.constants.model_copy(update={"shortest_silence": shortest}), "silent_after": (9,) * 4}
    )
    history = History.of(orders)
    spells = stage_spells(history, spec, ticks(orders)[-1])
    spell_laws.agree(spells, history, spec, ticks(orders)[-1])
    spell_laws.meet(spells)
    spell_laws.reasoned(spells, history)


@given(order_sets(), st.data())
@some
def test_nothing_after_the_last_tick_matters(orders: pd.DataFrame, data: st.DataObject) -> None:
    until, spec = data.draw(st.sampled_from(ticks(orders))), spec_for(orders)
    later = pd.concat([orders, data.draw(later_orders(orders, until))], ignore_index=True)
    used = later[later["ordered_at"] < np.datetime64(until, "D")].astype(orders.dtypes)
    one, two = History.of(used), History.of(later)
    same(by_name(stage_spells(one, spec, until), one), by_name(stage_spells(two, spec, until), two))


@given(order_sets(), st.data())
@some
def test_counts_and_rows_at_a_tick(orders: pd.DataFrame, data: st.DataObject) -> None:
    history, spec, every = History.of(orders), spec_for(orders), ticks(orders)
    spells = stage_spells(history, spec, every[-1])
    asked = data.draw(st.lists(st.sampled_from(every), min_size=1))
    want = [np.bincount(spells.place[spells.at(tick)], minlength=len(PLACES)).tolist() for tick in asked]
    assert spells.counts(asked).tolist() == want
    assert spells.counts(asked).sum(axis=1).tolist() == [len(history.known(tick)) for tick in asked]
    assert spells.counts([every[0] - 7, every[-1] + 7]).sum() == 0


def test_stays_merge_sub_states_alone(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    spells = stage_spells(history, some_spec(), Clock().floor(history.last_day))
    stays = spells.stays()
    spell_laws.meet(stays)
    assert len(stays) < len(spells)
    assert (stays.end - stays.begin).sum() == (spells.end - spells.begin).sum()
    follows = stays.customer[1:] == stays.customer[:-1]
    assert (stays.stage[1:] != stays.stage[:-1])[follows].all()
    assert not np.isin(stays.cause, [Cause.LONG_SILENT, Cause.ORDERED_AGAIN]).any()
    assert set(spells.cause) == set(Cause) - {Cause.NONE}


def test_some_customers_and_none(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    until = Clock().floor(history.last_day)
    spells = stage_spells(history, some_spec(), until)
    few = np.array([7, 3, 3])
    same(stage_spells(history, some_spec(), until, few), spells.only(np.isin(spells.customer, few)))
    same(stage_spells(history, some_spec(), until + 6), spells)
    assert len(stage_spells(history, some_spec(), history.first_day)) == 0
    assert len(stage_spells(history, some_spec(), until, few[:0]).stays()) == 0


@pytest.mark.parametrize("wrong", ["gap", "stage", "open", "cause", "late"])
def test_a_planted_fault_is_noticed(cdnow_few: pd.DataFrame, wrong: str) -> None:
    history = History.of(cdnow_few)
    until = Clock().floor(history.last_day)
    spells = stage_spells(history, some_spec(), until)
    k = int(np.flatnonzero((spells.stage == Stage.REGRESSION) & spells.closed)[5])
    changed = {name: getattr(spells, name).copy() for name in ("end", "stage", "closed", "cause", "begin")}
    if wrong == "gap":
        changed["end"][k] -= 7
    elif wrong == "stage":
        changed["stage"][k] = Stage.STABLE
    elif wrong == "open":
        changed["closed"][k] = False
    elif wrong == "cause":
        changed["cause"][k] = Cause.RECOVERED
    else:
        changed["end"][k], changed["begin"][k + 1] = changed["end"][k] + 7, changed["begin"][k + 1] + 7
    with pytest.raises(AssertionError):
        everything(replace(spells, **changed), history, until)


def everything(spells: Spells, history: History, until: int) -> None:
    spell_laws.agree(spells, history, some_spec(), until)
    spell_laws.meet(spells)
    spell_laws.reasoned(spells, history)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hold_days"), REAL_SHOPS)
def test_real_shops(shared_data: Callable[[str], Path], name: str, hold_days: int) -> None:
    orders = bare_orders(shared_data(name))
    history, clock = History.of(orders), Clock()
    until = clock.floor(history.last_day)
    spec = fit_spec(history, until, hold_days, StageConfig(), clock)
    spells = stage_spells(history, spec, until)
    spell_laws.agree(spells, history, spec, until)
    spell_laws.meet(spells)
    spell_laws.reasoned(spells, history)


def by_name(spells: Spells, history: History) -> Spells:
    """The same spells with the customers' positions among those who have one."""
    return replace(spells, customer=np.unique(history.customers[spells.customer].astype(str), return_inverse=True)[1])


def same(one: Spells, two: Spells) -> None:
    for field in fields(Spells):
        assert getattr(one, field.name).tolist() == getattr(two, field.name).tolist(), field.name
