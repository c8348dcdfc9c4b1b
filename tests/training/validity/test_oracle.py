"""Each measure worked out again in pandas and SQL, from order lines and a stage for each week."""

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

from features.clock import stamps, to_date
from features.history import History
from features.past import Past, Snapshots
from features.stages.moves import Stage
from training.validity.amounts import STAGE_GROUPS
from training.validity.judged import Judged
from training.validity.measures import COMPARISONS, MEASURES

WEEK = pd.Timedelta(weeks=1)
MEASURE = {measure.name: measure for measure in (*MEASURES, *COMPARISONS)}
PLACE = {"examination": 0, "formative": 1, "stable": 2, "slipping": 3, "silent": 4, "lost": 5}


@pytest.fixture(scope="module")
def weekly(history: History, judged: Judged) -> pd.DataFrame:
    """Place of each customer at every tick to the end, from the machine."""
    first = int(history.first_order_day.min())
    ticks = [t for t in range(judged.span.ticks[0] % 7, judged.span.end + 1, 7) if t > first]
    snapshots = Snapshots.of(history, ticks)
    state = Past(history, snapshots, judged.span.spec).stages
    place = np.where(state.stage == Stage.REGRESSION, 2 + state.sub_state, state.stage)
    table = pd.DataFrame({"customer_id": history.customers[snapshots.customer], "tick": stamps(snapshots.cutoff)})
    return table.assign(place=place, stage=state.stage).astype({"tick": "datetime64[us]"})


@pytest.fixture(scope="module")
def days(orders: pd.DataFrame) -> pd.DataFrame:
    """One row a customer and day: gross, net, returned, and whether it is an order-day."""
    known = orders.assign(day=orders["ordered_at"].dt.floor("D"))
    known["gross"] = known["amount"].where(~known["is_return"], 0.0)
    known["returned"] = -known["amount"].where(known["is_return"], 0.0)
    table = known.groupby(["customer_id", "day"], as_index=False).agg(
        gross=("gross", "sum"), returned=("returned", "sum"), bought=("is_return", lambda kind: (~kind).any())
    )
    net = table["gross"] - table["returned"]
    undone = (table["returned"] > 0) & (table["gross"] > 0) & (net.abs() < 1e-9)
    return table.assign(net=net, order_day=(table["bought"] & ~undone).astype(float))


@pytest.fixture(scope="module")
def snapshots(weekly: pd.DataFrame, judged: Judged) -> pd.DataFrame:
    at = pd.to_datetime([to_date(tick) for tick in judged.span.ticks])
    return weekly[weekly["tick"].isin(at)].reset_index(drop=True)


def window(snapshots: pd.DataFrame, days: pd.DataFrame, column: str, weeks: tuple[float, float]) -> pd.Series:
    """Sum of a column from `weeks[0]` to `weeks[1]` weeks after each snapshot, in SQL."""
    asked = snapshots[["customer_id", "tick"]].assign(row=range(len(snapshots)))  # noqa: F841  # the query names it
    query = f"""
        select coalesce(sum(days.{column}), 0) as total from asked left join days
        on asked.customer_id = days.customer_id
        and days.day >= asked.tick + interval ({weeks[0] * 7}) day
        and days.day < asked.tick + interval ({weeks[1] * 7}) day
        group by asked.row order by asked.row"""
    return duckdb.sql(query).df()["total"].astype(float)


@pytest.fixture(scope="module")
def expect(
    snapshots: pd.DataFrame, days: pd.DataFrame, judged: Judged
) -> Callable[[pd.Series, pd.Series | float, float], dict[str, float]]:
    """Sum over sum of each group, of the snapshots whose window of so many weeks is finished."""
    end = pd.Timestamp(to_date(judged.span.end))

    def rates(top: pd.Series, bottom: pd.Series | float, ahead: float = 0) -> dict[str, float]:
        table = snapshots.assign(top=top, bottom=bottom)
        table = table[table["tick"] + ahead * WEEK <= end]
        found = {}
        for group, places in STAGE_GROUPS.items():
            part = table[table["place"].isin(places)]
            total = part["bottom"].sum()
            found[group] = part["top"].sum() / total if total > 0 else float("nan")
        return found

    return rates


