"""The demo's orders are CDNOW, whole and untouched; the demo tells what it found, and may be run again."""

import importlib.metadata
import sys
from pathlib import Path

import pandas as pd
import pytest
from browser import chromium, complaints

from features.errors import UsageError
from stagecast import demo


def test_the_orders_are_those_of_cdnow() -> None:
    orders = demo.cdnow()
    assert (len(orders), orders["customer_id"].nunique()) == (69_659, 23_570)
    assert (orders["ordered_at"].min(), orders["ordered_at"].max()) == (
        pd.Timestamp("1997-01-01"),
        pd.Timestamp("1998-06-30"),
    )
    assert round(orders["amount"].sum(), 2) == 2_500_315.63
    assert orders["order_id"].is_unique
    assert orders["customer_id"].str.len().eq(5).all()


def test_the_package_that_brings_them_is_never_imported() -> None:
    demo.cdnow()
    assert "lifetimes" not in sys.modules


@pytest.mark.parametrize("gone", ["package", "file"])
def test_without_them_the_way_to_get_them_is_told(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    def files(name: str) -> list[Path]:
        if gone == "package":
            raise importlib.metadata.PackageNotFoundError(name)
        return []

    monkeypatch.setattr(demo, "files", files)
    with pytest.raises(UsageError, match="make demo"):
        demo.cdnow()


@pytest.mark.slow
def test_the_demo_tells_what_it_found_and_may_be_run_again(run, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = demo.cdnow()
    third = orders[orders["customer_id"].isin(orders["customer_id"].unique()[::3])]
    monkeypatch.setattr(demo, "cdnow", lambda: third)
    for version, state in ((1, "champion"), (2, "no better than the champion before it")):
        done = run("demo", "--folder", "found")
        assert done.code == 0
        for words in (
            "7,857 customers",
            "The most money at risk among those still here:",
            "Report:",
            "Scores:",
            "MLflow:",
        ):
            assert words in done.out
        assert f"version {version}, {state}" in done.out
        assert all(line.startswith("demo: ") for line in done.err.splitlines())
        for name in ("stages.parquet", "stages.png", "scores", "mlflow.db"):
            assert (Path("found") / name).stat().st_size > 0
        page = Path(f"found/scores/_reports/{demo.AS_OF}.html")
        assert "of 7,857 customers are still here" in page.read_text()
        assert "CDNOW" in page.read_text()
        if program := chromium():
            assert complaints(program, page.resolve()) == []
        assert set(pd.read_parquet("found/scores")["model_version"]) == {1}
