"""Shops whose customer ids were dealt at random: nothing about a customer's future can be known there.

Whatever a model finds in them beyond age and exposure (how long a customer has
been there, how many order-days it had and how long ago the last one was) is a
leak. The model sees all default features; it is fitted on earlier cut-offs and
judged on later ones, by whom it ranks above whom at the same cut-off. So is what
`stagecast backtest` makes, from the stage spec to the calibrated probability,
beside the rungs of its ladder that know age and exposure alone.

Regression is not asked about: whether a silence runs out within the period is
arithmetic for who gets no order, and known wherever no order is likely.

A set as it stands is one draw of chance, which a model of many features may fit;
so the ids are also dealt anew, again and again: then a leak is all that can be found.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest

import stagecast
from features.clock import Clock, to_day
from features.config import ClockConfig, FeatureConfig, OrdersConfig, StageConfig
from features.families import all_features
from features.fixed import Floats, Ints
from features.history import History
from features.orders import load_orders
from features.past import Snapshots
from features.stages.fit import fit_spec
from training.bootstrap import Interval, Resampling, paired_auroc_interval
from training.config import BoosterConfig
from training.forecasts import ORDER, Forecasts
from training.ladder import MODEL
from training.metrics import auroc
from training.table import Table

AGE_AND_EXPOSURE = ["tenure", "order_days", "recency"]
DRAWS = Resampling(resamples=200, seed=1, level=1 - 0.05 / 3)  # three sets are looked at
EXPOSURE_ALONE = ["recency", "BG/NBD", "MBG/NBD", "Pareto/NBD"]
"""The rungs of the ladder that know nothing else of a customer."""

SHOPS = [("rfm_trad_flow", 14), ("groceries_dataset", 28), ("superstore", 28)]
"""Each set with a period, in days, in which many order and many do not."""


@dataclass(frozen=True)
class Shop:
    """Snapshots to fit on, and later ones to judge on, a period and more apart."""

    fit: Table
    judge: Table


def read(orders: Path | pd.DataFrame, period: int) -> Shop:
    """Snapshots at every second tick of the last year; the last third of them judge."""
    clean = load_orders(orders, OrdersConfig(max_bad_share=0.1), ClockConfig())
    history = History.of(clean.log)
    end = Clock().floor(to_day(clean.report.last.date()))
    ticks = list(range(end - period, max(end - 364, history.first_day + 84), -14))[::-1]
    first_judged = ticks[len(ticks) * 2 // 3]
    fit = [tick for tick in ticks if tick + period <= first_judged]
    spec = fit_spec(history, fit[0], period, StageConfig(), Clock())
    features = all_features(FeatureConfig().windows, history.has)

    def table(cutoffs: list[int]) -> Table:
        return Table.of(history, Snapshots.of(history, cutoffs), spec, features, end)

    return Shop(table(fit), table([tick for tick in ticks if tick >= first_judged]))


def ranked(shop: Shop, fit: pd.DataFrame, judge: pd.DataFrame) -> Floats:
    """Where a model puts each judged snapshot among those of its cut-off: a share, (n,)."""
    booster = BoosterConfig()
    settings = booster.of("order") | {"objective": "binary", "seed": 1, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(fit, label=shop.fit.labels.ordered.astype(float), params={"verbosity": -1})
    trained = lightgbm.train(settings, data, booster.rounds)
    return placed(np.asarray(trained.predict(judge, num_threads=1)), shop.judge.snapshots.cutoff)


def placed(scores: Floats, cutoff: Ints) -> Floats:
    """Where each score stands among those of its cut-off: a share, (n,)."""
    return pd.Series(scores).groupby(cutoff).rank(pct=True).to_numpy()


def dealt_anew(orders: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same orders, each given to a customer of another order by lot."""
    each = orders.drop_duplicates("order_id")
    owners = np.random.default_rng(seed).permutation(each["customer_id"].to_numpy())
    return orders.assign(customer_id=orders["order_id"].map(dict(zip(each["order_id"], owners, strict=True))))


def with_faint_news(table: Table) -> Table:
    """A fifth of the orders to come are told beforehand."""
    told = np.random.default_rng(1).random(len(table)) < 0.2
    return replace(table, features=table.features.assign(news=(told & table.labels.ordered).astype(float)))


