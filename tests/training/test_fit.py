"""Fitting: what is refused, what is repeated byte for byte, and what the parts mean."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple, replace

import numpy as np
import pytest

from features.config import FeatureConfig
from features.errors import DataError
from features.model.calibration import BetaMap
from features.model.forecast import Model
from features.stages.moves import Stage
from training.config import STAGE_PARTS, BoosterConfig, TrainingConfig
from training.fit import fit_model, require_enough
from training.table import Table
from training.train import Trained

Fit = Callable[..., Model]


@pytest.fixture(scope="session")
def fit(trained: Trained, fitted_on: Table, calibrated_on: Table) -> Fit:
    """Fit on the session's tables, unless others are given, with some settings of [training] changed."""

    def with_settings(table: Table = fitted_on, later: Table = calibrated_on, **settings: object) -> Model:
        training = _SMALL.model_copy(update=settings)
        return fit_model(table, later, trained.model.spec, (FeatureConfig(), training), lambda _: None)

    return with_settings


_SMALL = TrainingConfig.model_validate(
    {"fewest_customers": 50, "threads": 1, "booster": {"rounds": 8, "learning_rate": 0.1, "min_data_in_leaf": 20}}
)


@pytest.fixture(scope="session")
def model(fit: Fit) -> Model:
    return fit()


def test_the_parts_that_forecast_the_stage_see_a_share_of_features_of_their_own(fit: Fit) -> None:
    said = {"rounds": 1, "num_leaves": 3, "feature_fraction": 0.5, "stage_feature_fraction": 0.7}
    texts = fit(booster=BoosterConfig.model_validate(said)).boosters

    for part, text in texts.items():
        assert f"[feature_fraction: {0.7 if part in STAGE_PARTS else 0.5}]" in text
        assert "[num_leaves: 3]" in text


def test_the_same_data_and_seed_give_the_same_text(fit: Fit, model: Model) -> None:
    again = fit()

    assert again.boosters == model.boosters
    assert again.calibration == model.calibration


def test_two_threads_give_the_same_text_but_for_their_number(fit: Fit, model: Model) -> None:
    def without_threads(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("[num_threads:")]

    two = fit(threads=2)
    assert {part: without_threads(text) for part, text in two.boosters.items()} == {
        part: without_threads(text) for part, text in model.boosters.items()
    }
    assert two.calibration == model.calibration


def test_another_seed_gives_another_text(fit: Fit, model: Model) -> None:
    assert fit(seed=1).boosters["order"] != model.boosters["order"]


def test_the_contract_lists_the_training_columns_in_order(model: Model, fitted_on: Table) -> None:
    assert list(model.contract.features) == list(fitted_on.features.columns)
    assert len(model.contract.features) > 60
    assert (model.contract.spec_hash, model.contract.period_days) == (model.spec.hash, 28)


def test_columns_in_another_order_are_forecast_alike(model: Model, judged_on: Table) -> None:
    usual = model.forecast(judged_on.features, threads=1)
    shuffled = model.forecast(judged_on.features.sample(frac=1, axis=1, random_state=3), threads=1)

    np.testing.assert_array_equal(usual.stages, shuffled.stages)
    np.testing.assert_array_equal(usual.p_order, shuffled.p_order)
    for one, other in ((usual.period, shuffled.period), (usual.year, shuffled.year)):
        np.testing.assert_array_equal(astuple(one), astuple(other))


def test_forecasts_mean_something(model: Model, judged_on: Table) -> None:
    p = model.raw("regression", judged_on.features, threads=1)
    forecast = model.forecast(judged_on.features, threads=1)
    labels = judged_on.labels

    assert ((p > 0) & (p < 1)).all()
    assert p[labels.regression].mean() > p[~labels.regression].mean() + 0.1
    assert forecast.p_order[labels.ordered].mean() > forecast.p_order[~labels.ordered].mean() + 0.05
    assert (forecast.expected_spend > 0).all()
    assert forecast.expected_spend.sum() == pytest.approx(labels.spend.sum(), rel=0.5)


def test_the_calibration_looks_at_the_later_table_alone(fit: Fit, model: Model, calibrated_on: Table) -> None:
    nobody = replace(
        calibrated_on.labels, ordered=calibrated_on.labels.ordered & (np.arange(len(calibrated_on)) % 9 == 0)
    )
    other = fit(later=replace(calibrated_on, labels=nobody))

    assert other.boosters == model.boosters
    assert other.calibration.surprise == model.calibration.surprise
    fewer, all_of_them = (m.forecast(calibrated_on.features, threads=1).p_order for m in (other, model))
    assert fewer.mean() < all_of_them.mean()