def told(judged: Judged, name: str) -> dict[str, float]:
    made = MEASURE[name].make(judged)
    assert not isinstance(made, str)
    return {group: made.rate(group) for group in STAGE_GROUPS}


def test_the_shop_has_everybody(snapshots: pd.DataFrame, judged: Judged) -> None:
    assert set(snapshots["place"]) == set(PLACE.values())
    assert len(snapshots) == len(judged.snapshots)
    assert judged.place.tolist() == snapshots.sort_values(["customer_id", "tick"])["place"].tolist()


def test_rates_a_week(judged, expect, snapshots, days) -> None:
    for name, column in {"orders": "order_day", "spend": "net"}.items():
        recent, ahead = (window(snapshots, days, column, weeks) for weeks in ((-13, 0), (0, 13)))
        assert told(judged, f"{name}_recent") == pytest.approx(expect(recent, 13.0), nan_ok=True)
        assert told(judged, f"{name}_next") == pytest.approx(expect(ahead, 13.0, 13), nan_ok=True)


@pytest.mark.parametrize("weeks", [4, 13, 26])
def test_probabilities_to_order(weeks: int, judged, expect, snapshots, days) -> None:
    happened = (window(snapshots, days, "order_day", (0, weeks)) > 0).astype(float)
    assert told(judged, f"ordered_{weeks}w") == pytest.approx(expect(happened, 1.0, weeks), nan_ok=True)


def test_return_share_and_growth(judged, expect, snapshots, days) -> None:
    returned, gross, net, before = (
        window(snapshots, days, column, weeks)
        for column, weeks in [("returned", (-13, 0)), ("gross", (-13, 0)), ("net", (-13, 0)), ("net", (-26, -13))]
    )
    kept = gross > 0
    assert told(judged, "return_share") == pytest.approx(expect(returned * kept, gross * kept), nan_ok=True)
    first = days[days["order_day"] > 0].groupby("customer_id")["day"].min()
    old = (snapshots["tick"] - snapshots["customer_id"].map(first) >= 26 * WEEK).astype(float)
    wanted = expect(net * old, before * old)
    got = told(judged, "growth_recent")
    assert {group: rate for group, rate in got.items() if wanted[group] > 0} == pytest.approx(
        {group: rate for group, rate in wanted.items() if rate > 0}
    )


def test_levels_against_the_highest_ever_over_as_many_weeks(judged, expect, snapshots, days, weekly) -> None:
    keys = ["customer_id", "tick"]
    ordered = weekly[keys].sort_values(keys, ignore_index=True)
    level = window(ordered, days, "net", (-13, 0)) / 13
    highest = level.groupby(ordered["customer_id"]).cummax()
    peak = snapshots.merge(ordered.assign(peak=highest), on=keys)["peak"]
    after = window(snapshots, days, "net", (0, 13)) / 13
    share = (after / peak).where(peak > 0, 0.0)
    assert told(judged, "peak_held") == pytest.approx(expect(share.clip(0, 1), (peak > 0) * 1.0, 13), nan_ok=True)
    sums = expect(after * (peak > 0), peak.where(peak > 0, 0.0), 13)
    assert told(judged, "against_peak") == pytest.approx(sums, nan_ok=True)


@pytest.fixture(scope="module")
def placed(orders: pd.DataFrame, days: pd.DataFrame, weekly: pd.DataFrame, judged: Judged) -> pd.DataFrame:
    """Order-days of the judged part with the place at the Monday before, or examination where there is none."""
    begin, end = (pd.Timestamp(to_date(tick)) for tick in (judged.span.ticks[0], judged.span.end))
    known = days[(days["order_day"] > 0) & (days["day"] >= begin) & (days["day"] < end)]
    known = known.assign(tick=(known["day"] - pd.to_timedelta(known["day"].dt.day_of_week, unit="D")).astype("M8[us]"))
    known = known.merge(weekly[["customer_id", "tick", "place"]], on=["customer_id", "tick"], how="left")
    return known.assign(place=known["place"].fillna(0).astype(int))


def by_place(table: pd.DataFrame, top: str, bottom: str) -> dict[str, float]:
    parts = {group: table[table["place"].isin(places)] for group, places in STAGE_GROUPS.items()}
    return {group: part[top].sum() / part[bottom].sum() for group, part in parts.items()}


