"""Baselines learn from the past alone, and say what their names promise."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from features.stages.moves import Stage, legal_moves
from training.baselines import simple
from training.baselines.btyd import fit_bgnbd
from training.ladder import BINARY, binary_ladder, spend_ladder, stage_ladder
from training.table import Table

RUNGS = [simple.base_rate, simple.by_stage, simple.recency_only, simple.logistic_rfm]


@pytest.fixture(scope="session")
def past(fitted_on: Table, calibrated_on: Table) -> Table:
    return fitted_on.stack(calibrated_on)


def turned(table: Table) -> Table:
    """The same snapshots, of which quite other things came next."""
    labels = table.labels
    other = {"next_stage": (labels.next_stage + 1) % 4, "ordered": ~labels.ordered, "spend": labels.spend * 7 + 1}
    assert set(other) == {field.name for field in fields(labels)}
    return replace(table, labels=replace(labels, **other))


def everything(past: Table, later: Table) -> dict[str, np.ndarray]:
    binary = {f"{target} {name}": p for target in BINARY for name, p in binary_ladder(target, past, later, 28).items()}
    return binary | stage_ladder(past, later) | spend_ladder(later, 28)


def test_what_came_after_the_later_snapshots_changes_nothing(past: Table, judged_on: Table) -> None:
    one, two = everything(past, judged_on), everything(past, turned(judged_on))

    assert len(one) == 4 + 5 + 2 + 1
    for name, p in one.items():
        np.testing.assert_array_equal(p, two[name], err_msg=name)


def test_what_came_after_the_past_does(past: Table, judged_on: Table) -> None:
    one, two = everything(past, judged_on), everything(turned(past), judged_on)
    same = {name for name, p in one.items() if np.array_equal(p, two[name])}

    assert same == {"order BG/NBD", "persistence", "spend of 26 weeks"}  # which need no outcomes


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("target", list(BINARY))
def test_probabilities_with_the_right_mean_on_the_past(rung: Callable, target: str, past: Table) -> None:
    p = rung(past, past, BINARY[target])

    assert p.shape == (len(past),)
    assert ((p > 0) & (p < 1)).all()
    assert p.mean() == pytest.approx(BINARY[target](past).mean(), abs=0.01)


def test_by_stage_is_the_share_among_those_who_stood_alike(past: Table) -> None:
    p = simple.by_stage(past, past, BINARY["order"])
    standing = pd.DataFrame({"stage": past.now.stage, "sub": past.now.sub_state, "ordered": past.labels.ordered})
    groups = standing.groupby(["stage", "sub"])["ordered"]
    shrunk = (groups.transform("sum") + standing["ordered"].mean()) / (groups.transform("size") + 1)

    assert groups.ngroups >= 5
    np.testing.assert_allclose(p, shrunk, rtol=1e-12)


def test_recency_alone_decides(past: Table, judged_on: Table) -> None:
    p = pd.Series(simple.recency_only(past, judged_on, BINARY["order"]))

    assert p.groupby(judged_on.facts["recency"].to_numpy()).nunique().max() == 1
    assert p.nunique() > 20


def test_logistic_rfm_is_a_logistic_regression_on_logs(past: Table, judged_on: Table) -> None:
    def logs(table: Table) -> np.ndarray:
        facts = table.facts
        r, f, t = np.log(1 + facts["recency"]), np.log(facts["order_days"]), np.log(1 + facts["tenure"])
        return np.column_stack([r, f, t, r * f, t * f, np.log(1 + facts["order_day_value"].clip(lower=0))])

    x = logs(past)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    outcome = BINARY["regression"]
    fitted = LogisticRegression(max_iter=2000).fit((x - mean) / spread, outcome(past))
    want = fitted.predict_proba((logs(judged_on) - mean) / spread)[:, 1]

    np.testing.assert_allclose(simple.logistic_rfm(past, judged_on, outcome), want, atol=1e-4)


def test_bgnbd_is_fitted_anew_at_each_cutoff(judged_on: Table) -> None:
    p = simple.bgnbd_to_order(judged_on, 28)
    for cutoff in np.unique(judged_on.snapshots.cutoff):
        rows = judged_on.snapshots.cutoff == cutoff
        facts = judged_on.facts[rows]
        given = [facts["order_days"] - 1, (facts["tenure"] - facts["recency"]) / 7, facts["tenure"] / 7]
        np.testing.assert_array_equal(p[rows], fit_bgnbd(*given).probability_to_order(*given, 4))


@pytest.mark.parametrize("name", ["persistence", "transition table"])
def test_stage_baselines_are_distributions(name: str, past: Table, judged_on: Table) -> None:
    p = stage_ladder(past, judged_on)[name]

    assert p.shape == (len(judged_on), 4)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)


def test_persistence_stays(past: Table, judged_on: Table) -> None:
    assert (simple.persistence(past, judged_on).argmax(axis=1) == judged_on.now.stage).all()


def test_the_transition_table_gives_nothing_to_illegal_moves(past: Table, judged_on: Table) -> None:
    p = simple.transition_table(past, judged_on)
    legal = legal_moves(judged_on.now.stage, judged_on.reached_formative)

    assert (p[~legal] == 0).all()
    assert (p[legal] > 0).all()


def test_the_transition_table_is_the_share_of_past_moves(past: Table, judged_on: Table) -> None:
    p = simple.transition_table(past, judged_on)
    stable, then = past.now.stage == Stage.STABLE, past.labels.next_stage
    counts = np.bincount(then[stable], minlength=4) + np.array([0, 0.5, 0.5, 0.5])

    rows = p[judged_on.now.stage == Stage.STABLE]
    assert len(rows) > 10
    np.testing.assert_allclose(rows, np.tile(counts / counts.sum(), (len(rows), 1)), rtol=1e-12)


def test_the_usual_spend_goes_on(judged_on: Table) -> None:
    expected = simple.usual_spend(judged_on, 28)

    np.testing.assert_allclose(expected, judged_on.features["net_spend_26w"] * 4 / 26, rtol=1e-12)