def test_no_trust_keeps_the_level_of_the_cutoffs_that_were_fitted_on(
    fit: Fit, fitted_on: Table, calibrated_on: Table
) -> None:
    none = calibrated_on.labels.ordered & (np.arange(len(calibrated_on)) % 9 == 0)
    fewer = replace(calibrated_on, labels=replace(calibrated_on.labels, ordered=none))
    with_all, with_few = (fit(later=t, level_trust=0.0, calibration_trust=0.0) for t in (calibrated_on, fewer))
    levels = [model.forecast(calibrated_on.features, threads=1).p_order.mean() for model in (with_all, with_few)]

    assert levels[0] == pytest.approx(levels[1], abs=1e-4)
    assert with_all.calibration.regression == BetaMap()


def test_a_model_that_may_not_learn_how_long_a_silence_is_stands_without_mbgnbd(
    fit: Fit, fitted_on: Table, calibrated_on: Table
) -> None:
    shorter = [replace(t, features=t.features.drop(columns="recency")) for t in (fitted_on, calibrated_on)]
    found = fit(*shorter)

    assert found.calibration.waiting is None
    assert found.calibration.order.v == 0


def test_the_longer_the_wait_the_likelier_an_order(model: Model, judged_on: Table) -> None:
    by_days = [model.p_order_within(judged_on.features, days, threads=1) for days in (7, 28, 91, 364)]

    np.testing.assert_array_equal(by_days[1], model.forecast(judged_on.features, threads=1).p_order)
    assert (np.diff(by_days, axis=0) >= 0).all()
    assert by_days[3].mean() > 1.5 * by_days[1].mean()


def test_boosters_learn_who_and_not_when(fit: Fit, fitted_on: Table) -> None:
    """A shop whose level jumps between cut-offs, and customers who are all alike: nothing is left to learn."""
    cutoff = fitted_on.snapshots.cutoff
    rank = np.random.default_rng(0).permutation(len(cutoff)) / len(cutoff)
    ordered = rank < np.where(cutoff < np.median(cutoff), 0.2, 0.8)
    labels = replace(fitted_on.labels, ordered=ordered, spend=np.where(ordered, 1.0, 0.0))
    model = fit(replace(fitted_on, labels=labels), booster=_SMALL.booster.model_copy(update={"rounds": 1}))
    raw = model.raw("order", fitted_on.features, threads=1)

    assert abs(raw[cutoff == cutoff.min()].mean() - raw[cutoff == cutoff.max()].mean()) < 0.01
    assert raw.mean() == pytest.approx(0.5, abs=0.01)


def test_typical_values_are_those_of_customers_who_have_not_regressed(model: Model, fitted_on: Table) -> None:
    well = fitted_on.now.stage != Stage.REGRESSION

    assert model.typical["recency"] == np.median(fitted_on.features["recency"][well])
    assert all(np.isfinite(value) for value in model.typical.values())


def test_a_label_of_nan_is_refused(fit: Fit, fitted_on: Table) -> None:
    spend = fitted_on.labels.spend.copy()
    spend[np.flatnonzero(fitted_on.labels.ordered)[:3]] = np.nan

    with pytest.raises(DataError, match=r"the labels of 'spend' hold NaN(.|\n)*got: 3 of"):
        fit(replace(fitted_on, labels=replace(fitted_on.labels, spend=spend)))


def test_too_few_customers_are_refused_with_their_number(fitted_on: Table) -> None:
    number = len(np.unique(fitted_on.snapshots.customer))
    require_enough(fitted_on, _SMALL.model_copy(update={"fewest_customers": number}))

    with pytest.raises(DataError, match=rf"too few customers(.|\n)*{number} customers(.|\n)*at least {number + 1}"):
        require_enough(fitted_on, _SMALL.model_copy(update={"fewest_customers": number + 1}))


@pytest.mark.parametrize("rare", [True, False], ids=["few yes", "few no"])
@pytest.mark.parametrize("name", ["order", "regression"])
def test_too_few_outcomes_are_refused_with_their_numbers(fitted_on: Table, name: str, rare: bool) -> None:
    few = (np.arange(len(fitted_on)) < 19) == rare
    labels = {
        "order": replace(fitted_on.labels, ordered=few),
        "regression": replace(fitted_on.labels, next_stage=np.where(few, 3, 1).astype(np.int8)),
    }[name]
    counts = f"{few.sum()} yes and {(~few).sum()} no"

    with pytest.raises(DataError, match=rf"outcomes to learn '{name}' from(.|\n)*got: {counts}(.|\n)*at least 20"):
        require_enough(replace(fitted_on, labels=labels), _SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["features", "training.fit"])
def test_threads_that_wait_do_not_spin(module: str) -> None:
    """On a busy machine spinning threads made LightGBM ten times slower; the wish must precede its import."""
    code = (
        f"import sys, os; import {module}; names = list(sys.modules); "
        "late = 'lightgbm' in names and names.index('features') > names.index('lightgbm'); "
        "print(os.environ['OMP_WAIT_POLICY'], late)"
    )
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    said = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["PASSIVE", "False"]
