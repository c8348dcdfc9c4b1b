"""Spark on this machine, two tasks at once, and the trained shop."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trained_shop import Shop, trained_shop


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which Spark starts: its relative paths begin there."""
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="session")
def spark(place: Path) -> Iterator[Any]:
    """A session; the tests are skipped where Spark cannot run."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: `make test-spark` brings it")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or newer (Debian: apt-get install default-jre-headless)")
    root = str(Path(__file__).parents[2])
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "OMP_NUM_THREADS": "1"}
    os.environ["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "3",
        "spark.log.level": "ERROR",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        session = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def shop(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The trained shop; made only where there is a Spark to score it."""
    return trained_shop(tmp_path_factory.getbasetemp())
