"""13. Probabilities are probabilities, and each customer has one row; calibration keeps who is ahead of whom."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import ModelError
from features.model.calibration import BetaMap
from serving.checks import check_scores

STAGES = ["p_examination", "p_formative", "p_stable", "p_regression"]


@pytest.fixture(scope="module")
def scores(shop: Shop) -> pd.DataFrame:
    return stagecast.score(shop.frame.head(900), AS_OF, config=shop.config, model=shop.registered).table


def promise(scores: pd.DataFrame, known: pd.Series) -> None:
    try:
        check_scores(scores, known.to_numpy())
    except ModelError as error:
        raise AssertionError(error.problem) from error


def test_scores_are_consistent(scores: pd.DataFrame) -> None:
    p = scores[STAGES]
    assert np.isfinite(p).all(axis=None)
    assert (p.sum(axis=1) - 1).abs().max() <= 1e-9
    promise(scores, scores["customer_id"])


FAULTS = {
    "a row too many": lambda table: pd.concat([table, table.head(1)], ignore_index=True),
    "a row too few": lambda table: table.iloc[1:],
    "one customer twice": lambda table: table.assign(customer_id=[table["customer_id"][1], *table["customer_id"][1:]]),
    "no number": lambda table: table.assign(p_order=table["p_order"].where(table.index > 0)),
    "above one": lambda table: table.assign(p_order=1.0000001),
    "below nothing": lambda table: table.assign(p_order=-1e-12),
    "a sum of less than one": lambda table: table.assign(p_regression=table["p_regression"] * 0.999),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_none_is_noticed(scores: pd.DataFrame, fault: str) -> None:
    with pytest.raises(AssertionError, match="refused"):
        promise(FAULTS[fault](scores), scores["customer_id"])


def monotone(calibrate: Callable[[np.ndarray], np.ndarray]) -> None:
    assert (np.diff(calibrate(np.linspace(0, 1, 2001))) >= 0).all(), "calibration turned an order round"


def test_calibration_keeps_the_order(shop: Shop) -> None:
    monotone(shop.registered.model.calibration.regression)


def test_a_calibration_that_turns_it_round_is_noticed() -> None:
    with pytest.raises(AssertionError, match="turned an order round"):
        monotone(lambda raw: BetaMap()(raw) + 0.1 * np.sin(40 * raw))
    with pytest.raises(ValidationError):
        BetaMap(a=-1.0)