def test_order_value_by_the_stage_an_order_was_placed_in(judged: Judged, placed: pd.DataFrame) -> None:
    assert told(judged, "order_value") == pytest.approx(by_place(placed.assign(one=1.0), "gross", "one"))


def test_prices_against_the_usual_of_earlier_days(judged: Judged, placed: pd.DataFrame, orders: pd.DataFrame) -> None:
    lines = orders[~orders["is_return"]].assign(day=lambda table: table["ordered_at"].dt.floor("D"))
    daily = lines.groupby(["product_id", "day"])["unit_price"].agg(["sum", "count"])
    before = daily.groupby(level=0).cumsum() - daily
    usual = (before["sum"] / before["count"]).rename("usual").reset_index()
    lines = lines.merge(usual, on=["product_id", "day"]).dropna(subset=["usual"])
    log = np.log(lines["unit_price"] / lines["usual"]).clip(-np.log(10), np.log(10))
    lines = lines.assign(log=log, one=1.0).merge(placed[["customer_id", "day", "place"]], on=["customer_id", "day"])
    wanted = {group: np.exp(mean) for group, mean in by_place(lines, "log", "one").items()}
    assert told(judged, "relative_price") == pytest.approx(wanted, rel=1e-5)


def test_the_same_customer_in_stable_and_elsewhere(judged: Judged, placed: pd.DataFrame) -> None:
    own = placed.assign(stable=placed["place"] == 2).groupby(["customer_id", "stable"])["gross"].mean().unstack()
    own = own.dropna()
    narrowed = MEASURE["value_within"].make(judged).narrowed(("stable", "elsewhere"))
    assert len(own) > 30
    assert narrowed.customers.tolist() == [len(own)] * 2
    wanted = [own[True].mean(), own[False].mean()]
    assert narrowed.estimates(np.ones(len(judged.history.customers))).tolist() == pytest.approx(wanted)


def test_growth_after_entry(judged: Judged, weekly: pd.DataFrame, days: pd.DataFrame) -> None:
    begin, end = (pd.Timestamp(to_date(tick)) for tick in (judged.span.ticks[0], judged.span.end))
    table = weekly.sort_values(["customer_id", "tick"])
    same = table["customer_id"].eq(table["customer_id"].shift()) & table["stage"].eq(table["stage"].shift())
    entered = table[~same & (table["tick"] >= begin) & (table["tick"] + 24 * WEEK <= end)].reset_index(drop=True)
    first, second, third = (window(entered, days, "order_day", (k, k + 8)) for k in (0, 8, 16))
    kept = (third > 0) & (entered["stage"] == Stage.FORMATIVE)
    assert kept.sum() > 20
    wanted = second[kept].sum() / first[kept].sum()
    assert told(judged, "growth_orders")["formative"] == pytest.approx(wanted)


def test_stage_one_period_later(judged: Judged, snapshots: pd.DataFrame, weekly: pd.DataFrame, expect) -> None:
    later = weekly.assign(tick=weekly["tick"] - 4 * WEEK).rename(columns={"stage": "later"})
    keys = ["customer_id", "tick"]
    then = snapshots.merge(later[[*keys, "later"]], on=keys, how="left")["later"]
    wanted = expect((then == Stage.REGRESSION).astype(float), 1.0, 4)
    assert told(judged, "to_regression") == pytest.approx(wanted, nan_ok=True)


def test_value_by_length_of_the_life_cycle(judged: Judged, snapshots: pd.DataFrame, days: pd.DataFrame) -> None:
    bought = days[days["order_day"] > 0]
    mine = {name: part["day"] for name, part in bought.groupby("customer_id")}

    def life(row: pd.Series) -> pd.Timedelta:
        past = mine[row["customer_id"]][lambda day: day < row["tick"]]
        return past.max() - past.min()

    length = snapshots.apply(life, axis=1)
    spent = window(snapshots, days, "net", (-1000, 0))
    longer = length > length.median()
    narrowed = MEASURE["value_so_far"].make(judged).narrowed(("longer", "shorter"))
    got = narrowed.estimates(np.ones(len(judged.history.customers)))
    assert got.tolist() == pytest.approx([spent[longer].mean(), spent[~longer].mean()])
