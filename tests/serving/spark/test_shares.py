"""What Spark's workers run, without Spark: any dealing of whole customers gives the rows of the local engine."""

from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from trained_shop import AS_OF, Shop

from features.errors import DataError, ModelError
from features.history import History
from features.history.paid import usual_prices
from features.history.since import days_of, first_days
from features.orders import OrderLog
from features.orders.gate import Whole
from features.orders.limits import terms
from serving.contract import COLUMNS
from serving.scorer import Scorer
from serving.spark.facts import Facts
from serving.spark.lines import Cleaner
from serving.spark.score import Share, set_aside, told, told_of
from stagecast.cutoffs import days_before
from stagecast.scoring import the_week

Parts = list[list[pa.RecordBatch]]


def dealt(frame: pd.DataFrame, parts: int) -> Parts:
    """Whole customers in so many parts, each in several batches; one more part is empty."""
    part = pd.util.hash_pandas_object(frame["customer_id"].fillna(""), index=False) % parts
    tables = [pa.Table.from_pandas(frame[part == k], preserve_index=False) for k in range(parts)]
    return [[], *(table.to_batches(max_chunksize=500) for table in tables)]


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> Scorer:
    return the_week(AS_OF, shop.config, shop.registered).scorer(shop.frame)


@pytest.fixture(scope="module")
def cleaner(shop: Shop, scorer: Scorer) -> Cleaner:
    allowed = terms(shop.config.orders, shop.config.clock, span=days_before(scorer.day, shop.config))
    return Cleaner(allowed, shop.registered.model.contract.columns, Whole())


def facts_of(parts: Parts, cleaner: Cleaner) -> Facts:
    return told_of(lambda c: pa.Table.from_batches([b for part in parts for b in told(c, part)]), cleaner)


@pytest.fixture
def scored(scorer: Scorer, cleaner: Cleaner) -> Callable[[Parts], pd.DataFrame]:
    def of(parts: Parts) -> pd.DataFrame:
        facts = facts_of(parts, cleaner)
        share = Share(scorer, replace(cleaner, whole=facts.whole), facts, datetime(2026, 1, 1))
        batches = [batch for part in parts for batch in share.scores(part)]
        return pa.Table.from_batches(batches).to_pandas().sort_values("customer_id").reset_index(drop=True)

    return of


@pytest.mark.parametrize("parts", [1, 7])
def test_the_rows_are_those_of_the_local_engine(scored, shop: Shop, scores: pd.DataFrame, parts: int) -> None:
    found = scored(dealt(shop.frame, parts))
    assert list(found) == list(COLUMNS)
    same = [name for name in COLUMNS if name != "scored_at"]
    pd.testing.assert_frame_equal(found[same], scores[same], check_exact=True, check_dtype=False)


def test_usual_prices_and_days_are_those_of_the_whole(cleaner: Cleaner) -> None:
    rng, lines = np.random.default_rng(1), 3000
    frame = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 300, lines).astype(str),
            "ordered_at": pd.Timestamp("1997-01-06") + pd.to_timedelta(rng.integers(0, 300, lines), "D"),
            "product_id": rng.choice(["tea", "cups", "\u8336", None], lines),
            "unit_price": rng.choice([0.1, 2.345678, 1e6, 0.0, np.nan], lines),
        }
    )
    several = replace(cleaner, columns=("product_id", "unit_price"))
    log = OrderLog.of(frame.assign(is_return=False))
    facts = facts_of(dealt(frame, 5), several)
    prices = log.text["product_id"], days_of(log), frame["unit_price"].to_numpy()

    np.testing.assert_array_equal(facts.usual.relative(*prices), usual_prices(log).relative(*prices))
    assert facts.since == first_days(log)
    for mine, whole in zip(astuple(facts.days), astuple(History.of(log).shop_days), strict=True):
        np.testing.assert_array_equal(mine, whole)


def test_rows_set_aside_are_counted_and_shown_with_their_reasons(shop: Shop, cleaner: Cleaner) -> None:
    bad = shop.frame.assign(ordered_at=shop.frame["ordered_at"].astype(str))
    bad.loc[bad.index[:3], "customer_id"] = None
    bad.loc[bad.index[3:5], "ordered_at"] = "yesterday"
    parts = dealt(bad, 4)
    facts = facts_of(parts, cleaner)
    schema = pa.schema([("reason", pa.string()), *((name, pa.string()) for name in bad)])
    aside = pa.Table.from_batches([b for part in parts for b in set_aside(cleaner, schema, part)], schema)

    assert facts.rows[1] == len(aside) == 5
    assert {rule: count for rule, (count, _) in facts.broken.items()} == {
        "customer_id is missing": 3,
        "ordered_at is not a time": 2,
    }
    assert sorted(set(aside["reason"].to_pylist())) == [
        "customer_id is missing",
        "ordered_at is not a time (yesterday)",
    ]


def test_too_many_bad_rows_are_refused_with_an_example(shop: Shop, cleaner: Cleaner) -> None:
    bad = shop.frame.assign(ordered_at=shop.frame["ordered_at"].astype(str))
    bad.loc[bad.index[: len(bad) // 2], "ordered_at"] = "yesterday"
    facts = facts_of(dealt(bad, 4), cleaner)
    with pytest.raises(DataError, match=r"(?s)rows are bad \(.*yesterday"):
        facts.refuse_if_too_bad(cleaner.terms.orders, cleaner.terms.span)


def test_workers_of_another_version_are_refused(shop: Shop, cleaner: Cleaner) -> None:
    facts = facts_of(dealt(shop.frame.head(50), 2), cleaner)
    facts.require_versions()
    older = replace(facts, versions=facts.versions | {"stagecast 0.0.1"})
    with pytest.raises(ModelError, match=r"(?s)got: stagecast 0\.0\.1.*PYSPARK_PYTHON"):
        older.require_versions()


def test_no_rows_at_all_are_refused(shop: Shop, cleaner: Cleaner) -> None:
    facts = facts_of(dealt(shop.frame.head(0), 2), cleaner)
    with pytest.raises(DataError, match="there are no orders"):
        facts.refuse_if_too_bad(cleaner.terms.orders, cleaner.terms.span)


def test_what_one_part_learns_holds_for_all(scored, shop: Shop, cleaner: Cleaner) -> None:
    """Rows without an amount are bad where any row has one, be it in another part."""
    first = shop.frame["customer_id"] == shop.frame["customer_id"].iloc[0]
    frame = shop.frame.assign(amount=shop.frame["amount"].where(~first))
    parts = [*dealt(frame[first], 1), *dealt(frame[~first], 1)]
    facts = facts_of(parts, cleaner)

    assert not facts.mixed.alike
    assert facts.rows[1] == facts.broken["amount is missing and cannot be computed"][0] == first.sum()
    assert shop.frame["customer_id"].iloc[0] not in set(scored(parts)["customer_id"])
