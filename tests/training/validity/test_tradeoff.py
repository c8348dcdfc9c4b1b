"""The sensitivity knob, against a slow search for every silence."""

import numpy as np
import pandas as pd
import pytest
from planted_shops import QUICK, ideal, shop, span_of

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.past import Past, Snapshots
from features.stages.fit import fit_spec
from training.log import Log
from training.validity.judged import Judged
from training.validity.report import Validity
from training.validity.run import judge_stages
from training.validity.span import Span, given_span
from training.validity.tradeoff import GRID, tradeoff


def slow_alarms(history: History, span: Span, quantile: float) -> list[tuple[int, int, int, float]]:
    """Customer, tick, last order-day and cadence of every first silent tick after one that was not."""
    constants = span.spec.constants.model_copy(update={"quantile": quantile})
    spec = fit_spec(history, span.ticks[0], 28, constants, Clock())
    found = []
    before: dict[int, bool] = {}
    for tick in range(Clock().after(history.first_day), span.end + 1, 7):
        snapshots = Snapshots.of(history, [tick])
        past = Past(history, snapshots, spec)
        silent = past.stages.sub_state >= 2
        for k, customer in enumerate(snapshots.customer.tolist()):
            if silent[k] and not before.get(customer, False) and tick >= span.ticks[0]:
                found.append((customer, tick, int(past.last_order_day[k]), float(past.stages.cadence[k])))
            before[customer] = bool(silent[k])
    return found


@pytest.mark.parametrize("quantile", [0.6, 0.9])
def test_alarms_delays_and_false_alarms(history: History, judged: Judged, report: Validity, quantile: float) -> None:
    row = report.tradeoff.set_index("quantile").loc[quantile]
    alarms = slow_alarms(history, judged.span, quantile)
    days = {c: np.sort(history.day[(history.customer == c) & (history.columns["order_day"] > 0)]) for c, *_ in alarms}
    assert row["alarms"] == len(alarms) > 20
    assert row["delay_days"] == np.median([tick - last for _, tick, last, _ in alarms])
    assert row["delay_cadences"] == pytest.approx(np.median([(tick - last) / g for _, tick, last, g in alarms]))
    for weeks in (13, 26):
        known = [(c, tick) for c, tick, *_ in alarms if tick + 7 * weeks <= judged.span.end]
        false = [bool(((days[c] >= tick) & (days[c] < tick + 7 * weeks)).any()) for c, tick in known]
        wanted = np.mean(false) if false else np.nan
        assert row[f"false_{weeks}w"] == pytest.approx(wanted, nan_ok=True)


@pytest.mark.slow
def test_departures_called_in_time() -> None:
    history = History.of(shop(ideal))
    span = span_of(history)
    q = span.spec.constants.quantile
    alarms = {(c, last): tick for c, tick, last, _ in slow_alarms(history, span, q)}
    last = pd.Series(history.day.astype(int)).groupby(history.customer).max()
    gone = [(c, day) for c, day in last.items() if day >= span.ticks[0] and day + 1 + 182 <= span.end]
    shares = set()
    for weeks in (3, 4, 5, 6, 13):
        row = tradeoff(history, span, called_within=weeks).set_index("quantile").loc[q]
        assert row["departed"] == len(gone) > 10
        in_time = [alarms.get((c, day), 10**6) <= day + 7 * weeks for c, day in gone]
        assert row["called"] == pytest.approx(np.mean(in_time))
        shares.add(row["called"])
    assert len(shares) > 1  # some alarm comes between two of these


def test_the_later_the_alarm_the_fewer(report: Validity) -> None:
    table = report.tradeoff
    own = StageConfig().quantile
    assert table["quantile"].tolist() == sorted({*GRID, own})
    assert table.loc[table["own"], "quantile"].tolist() == [own]
    assert table["alarms"].is_monotonic_decreasing
    assert table["delay_days"].is_monotonic_increasing


def test_a_spec_whose_own_orders_are_not_in_the_log_is_tried_on_those_before_the_first_tick(
    orders: pd.DataFrame,
) -> None:
    whole = History.of(orders)
    spec = fit_spec(whole, whole.first_day + 140, 28, StageConfig(quantile=0.77), Clock())
    old = spec.model_copy(update={"fitted_before": "2019-01-07"})
    span = given_span(Log.of(whole), Clock().after(whole.last_day), old)
    table = judge_stages(whole, span, QUICK).tradeoff
    assert table.loc[table["own"], "quantile"].tolist() == [0.77]
    assert table["delay_days"].drop(table.index[table["own"]]).is_monotonic_increasing
