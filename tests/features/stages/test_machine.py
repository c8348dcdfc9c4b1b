"""The stage machine on histories short enough to follow by hand; days count from a Monday."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from histories import MONDAY, some_spec

from features.errors import DataError
from features.history import History
from features.past import Snapshots
from features.stages.machine import StageState, run_stages
from features.stages.moves import Stage, SubState

E, F, S, R = Stage
START = int(MONDAY.astype(int))


def orders(visits: Sequence[tuple[int, float]], scale: float = 1.0) -> pd.DataFrame:
    amounts = np.array([amount for _, amount in visits]) * scale
    days = [MONDAY + np.timedelta64(day, "D") for day, _ in visits]
    table = pd.DataFrame({"customer_id": "a", "ordered_at": np.array(days, dtype="datetime64[us]"), "amount": amounts})
    return table.assign(is_return=table["amount"] < 0)


def states(visits: Sequence[tuple[int, float]], weeks: int, scale: float = 1.0) -> StageState:
    history = History.of(orders(visits, scale))
    snapshots = Snapshots.of(history, [START + 7 * k for k in range(1, weeks + 1)])
    return run_stages(history, some_spec(), snapshots.customer, snapshots.cutoff)


def weekly(number: int, amount: float = 10.0, begin: int = 0) -> list[tuple[int, float]]:
    return [(begin + 7 * k, amount) for k in range(number)]


def test_one_order_is_examination_until_it_is_silent_and_then_lost() -> None:
    # silent beyond 84 days, lost beyond 168: a tick k lies 7 k days after the order
    found = states([(0, 10)], 30)
    assert found.stage.tolist() == [E] * 12 + [R] * 18
    assert found.sub_state.tolist() == [SubState.NONE] * 12 + [SubState.SILENT] * 12 + [SubState.LOST] * 6
    assert found.since[0] == START + 7
    assert set(found.since[12:]) == {START + 91}
    assert found.silence[11] == 1


def test_to_hold_counts_the_usual_orders_that_a_fall_off_is_away() -> None:
    # W = 2 P = 56 days: at tick 12 all eight weeks of it hold 10 each, L = M = 10; at t + 28 four of them are left,
    # and 0.35 M asks for 2.8, so 1.2 usual orders may be missing
    steady = states(weekly(12), 12)
    assert steady.level[-1] == steady.peak[-1] == 10
    assert steady.to_hold[-1] == pytest.approx(0.35 * 8 - 4)
    # after four silent weeks nothing will be left
    quiet = states(weekly(12), 16)
    assert quiet.to_hold[-1] == pytest.approx(0.35 * 8)
    # money does not count, orders do
    np.testing.assert_allclose(states(weekly(12), 16, scale=3.7).to_hold, quiet.to_hold, rtol=1e-5)
    # whoever gave everything back has neither a peak nor a usual order
    assert np.isnan(states([(0, 10), (1, -10)], 3).to_hold).all()


def test_if_silent_is_where_the_machine_stands_a_period_later_without_further_orders() -> None:
    rng = np.random.default_rng(3)
    parts = []
    for customer in range(30):
        days = np.cumsum(rng.integers(1, rng.integers(5, 60), 25))
        parts.append(orders([(int(day), float(rng.gamma(2, 10))) for day in days]).assign(customer_id=customer))
    table = pd.concat(parts, ignore_index=True).astype({"customer_id": str})
    period, seen = some_spec().hold_days, set()
    for cutoff in (START + 7 * week for week in (9, 20, 33, 50)):
        before = table[table["ordered_at"] < pd.Timestamp(cutoff, unit="D")]
        whole, cut = History.of(table), History.of(before)
        now, later = Snapshots.of(whole, [cutoff]), Snapshots.of(cut, [cutoff + period])
        found = run_stages(whole, some_spec(), now.customer, now.cutoff)
        np.testing.assert_array_equal(found.if_silent, run_stages(cut, some_spec(), later.customer, later.cutoff).stage)
        seen |= {*zip(found.stage.tolist(), found.if_silent.tolist(), strict=True)}
    assert {(F, R), (S, R), (R, R), (F, F), (S, S)} <= seen


def test_the_climb_takes_a_period_a_stage() -> None:
    found = states(weekly(20), 20)
    assert found.stage.tolist() == [E] * 4 + [F] * 4 + [S] * 12
    assert found.reached.tolist() == [E] * 4 + [F] * 4 + [S] * 12
    assert found.recoveries.max() == 0


def test_stable_takes_a_tenure_of_two_cadences() -> None:
    # weekly orders in a shop where nine weeks are usual: at day 35, G = exp((3 ln 63 + 4 ln 7) / 7) = 17.9 and
    # 2 G = 35.9, too long; at day 42, G = 16.0
    spec = some_spec(hold_days=7).model_copy(update={"typical_gap": (63.0,) * 4, "silent_after": (99.0,) * 4})
    history = History.of(orders(weekly(10)))
    found = run_stages(history, spec, np.zeros(8, dtype=np.int64), START + 7 * np.arange(1, 9))
    assert found.stage.tolist() == [E, F, F, F, F, S, S, S]


def test_a_regular_customer_has_its_own_cadence() -> None:
    found = states(weekly(40), 40)
    assert found.cadence[0] == 28
    assert found.cadence[-1] == 7
    assert found.level[-1] == pytest.approx(10)


def test_falling_off_while_still_buying_is_slipping() -> None:
    found = states(weekly(20) + weekly(20, 1.0, begin=140), 40)
    assert found.stage[19] == S
    assert R in found.stage[20:]
    assert found.sub_state[found.stage == R].tolist() == [SubState.SLIPPING] * (found.stage == R).sum()


def test_recovery_takes_an_order_and_two_steady_ticks_and_never_leads_to_stable() -> None:
    found = states(weekly(12) + weekly(12, begin=84 + 182), 60)
    back = np.flatnonzero((found.stage[1:] != R) & (found.stage[:-1] == R)) + 1
    assert found.stage[back].tolist() == [F]
    # the peak is 10 a week; orders from day 266 on make it 1.25 and 2.5 at the first two ticks (a fall-off still),
    # 3.75 at the tick of day 287 (steady), and the one after that is the second steady one: day 294
    assert found.since[back].tolist() == [START + 294]
    assert found.recoveries[back[0]] == 1
    assert found.recoveries[back[0] - 1] == 0
    assert found.stage[back[0] : back[0] + 4].tolist() == [F] * 4


def test_who_never_got_further_recovers_to_examination() -> None:
    one_day_apart = states([(0, 10), (140, 10)], 30)
    assert one_day_apart.stage[-1] == F  # two order-days by then
    cancelled = states([(0, 10), (140, 10), (140, -10)], 40)
    assert set(cancelled.stage[12:]) == {R}  # the second order never was


@pytest.mark.parametrize("scale", [1.0, 100.0, 0.01, 7.3, 1 / 3])
def test_a_tie_falls_the_same_way_in_every_currency(scale: float) -> None:
    # 20 a week for long, then exactly the 7 a week at which a level has fallen off
    visits = weekly(40, 20.0) + weekly(40, 7.0, begin=280)
    found = states(visits, 80, scale)
    assert found.level.max() == pytest.approx(20 * scale)
    assert found.level[-1] / found.level.max() == pytest.approx(0.35)
    assert found.stage.tolist() == states(visits, 80).stage.tolist()
    assert R in found.stage[40:]


def test_a_level_of_money_needs_money() -> None:
    history = History.of(orders([(0, 10)]).drop(columns="amount"))
    with pytest.raises(DataError, match="nothing to make 'net' from"):
        run_stages(history, some_spec("net"), np.array([0]), np.array([START + 7]))


def test_returns_alone_never_make_a_peak() -> None:
    found = states([(0, -50.0), (7, 10.0), (14, 10.0), (21, 1.0)], 8)
    assert (found.peak[:3] < 0).all()
    assert set(found.stage) <= {E, F}


def test_no_snapshots_no_states() -> None:
    history = History.of(orders([(0, 10)]))
    assert len(run_stages(history, some_spec(), np.empty(0, np.int64), np.empty(0, np.int64)).stage) == 0
