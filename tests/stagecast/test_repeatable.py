"""The same orders, settings and threads give the same model byte for byte, in any process; other threads as good as."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from trained_shop import AS_OF, SETTINGS, Shop

import stagecast

pytestmark = pytest.mark.slow


def trained(shop: Shop, folder: Path, threads: int = 1, hash_seed: str = "0") -> str:
    """Address of a store in which a new process has registered a model."""
    folder.mkdir()
    (folder / "settings.toml").write_text(SETTINGS.replace("threads = 1", f"threads = {threads}"), encoding="utf-8")
    uri = f"sqlite:///{folder}/mlflow.db"
    asked = ["train", str(shop.orders), "--as-of", AS_OF, "--config", "settings.toml", "--tracking-uri", uri]
    surroundings = os.environ | {"PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "stagecast.cli", *asked]
    subprocess.run(command, cwd=folder, env=surroundings, check=True, capture_output=True)
    return uri


def digest(uri: str) -> str:
    """SHA-256 of the manifest that holds the sums of all files of the model."""
    return str(mlflow.MlflowClient(uri, uri).get_model_version("stagecast", "1").tags["bundle_sha256"])


def said(shop: Shop, uri: str) -> pd.DataFrame:
    config = shop.config.overridden(tracking_uri=uri)
    return stagecast.score(shop.frame, AS_OF, config=config, model="stagecast/1").table


def test_processes_give_the_same_bytes_and_threads_the_same_numbers(shop: Shop, tmp_path: Path) -> None:
    one = trained(shop, tmp_path / "one")
    again = trained(shop, tmp_path / "again", hash_seed="7")
    three = trained(shop, tmp_path / "three", threads=3, hash_seed="7")

    assert digest(one) == digest(again)
    usual, other = said(shop, one), said(shop, three)
    numbers = usual.select_dtypes("number").columns.drop("model_version")
    assert {"p_order", "p_regression", "expected_spend"} <= set(numbers)
    np.testing.assert_allclose(other[numbers], usual[numbers], rtol=0, atol=1e-9)
    pd.testing.assert_frame_equal(
        other[["customer_id", "next_stage", "reasons"]], usual[["customer_id", "next_stage", "reasons"]]
    )
