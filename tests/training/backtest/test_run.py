"""Forecasts of every cut-off: from the past alone, kept, taken up again, and shared by processes."""

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import DataError, StagecastError
from features.history import History
from training.backtest import run
from training.backtest.judged import in_common
from training.backtest.plan import Plan, plan
from training.backtest.run import forecast, forecast_all
from training.backtest.shelf import Shelf
from training.config import Recipe
from training.forecasts import Forecasts
from training.sampling import share_at


def same(one: Forecasts, two: Forecasts) -> None:
    pd.testing.assert_frame_equal(one.frame(), two.frame(), check_exact=True)


def quiet(_: str) -> None:
    pass


@pytest.fixture
def counted(forecasts: list[Forecasts], planned: Plan, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cut-offs that are fitted from here on; no fit takes time."""
    ready = dict(zip(planned.cutoffs, forecasts, strict=True))
    fitted: list[int] = []

    def instead(_plan: Plan, origin: run.Origin, _step: object) -> Forecasts:
        fitted.append(origin.cutoff)
        return ready[origin.cutoff]

    monkeypatch.setattr(run, "forecast", instead)
    return fitted


def test_every_cutoff_is_forecast_for_all_known_then(forecasts: list[Forecasts], planned: Plan) -> None:
    for found, cutoff in zip(forecasts, planned.cutoffs, strict=True):
        assert found.cutoffs == [cutoff]
        assert set(found.customer) == set(planned.history.known(cutoff))
        assert set(found.said) == {"order", "regression", "next stage", "spend"}


def test_orders_from_the_cutoff_on_change_no_forecast(
    orders: pd.DataFrame, forecasts: list[Forecasts], planned: Plan
) -> None:
    origin, before = planned.origins[0], forecasts[0]
    start = np.datetime64(origin.cutoff, "D")
    past = orders[orders["ordered_at"] < start]
    ids = past["customer_id"].unique()
    other = past[:300].assign(ordered_at=start + np.timedelta64(3, "D"), amount=999.0, customer_id=list(ids[:150]) * 2)
    changed = replace(planned, history=History.of(pd.concat([past, other], ignore_index=True)))
    after = forecast(changed, origin, quiet)

    names = planned.history.customers[before.customer]
    assert list(changed.history.customers[after.customer]) == list(names)
    for target, said in before.said.items():
        for name, p in said.items():
            assert np.array_equal(p, after.said[target][name]), (target, name)
    assert not np.array_equal(before.ordered, after.ordered)


@pytest.mark.slow
def test_a_column_that_nobody_had_filled_in_yet_is_not_learnt_from(
    orders: pd.DataFrame, planned: Plan, recipe: Recipe, as_of: int
) -> None:
    origin = planned.origins[0]
    late = pd.Timestamp(np.datetime64(origin.cutoff, "D")) + pd.Timedelta(days=3)
    money = orders.assign(amount=orders["amount"].where(orders["ordered_at"] >= late))
    never = orders[["customer_id", "ordered_at", "product_id", "quantity", "unit_price", "is_return"]]
    one, two = (forecast(plan(History.of(t), as_of, 3, recipe), origin, quiet) for t in (money, never))

    assert "spend" not in one.said
    same(one, replace(two, spend=one.spend))


def test_what_was_kept_is_what_was_made(forecasts: list[Forecasts], planned: Plan, out: Path) -> None:
    shelf = planned.shelf(out)
    for found, cutoff in zip(forecasts, planned.cutoffs, strict=True):
        kept = shelf.read(cutoff)
        assert kept is not None
        same(kept, found)
        table = pd.read_parquet(shelf.path(cutoff))
        assert list(table["customer_id"]) == list(planned.history.customers[found.customer])
    assert '"rounds": 8' in (shelf.folder / "settings.json").read_text()


def test_progress_says_which_cutoff_is_worked_at(forecasts: list[Forecasts], planned: Plan, told: list[str]) -> None:
    assert len(forecasts) == 3
    assert told[0].startswith("cut-off 1 of 3, ")
    assert any(line.startswith("cut-off 3 of 3, ") and line.endswith("fit regression") for line in told)


def test_what_is_there_is_not_made_again(
    forecasts: list[Forecasts], planned: Plan, out: Path, counted: list[int]
) -> None:
    again = forecast_all(planned, planned.shelf(out), quiet)
    assert counted == []
    for one, two in zip(again, forecasts, strict=True):
        same(one, two)


@pytest.mark.parametrize("harm", ["gone", "empty", "cut short", "of another cut-off"])
def test_what_is_missing_or_damaged_is_made_again_alone(
    harm: str, planned: Plan, tmp_path: Path, counted: list[int]
) -> None:
    shelf = planned.shelf(tmp_path)
    forecast_all(planned, shelf, quiet)
    counted.clear()
    first, second, _ = planned.cutoffs
    path = shelf.path(second)
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut short": content[:-9]}.get(harm, shelf.path(first).read_bytes()))
    forecast_all(planned, shelf, quiet)
    assert counted == [second]
    assert path.read_bytes() == content


def test_changed_settings_do_not_take_up_old_forecasts(
    planned: Plan, tmp_path: Path, counted: list[int], changed: Callable[..., Recipe]
) -> None:
    forecast_all(planned, planned.shelf(tmp_path), quiet)
    other = replace(planned, recipe=changed(seed=2))
    forecast_all(other, other.shelf(tmp_path), quiet)
    assert counted == planned.cutoffs * 2
    same_forecasts = replace(planned, recipe=changed(threads=2, resamples=200, experiment="another"))
    forecast_all(same_forecasts, same_forecasts.shelf(tmp_path), quiet)
    assert counted == planned.cutoffs * 2


def test_two_at_once_share_the_cutoffs(
    planned: Plan, tmp_path: Path, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PAUSE", 0.01)
    at_work, instead = threading.Barrier(2, timeout=20), run.forecast
    met = threading.Event()

    def slowly(plan: Plan, origin: run.Origin, step: run.Step) -> Forecasts:
        if not met.is_set():
            at_work.wait()  # both are at a cut-off at the same time: at different ones
            met.set()
        return instead(plan, origin, step)

    monkeypatch.setattr(run, "forecast", slowly)
    found: list[list[Forecasts]] = []
    pair = [
        threading.Thread(target=lambda: found.append(forecast_all(planned, planned.shelf(tmp_path), quiet)))
        for _ in range(2)
    ]
    for one in pair:
        one.start()
    for one in pair:
        one.join(30)
    assert sorted(counted) == planned.cutoffs
    for one, two in zip(*found, strict=True):
        same(one, two)


def test_who_waits_says_so(planned: Plan, tmp_path: Path, counted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = planned.shelf(tmp_path)
    shelf.open("{}")
    said: list[str] = []
    with shelf.claim(planned.cutoffs[1]) as mine:
        assert mine
        waits = iter([None])

        def pause(_: float) -> None:
            if next(waits, "over") == "over":
                raise InterruptedError

        monkeypatch.setattr(run.time, "sleep", pause)
        with pytest.raises(InterruptedError):
            forecast_all(planned, shelf, said.append)
    assert [line for line in said if "wait" in line] == ["wait for another process, which is at the same cut-offs"]
    assert counted == [planned.cutoffs[0], planned.cutoffs[2]]


def test_of_a_large_shop_some_customers_are_judged_the_same_at_each_cutoff(
    planned: Plan, tmp_path: Path, counted: list[int], forecasts: list[Forecasts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "share_at", partial(share_at, rows=300))
    found = forecast_all(planned, planned.shelf(tmp_path), quiet)
    assert 200 < sum(map(len, found)) < 400
    drawn = set(found[-1].customer)
    for some, everyone in zip(found, forecasts, strict=True):
        assert set(some.customer) == drawn & set(everyone.customer)
    kept = planned.shelf(tmp_path).read(planned.cutoffs[0])
    assert kept is not None
    same(kept, forecasts[0])


def test_only_what_every_cutoff_has_is_judged(forecasts: list[Forecasts]) -> None:
    first, *others = forecasts
    less = {
        "order": {name: p for name, p in first.said["order"].items() if name != "recency"},
        "next stage": first.said["next stage"],
    }
    common = in_common([*others, replace(first, said=less)])
    assert [set(part.said) for part in common] == [{"order", "next stage"}] * 3
    assert all("recency" not in part.said["order"] for part in common)
    assert len(Forecasts.stack(common)) == sum(map(len, forecasts))


def test_too_few_outcomes_are_told_with_their_cutoff(planned: Plan, changed: Callable[..., Recipe]) -> None:
    strict = replace(planned, recipe=changed(fewest_outcomes=100_000))
    with pytest.raises(DataError) as refused:
        forecast(strict, planned.origins[0], quiet)
    assert str(refused.value).startswith("cut-off 2020-")
    assert "fewer --cutoffs" in str(refused.value)


def test_one_customer_is_too_few(orders: pd.DataFrame, as_of: int, recipe: Recipe) -> None:
    alone = orders[orders["customer_id"] == "client-0003"]
    stretched = pd.concat(
        [alone.assign(ordered_at=orders["ordered_at"].min()), alone.assign(ordered_at=orders["ordered_at"].max())]
    )
    with pytest.raises(DataError, match="too few customers"):
        plan(History.of(stretched), as_of, 3, recipe)


def test_more_cutoffs_than_there_are_give_a_note(history: History, as_of: int, recipe: Recipe, planned: Plan) -> None:
    everything = plan(history, as_of, 99, recipe)
    assert 3 < len(everything.origins) < 99
    assert everything.notes()[1].startswith(
        f"Note: 99 cut-offs were asked for; the log has room for {len(everything.origins)},"
    )
    assert len(planned.notes()) == 1


def test_the_spec_has_seen_nothing_that_calibrates_or_judges(planned: Plan) -> None:
    assert planned.spec.fitted_before == str(np.datetime64(planned.origins[0].past.calibrate[0], "D"))


def test_a_folder_that_cannot_be_written_is_told(planned: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "key", planned.history.customers)
    with pytest.raises(StagecastError, match="cannot be kept"):
        forecast_all(planned, shelf, quiet)


def test_the_names_of_the_facts_are_those_of_the_files(forecasts: list[Forecasts]) -> None:
    assert {field.name for field in fields(Forecasts)} - {"said"} <= set(forecasts[0].frame().columns)
