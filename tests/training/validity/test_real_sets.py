"""On real orders: the laws, and a few numbers worked out again in SQL."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import stagecast
from features.clock import to_date
from features.history import History
from features.past import Past, Snapshots
from features.stages.moves import Stage
from training.log import Log
from training.validity.report import Validity
from training.validity.run import judge_stages
from training.validity.span import Settings, Span, new_span

pytestmark = pytest.mark.slow

PERIODS = {"online_retail_2": "28d", "cdnow": "28d", "completejourney": "14d", "btydplus_grocery": "28d"}
FEW = Settings(resamples=50, shuffles=2)


def look(path: Path, period: str) -> tuple[pd.DataFrame, History, Span]:
    """Orders, history and span of a set, at the first tick after its orders."""
    config = stagecast.Config().overridden("training", period=period)
    orders = stagecast.check(str(path), config).orders
    history = History.of(orders)
    end = config.the_clock.after(history.last_day)
    return orders, history, new_span(Log.of(history), end, (config.stages, config.period_days, config.the_clock))


@pytest.mark.parametrize("name", PERIODS)
def test_what_comes_after_the_cut_off_changes_nothing(shared_data: Callable[[str], Path], name: str) -> None:
    orders, history, span = look(shared_data(name), PERIODS[name])
    tick = span.ticks[-3]
    constants = (span.spec.constants, span.spec.hold_days, stagecast.Config().the_clock)
    cut = History.of(orders[orders["ordered_at"] < pd.Timestamp(to_date(tick))])
    one, other = (judge_stages(each, new_span(Log.of(each), tick, constants), FEW) for each in (history, cut))
    assert one.to_markdown() == other.to_markdown()


@pytest.mark.parametrize("name", PERIODS)
def test_rates_by_stage_agree_with_sql(shared_data: Callable[[str], Path], name: str) -> None:
    orders, history, span = look(shared_data(name), PERIODS[name])
    found = judge_stages(history, span, FEW).by_stage.set_index("group")
    wanted = in_sql(orders, places(history, span), span)
    for group, row in wanted.iterrows():
        assert found.loc[group, "ordered_13w"] == pytest.approx(row["ordered"])
        assert found.loc[group, "orders_next"] == pytest.approx(row["days"] / 13)
        if "net" in history.columns:
            assert found.loc[group, "spend_next"] == pytest.approx(row["net"] / 13)


@pytest.mark.parametrize("name", PERIODS)
def test_a_report_holds_together(shared_data: Callable[[str], Path], name: str) -> None:
    _, history, span = look(shared_data(name), PERIODS[name])
    found: Validity = judge_stages(history, span, FEW)
    groups = found.by_stage.set_index("group")
    assert groups.loc[["examination", "formative", "stable", "regression"], "snapshots"].sum() == len(
        Snapshots.of(history, span.ticks)
    )
    claims = found.claims.set_index("claim")
    for claim in ("orders_formative", "orders_stable", "orders_silent", "peak_kept", "fall_off"):
        assert claims.loc[claim, "verdict"] == "holds", claims.loc[claim].to_dict()
    known = claims.dropna(subset=["low"])
    assert ((known["low"] <= known["high"]) & known["effect"].notna()).all()
    assert found.tradeoff["false_13w"].between(0, 1).all()


def places(history: History, span: Span) -> pd.DataFrame:
    """Where each customer stands at each tick whose next 13 weeks are finished."""
    snapshots = Snapshots.of(history, [tick for tick in span.ticks if tick + 91 <= span.end])
    state = Past(history, snapshots, span.spec).stages
    stage = np.array([each.label for each in Stage])[state.stage]
    below = np.array(["", "slipping", "silent", "lost"])[state.sub_state]
    names = np.where(state.stage == Stage.REGRESSION, below, stage)
    at = pd.to_datetime([to_date(tick) for tick in snapshots.cutoff])
    return pd.DataFrame({"customer_id": history.customers[snapshots.customer], "at": at, "name": names})


def in_sql(orders: pd.DataFrame, stood: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Share that ordered, order-days and net spend of the next 13 weeks, straight from the order lines."""
    lines = orders.assign(amount=orders.get("amount", np.nan))  # noqa: F841  # the query names it
    end = to_date(span.end)
    query = f"""
        with days as (
            select customer_id, cast(ordered_at as date) as day, coalesce(sum(amount), 0) as net,
                coalesce(sum(amount) filter (not is_return), 0) as gross,
                bool_or(not is_return) as bought, bool_or(is_return) as returned
            from lines where ordered_at < '{end}' group by all),
        good as (select *, bought and not (returned and gross > 0 and abs(net) < 1e-7) as order_day from days),
        ahead as (
            select stood.name, stood.customer_id, stood.at, coalesce(sum(good.net), 0) as net,
                count(*) filter (good.order_day) as days
            from stood left join good on good.customer_id = stood.customer_id
                and good.day >= stood.at and good.day < stood.at + interval 91 day
            group by all)
        select name, avg(net) as net, avg(days) as days, avg(cast(days > 0 as int)) as ordered
        from ahead group by name"""
    return duckdb.sql(query).df().set_index("name")