def area(shop: Shop) -> float:
    """AUROC of all features."""
    return auroc(shop.judge.labels.ordered, ranked(shop, shop.fit.features, shop.judge.features))


def beyond_age_and_exposure(shop: Shop) -> Interval:
    """AUROC of all features less that of age and exposure, with its interval over customers."""
    everything = ranked(shop, shop.fit.features, shop.judge.features)
    plain = ranked(shop, shop.fit.facts[AGE_AND_EXPOSURE], shop.judge.facts[AGE_AND_EXPOSURE])
    judged = shop.judge
    return paired_auroc_interval(judged.labels.ordered, everything, plain, judged.snapshots.customer, DRAWS)


def backtested(orders: object, period: int, folder: Path, events: dict | None = None) -> Forecasts:
    """What the product says at six cut-offs, and its ladder beside it."""
    settings = {
        "tracking_uri": f"sqlite:///{folder}/mlflow.db",
        "orders": {"max_bad_share": 0.1},
        "features": {"events": events or {}},
        "training": {
            "period": f"{period}d",
            "fit_weeks": 13,
            "resamples": 100,
            "threads": 1,
            "booster": {"rounds": 60, "learning_rate": 0.1},
        },
    }
    config = stagecast.Config.model_validate(settings)
    return stagecast.backtest(orders, 6, config=config, out=folder / "backtest").result.forecasts


def model_beyond_exposure(forecasts: Forecasts) -> Interval:
    """AUROC within a cut-off of the model, less that of the best rung which knows age and exposure alone."""
    said = {who: placed(p, forecasts.cutoff) for who, p in forecasts.said[ORDER].items()}
    best = max(EXPOSURE_ALONE, key=lambda who: auroc(forecasts.ordered, said[who]))
    return paired_auroc_interval(forecasts.ordered, said[MODEL], said[best], forecasts.customer, DRAWS)


def told_beforehand(orders: pd.DataFrame, days: int) -> pd.DataFrame:
    """News of a fifth of the orders, some days before they come."""
    told = orders.drop_duplicates("order_id").sample(frac=0.2, random_state=1)
    happened = told["ordered_at"] - pd.to_timedelta(days, unit="D")
    return pd.DataFrame({"customer_id": told["customer_id"], "happened_at": happened}).reset_index(drop=True)


@pytest.mark.slow
def test_nor_does_the_whole_model_find_anything(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    found = model_beyond_exposure(backtested(shared_data("rfm_trad_flow"), 14, tmp_path))
    assert found.low <= 0, f"AUROC beyond age and exposure: {found}"


@pytest.mark.slow
def test_the_whole_model_would_find_a_leak(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    orders = pd.read_parquet(shared_data("rfm_trad_flow"))
    tables = stagecast.with_tables(orders, news=told_beforehand(orders, 14))
    events = {"news": {"measures": ("count",), "windows": (2,)}}
    assert model_beyond_exposure(backtested(tables, 14, tmp_path, events)).low > 0.03


@pytest.mark.slow
@pytest.mark.parametrize(("name", "period"), SHOPS)
def test_where_ids_were_dealt_at_random_nothing_is_found(
    name: str, period: int, shared_data: Callable[[str], Path]
) -> None:
    found = beyond_age_and_exposure(read(shared_data(name), period))
    assert found.low <= 0, f"AUROC beyond age and exposure: {found}"


@pytest.mark.slow
def test_where_ids_are_dealt_anew_nothing_is_found(shared_data: Callable[[str], Path]) -> None:
    orders = pd.read_parquet(shared_data("rfm_trad_flow"))
    areas = [area(read(dealt_anew(orders, seed), 14)) for seed in range(12)]
    error = np.std(areas, ddof=1) / np.sqrt(len(areas))
    assert abs(np.mean(areas) - 0.5) < 3 * error < 0.01


@pytest.mark.slow
def test_on_a_real_shop_the_same_model_finds_something(shared_data: Callable[[str], Path]) -> None:
    assert beyond_age_and_exposure(read(shared_data("online_retail_2"), 28)).low > 0


@pytest.mark.slow
def test_a_faint_leak_would_be_found(shared_data: Callable[[str], Path]) -> None:
    shop = read(shared_data("rfm_trad_flow"), 14)
    assert beyond_age_and_exposure(Shop(with_faint_news(shop.fit), with_faint_news(shop.judge))).low > 0.03
