"""12. The same orders make the same scores, bit for bit: on any threads, in any order of the lines, in any parts."""

from collections.abc import Callable

import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from stagecast.config import Config

Score = Callable[[pd.DataFrame, Config], pd.DataFrame]


@pytest.fixture(scope="module")
def orders(shop: Shop) -> pd.DataFrame:
    return shop.frame[shop.frame["customer_id"].isin(shop.frame["customer_id"].unique()[::6])].reset_index(drop=True)


@pytest.fixture(scope="module")
def score(shop: Shop) -> Score:
    def said(orders: pd.DataFrame, config: Config) -> pd.DataFrame:
        table = stagecast.score(orders, AS_OF, config=config, model=shop.registered).table
        return table.drop(columns="scored_at")

    return said


def promise(score: Score, orders: pd.DataFrame, config: Config) -> None:
    usual = score(orders, config)
    shuffled = orders.sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(score(shuffled, config), usual, check_exact=True, obj="lines in another order")
    threads = config.overridden("serving", threads=2).overridden("features", threads=2)
    pd.testing.assert_frame_equal(score(orders, threads), usual, check_exact=True, obj="two threads")
    some = orders["customer_id"].isin(usual["customer_id"][::3])
    halves = pd.concat([score(orders[some], config), score(orders[~some], config)]).sort_values("customer_id")
    alone = ["customer_id", "stage", "stage_since"]  # some features look at the whole shop
    pd.testing.assert_frame_equal(
        halves[alone].reset_index(drop=True), usual[alone], check_exact=True, obj="stages in two parts"
    )


def test_scores(score: Score, orders: pd.DataFrame, shop: Shop) -> None:
    promise(score, orders, shop.config)


def test_a_word_with_the_order_of_the_lines_is_noticed(score: Score, orders: pd.DataFrame, shop: Shop) -> None:
    def fickle(orders: pd.DataFrame, config: Config) -> pd.DataFrame:
        return score(orders, config).assign(first=orders["customer_id"].iloc[0])

    with pytest.raises(AssertionError, match="lines in another order"):
        promise(fickle, orders, shop.config)


def test_a_word_with_the_threads_is_noticed(score: Score, orders: pd.DataFrame, shop: Shop) -> None:
    def fickle(orders: pd.DataFrame, config: Config) -> pd.DataFrame:
        table = score(orders, config)
        return table.assign(p_order=table["p_order"] + 1e-15 * config.serving.threads)

    with pytest.raises(AssertionError, match="two threads"):
        promise(fickle, orders, shop.config)
