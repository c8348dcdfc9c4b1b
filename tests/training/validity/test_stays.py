"""Days in stage and pace, against curves worked out by hand and by loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.stages.machine import run_stages
from features.stages.moves import Stage
from features.stages.spells import Spells
from training.validity.judged import Judged
from training.validity.moves import forbidden, moves_table, would_skip
from training.validity.report import Validity
from training.validity.stays import Waits, restricted_mean, stay_lengths

E, F, S, R = (int(stage) for stage in Stage)


def spells(rows: list[tuple[int, int, int, int, int, bool]]) -> Spells:
    """Spells from rows of customer, stage, sub-state, begin, end, closed."""
    columns = np.array(rows).T
    customer, stage, sub_state, begin, end, closed = columns
    kinds = stage.astype(np.int8), sub_state.astype(np.int8)
    return Spells(customer, *kinds, begin, end, closed.astype(bool), np.zeros(len(rows), dtype=np.int8))


def test_stays_of_regression_are_whole_and_its_sub_states_apart() -> None:
    parts = [(E, 0, 0, 70, True), (R, 2, 70, 140, True), (R, 3, 140, 210, True), (R, 1, 210, 224, False)]
    made = spells([*((0, *part) for part in parts), (1, E, 0, 0, 21, False)])
    assert stay_lengths(made, "regression").days.tolist() == [154 - 7]
    assert stay_lengths(made, "silent").days.tolist() == [70]
    assert stay_lengths(made, "slipping").seen.tolist() == [False]
    examination = stay_lengths(made, "examination")
    assert (examination.days.tolist(), examination.seen.tolist()) == ([70, 14], [True, False])


def slow_mean(weeks: list[int], seen: list[bool], weights: list[int], limit: int) -> float:
    """Area under the Kaplan-Meier curve, with each row as often as it weighs."""
    rows = [(w, s) for w, s, times in zip(weeks, seen, weights, strict=True) for _ in range(times)]
    area, staying = 0.0, 1.0
    for week in range(limit):
        at_risk = sum(w >= week for w, _ in rows)
        left = sum(w == week and s for w, s in rows)
        staying *= 1 - left / at_risk if at_risk else 1
        area += staying
    return 7 * area


@given(
    st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 3)), min_size=1, max_size=25),
    st.integers(1, 10),
)
def test_restricted_mean(rows: list[tuple[int, bool, int]], limit: int) -> None:
    weeks, seen, weights = (list(column) for column in zip(*rows, strict=True))
    waits = Waits(np.arange(len(rows)), 7 * np.array(weeks), np.array(seen))
    got = restricted_mean(waits, np.array(weights, dtype=float), limit)
    if sum(weights):
        assert got == pytest.approx(slow_mean(weeks, seen, weights, limit))
    else:
        assert np.isnan(got)


def test_without_anyone_still_there_it_is_the_plain_mean() -> None:
    waits = Waits(np.arange(4), np.array([7, 14, 21, 70]), np.ones(4, dtype=bool))
    assert restricted_mean(waits, np.ones(4), 52) == pytest.approx(28)


def test_the_table_of_stays(judged: Judged, report: Validity) -> None:
    table = report.stays.set_index("group")
    made = judged.spells
    assert table.loc["slipping", "stays"] == (made.sub_state == 1).sum()
    assert table.loc["formative", "stays"] == (made.stage == F).sum()
    whole = made.stays()
    assert table.loc["regression", "stays"] == (whole.stage == R).sum()
    assert table.loc["stable", "still_there"] == ((whole.stage == S) & ~whole.closed).sum()
    shares = table[["stayed_4w", "stayed_13w", "stayed_26w", "stayed_52w"]].to_numpy()
    falling = np.diff(shares, axis=1)
    assert (falling[~np.isnan(falling)] <= 0).all()
    curve = report.survival[report.survival["group"] == "stable"]
    assert (np.diff(curve["still_there"]) <= 0).all()
    inside = curve[curve["weeks"] <= 13]
    assert table.loc["stable", "stayed_13w"] == pytest.approx(inside["still_there"].iloc[-1])


def test_pace(judged: Judged, report: Validity) -> None:
    table = report.pace.set_index("move")
    made, first = judged.spells, judged.history.first_order_day
    for stage, name in ((F, "first order to formative"), (S, "first order to stable")):
        begun = pd.DataFrame({"customer": made.customer, "begin": made.begin})[made.stage == stage]
        arrived = begun.groupby("customer")["begin"].min()
        weeks = (arrived - first[arrived.index]) / 7
        assert table.loc[name, "arrived"] == len(arrived)
        assert table.loc[name, "median_weeks"] == pytest.approx(weeks.median())
    regressed = made.stays().only(made.stays().stage == R)
    assert table.loc["regression to recovery", "arrived"] == regressed.closed.sum()
    firsts = pd.Series(regressed.closed).groupby(regressed.customer).first()
    assert table.loc["first regression to recovery", "customers"] == len(firsts)
    assert table.loc["first regression to recovery", "arrived"] == firsts.sum()


def test_moves(judged: Judged, report: Validity) -> None:
    table = report.moves
    assert table.groupby("now")["share"].sum().round(9).isin([0, 1]).all()
    skipped = table[table["now"].isin(["examination", "regression, lost"]) & (table["later"] == "stable")]
    assert not skipped["snapshots"].any()
    assert table["snapshots"].sum() == judged.around.finished(28).sum()
    assert len(moves_table(np.array([0, 2]), np.array([1, 5]))) == 36


def test_a_move_that_skips_is_found() -> None:
    now, later = np.array([0, 0, 1, 2, 4, 5, 3]), np.array([1, 2, 2, 4, 1, 2, 0])
    assert forbidden(now, later) == 2


def slow_skips(judged: Judged) -> int:
    """Entries into formative at which the other conditions of stable held, one at a time."""
    made, history, rules = judged.spells, judged.history, judged.span.spec.constants
    found = 0
    for customer, tick in zip(made.customer[made.stage == F], made.begin[made.stage == F], strict=True):
        state = run_stages(history, judged.span.spec, np.array([customer]), np.array([tick]))
        mine = (history.customer == customer) & (history.columns["order_day"] > 0) & (history.day < tick)
        settled = tick - history.day[mine].min() >= rules.settled_gaps * state.cadence[0]
        holds = state.level[0] >= rules.holds_up * state.peak[0]
        found += bool(mine.sum() >= rules.stable_days and settled and holds)
    return found


def test_some_would_have_skipped(judged: Judged, report: Validity) -> None:
    would, entries = would_skip(judged.history, judged.span.spec, judged.spells)
    assert entries == (judged.spells.stage == F).sum()
    assert 0 < would < entries
    assert would == slow_skips(judged)
    row = report.claims.set_index("claim").loc["no_skipping"]
    assert row["verdict"] == "holds"
    assert f"at {would:,} of {entries:,} entries" in row["why"]
