"""Spark scores where the orders lie; what `docs/spark.md` says is run as it stands. The local engine is the judge."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import DataError, UsageError
from serving.contract import COLUMNS
from stagecast.spark import score_on_spark

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas >= 3:FutureWarning",  # what it does not is not used here
)
PAGE = (Path(__file__).parents[2] / "docs" / "spark.md").read_text("utf-8")
SAME = [name for name in COLUMNS if name != "scored_at"]


def by_customer(frame: Any) -> pd.DataFrame:
    """Spark's rows, sorted."""
    found: pd.DataFrame = frame.toArrow().to_pandas()
    return found.sort_values("customer_id").reset_index(drop=True)


def require_same(found: pd.DataFrame, expected: pd.DataFrame, columns: list[str]) -> None:
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_exact=True, check_dtype=False)


@pytest.fixture(scope="module")
def here(shop: Shop) -> pd.DataFrame:
    return stagecast.score(shop.orders, AS_OF, config=shop.config).table


@pytest.fixture(scope="module")
def said(spark: Any, shop: Shop, place: Path) -> dict[str, Any]:
    """What the names of the page stand for after its blocks have run, one after the other."""
    features = stagecast.features(shop.frame, [AS_OF], shop.config, spec=shop.registered.model.spec)
    features.to_parquet(place / "features.parquet", index=False)
    shop.frame.to_parquet(place / "orders.parquet", index=False)
    stagecast.score(shop.orders, AS_OF, place / "scores", shop.config)
    settings = f'tracking_uri = "{shop.uri}"\n' + shop.settings.read_text("utf-8")
    (place / "stagecast.toml").write_text(settings, "utf-8")
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
            exec(block, names)
        return names | {name: by_customer(names[name]) for name in ("scores", "forecasts", "published")}


def test_scores_from_orders_are_those_of_the_local_engine(said: dict[str, Any], here: pd.DataFrame) -> None:
    require_same(said["scores"], here, SAME)
    assert said["week"].rows[1] == 0


def test_forecasts_by_the_pyfunc_are_those_of_the_local_engine(said: dict[str, Any], here: pd.DataFrame) -> None:
    forecast = [name for name in said["forecasts"] if name != "customer_id"]
    assert {"p_regression", "p_order", "expected_spend_52w"} <= set(forecast)
    require_same(said["forecasts"], here, ["customer_id", *forecast])


def test_the_published_week_is_read_by_spark(said: dict[str, Any], here: pd.DataFrame) -> None:
    require_same(said["published"], here, SAME)


def test_other_names_text_times_and_bad_rows(spark: Any, shop: Shop, here: pd.DataFrame, tmp_path: Path) -> None:
    """Nine columns of other names, one with a backtick; a bad row is set aside with its reason."""
    odd = shop.frame.assign(ordered_at=shop.frame["ordered_at"].dt.strftime("%d/%m/%Y"))
    odd = pd.concat([odd, odd.head(2).assign(customer_id=[None, "x"], ordered_at=["01/01/1997", "?"])])
    odd = odd.rename(columns={"customer_id": "who`s it", "ordered_at": "day"})
    odd.to_parquet(tmp_path / "odd.parquet", index=False)
    columns = {"customer_id": "who`s it", "ordered_at": "day"}
    config = shop.config.overridden("orders", columns=columns, date_format="%d/%m/%Y")

    week = score_on_spark(spark.read.parquet(str(tmp_path / "odd.parquet")), AS_OF, config, partitions=5)
    aside = week.quarantine.toArrow().to_pandas()

    require_same(by_customer(week.table), here, SAME)
    assert week.rows == (len(shop.frame[shop.frame["ordered_at"] < AS_OF]) + 2, 2)
    assert sorted(aside["reason"]) == ["customer_id is missing", "ordered_at is not a time (?)"]


def test_types_of_spark_are_read_as_by_the_local_engine(spark: Any, shop: Shop, tmp_path: Path) -> None:
    """Whole numbers as ids, instants with a time zone, decimals as money; one customer with nothing but a return."""
    config = shop.config.overridden("clock", timezone="Australia/Lord_Howe")
    odd = shop.frame.assign(
        customer_id=shop.frame["customer_id"].astype("int64"),
        amount=shop.frame["amount"].map("{:.2f}".format),
    )
    odd = pd.concat([odd, odd.head(1).assign(customer_id=-1, amount="-5.00", quantity=-1)], ignore_index=True)
    odd.to_parquet(tmp_path / "odd.parquet", index=False)
    orders = spark.read.parquet(str(tmp_path / "odd.parquet")).selectExpr(
        "customer_id",
        "CAST(ordered_at AS TIMESTAMP)",
        "quantity",
        "CAST(amount AS DECIMAL(9, 2)) AS amount",
        "order_id",
    )
    assert dict(orders.dtypes) | {"customer_id": "bigint", "ordered_at": "timestamp"} == dict(orders.dtypes)

    here = stagecast.score(orders.toArrow(), AS_OF, config=config, model=shop.registered).table

    assert "-1" not in set(here["customer_id"])
    require_same(by_customer(score_on_spark(orders, AS_OF, config, shop.registered).table), here, SAME)


def test_what_cannot_be_is_refused_before_anything_is_scored(spark: Any, shop: Shop) -> None:
    orders = spark.createDataFrame([("a", "1997-01-01"), ("b", "never")], "customer_id string, ordered_at string")

    with pytest.raises(UsageError, match="1998-03-03"):
        score_on_spark(orders, "1998-03-03", shop.config)
    with pytest.raises(DataError, match=r"(?s)1 of 2 rows are bad.*never"):
        score_on_spark(orders, AS_OF, shop.config)
    with pytest.raises(DataError, match="no column 'customer_id'"):
        score_on_spark(orders.drop("customer_id"), AS_OF, shop.config)
    with pytest.raises(DataError, match="there are no orders"):
        score_on_spark(orders.limit(0), AS_OF, shop.config)
