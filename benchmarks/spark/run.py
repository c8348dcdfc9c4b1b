"""What a week costs where Spark holds the orders, beside the local engine; the rows are compared bit by bit.

The model is the one of `benchmarks/scoring/run.py model`, in the same folder.
Told are seconds by the clock: of starting Spark, of what only the whole shop
can tell, of scores written as Parquet, of forecasts by the pyfunc from features
that lie there, and of `stagecast.score` here.

    .venv-spark/bin/python benchmarks/spark/run.py orders-1000000.parquet --as-of 2026-01-05 --folder /tmp/scoring
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
import pyarrow.dataset as ds
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct

import stagecast
from serving.registry import fetch
from serving.store import open_store, table
from stagecast.spark import score_on_spark

SECONDS: dict[str, float] = {}


def main() -> None:
    """Score a shop in both ways and compare."""
    asked = _asked()
    config = stagecast.Config().overridden(tracking_uri=f"sqlite:///{asked.folder.resolve()}/mlflow.db")
    config = config.overridden("features", threads=1).overridden("serving", threads=1, record=False)
    shutil.rmtree(asked.folder / "spark", ignore_errors=True)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with _timed("start"):
        options = {"spark.driver.memory": asked.memory, "spark.ui.enabled": "false", "spark.log.level": "ERROR"}
        spark = SparkSession.builder.master(f"local[{asked.cores}]").config(map=options).getOrCreate()
    with _timed("facts"):
        week = score_on_spark(spark.read.parquet(str(asked.orders)), asked.as_of, config, partitions=asked.partitions)
    with _timed("scores"):
        week.table.write.parquet(str(asked.folder / "spark" / "week"))
    if asked.features:
        _pyfunc(spark, asked, config)
    spark.stop()
    with _timed("local"):
        stagecast.score(asked.orders, asked.as_of, asked.folder / "spark" / "scores", config)
    there = ds.dataset(asked.folder / "spark" / "week").to_table().to_pandas()
    here = table(open_store(asked.folder / "spark" / "scores"), asked.as_of).to_pandas()
    same = [name for name in here if name != "scored_at"]
    there, here = (one.sort_values("customer_id").reset_index(drop=True)[same] for one in (there, here))
    pd.testing.assert_frame_equal(there, here, check_exact=True, check_dtype=False, check_categorical=False)
    print(json.dumps({"customers": len(here), **{name: round(took, 1) for name, took in SECONDS.items()}}))


def _pyfunc(spark: SparkSession, asked: argparse.Namespace, config: stagecast.Config) -> None:
    """Forecasts from features that are written first."""
    mlflow.set_tracking_uri(config.tracking_uri)
    spec = fetch(config.serving.model, config.tracking_uri).model.spec
    path = asked.folder / "spark" / "features.parquet"
    with _timed("features, written here"):
        stagecast.write_features(asked.orders, [asked.as_of], path, config, spec=spec)
    with _timed("forecasts by the pyfunc"):
        features = spark.read.parquet(str(path)).repartition(asked.partitions)
        forecast = mlflow.pyfunc.spark_udf(spark, f"models:/{config.serving.model}", env_manager="local")
        names = [name for name in features.columns if name not in ("customer_id", "cutoff")]
        said = features.select("customer_id", forecast(struct(*names)).alias("said")).select("customer_id", "said.*")
        said.write.parquet(str(asked.folder / "spark" / "forecasts"))


@contextmanager
def _timed(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    SECONDS[name] = time.perf_counter() - began


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="holds the model, and all that is written")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g", help="of Spark's own process")
    parser.add_argument("--features", action="store_true", help="time the pyfunc, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
