"""What comes after a silent period: who is learnt from, and that the fit is the best there is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime
from scipy.special import expit

from features.model.onward import Onward, Seen
from features.model.waiting import Waiting
from training.onward import fit_onward
from training.table import Table
from training.train import Trained
from training.waiting import fit_waiting

PERIOD = 28


@pytest.fixture(scope="session")
def waiting(fitted_on: Table) -> Waiting:
    found = fit_waiting(fitted_on)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def onward(fitted_on: Table, calibrated_on: Table, waiting: Waiting) -> Onward:
    found = fit_onward((fitted_on, calibrated_on), waiting, PERIOD)
    assert found is not None
    return found


def silent(fitted_on: Table, calibrated_on: Table) -> tuple[Seen, np.ndarray]:
    """Those silent for a period or more at the cut-offs a period apart, and whether they ordered."""
    tables = fitted_on, calibrated_on
    rows = pd.concat([t.facts.assign(cutoff=t.snapshots.cutoff, ordered=t.labels.ordered) for t in tables])
    rows = rows[((rows["cutoff"].max() - rows["cutoff"]) % PERIOD == 0) & (rows["recency"] >= PERIOD)]
    facts = (rows[name].to_numpy(float) for name in ("recency", "tenure", "order_days", "order_day_value"))
    return Seen(*facts), rows["ordered"].to_numpy()


def test_no_other_slopes_are_likelier(onward: Onward, waiting: Waiting, fitted_on: Table, calibrated_on: Table) -> None:
    seen, ordered = silent(fitted_on, calibrated_on)
    x = seen.columns(seen.logit(waiting, PERIOD))

    def loss(theta: np.ndarray) -> float:
        p = expit(x[:, 0] + theta[0] + x @ theta[1:])
        held = (theta[1:] * x.std(axis=0) / 0.1) ** 2
        return float(-np.log(np.where(ordered, p, 1 - p)).sum() + held.sum() / 2)

    found = np.array([onward.level, *onward.slopes])
    units = np.array([1.0, *x.std(axis=0)])
    slope = approx_fprime(found, loss, 1e-6) / units
    assert np.abs(slope).max() < 0.05 * np.sqrt(len(x))
    assert loss(found) < loss(np.zeros(len(found))) - 0.1


def test_it_is_right_on_the_whole_for_those_it_is_fitted_on(
    onward: Onward, waiting: Waiting, fitted_on: Table, calibrated_on: Table
) -> None:
    seen, ordered = silent(fitted_on, calibrated_on)
    assert expit(onward.logit(seen, waiting, PERIOD)).mean() == pytest.approx(ordered.mean(), abs=1e-3)


def test_without_money_the_value_is_not_looked_at(fitted_on: Table, calibrated_on: Table, waiting: Waiting) -> None:
    poorer = [replace(t, features=t.features.drop(columns="order_day_value_ever")) for t in (fitted_on, calibrated_on)]
    found = fit_onward(tuple(poorer), waiting, PERIOD)

    assert found is not None
    assert len(found.slopes) == 6


def test_nothing_is_made_of_too_little(fitted_on: Table, calibrated_on: Table, waiting: Waiting) -> None:
    nobody = [
        replace(t, labels=replace(t.labels, ordered=np.zeros(len(t), dtype=bool))) for t in (fitted_on, calibrated_on)
    ]
    assert fit_onward(tuple(nobody), waiting, PERIOD) is None
    assert fit_onward((fitted_on, calibrated_on), None, PERIOD) is None


def test_a_trained_model_knows_when_the_next_order_is_due(trained: Trained, judged_on: Table) -> None:
    days = (7, 28, 56, 91, 364)
    curve = trained.model.order_curve(judged_on.features, days, threads=1)
    due = trained.model.days_to_order(judged_on.features, threads=1)

    assert trained.model.calibration.onward is not None
    np.testing.assert_array_equal(curve[:, 1], trained.model.forecast(judged_on.features, threads=1).p_order)
    np.testing.assert_array_equal(curve[:, 3], trained.model.p_order_within(judged_on.features, 91, threads=1))
    assert (np.diff(curve, axis=1) >= 0).all()
    for place, within in enumerate(days):
        np.testing.assert_array_equal(curve[:, place] >= 0.5, due <= within)
