"""`stagecast backtest`, the verb and the command, on a real shop; killed half-way, and two at once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow.entities import Run
from trained_shop import Shop

import stagecast
from features.errors import UsageError
from features.files import write_parquet
from stagecast.rolling import Backtested

ONE, TWO = "1998-03-30", ["1998-02-02", "1998-03-02"]


def forecasts(out: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(out.glob("*/*.parquet"))}


@pytest.fixture(scope="module")
def made(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Backtested:
    return stagecast.backtest(shop.frame, 2, ONE, shop.config, tmp_path_factory.mktemp("backtest"))


@pytest.fixture(scope="module")
def page(made: Backtested, shop: Shop) -> Run:
    """The run as MLflow has it."""
    return mlflow.MlflowClient(shop.uri, shop.uri).get_run(made.run_id)


@pytest.mark.slow
def test_forecasts_and_report_are_kept(made: Backtested) -> None:
    found = forecasts(made.folder.parent.parent)
    assert list(found) == TWO
    assert (made.folder / "report.md").read_text() == made.result.to_markdown()
    written = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*.*")}
    pictures = {f"plots/{name}.png" for name in ("by_cutoff", "ladder", "lift", "profit", "reliability")}
    assert written == {"report.md", *pictures, *(f"tables/{name}.csv" for name in made.result.tables())}
    assert list(pd.read_csv(made.folder / "tables" / "by_cutoff.csv")["cutoff"].unique()) == TWO
    assert json.loads((made.folder.parent / "settings.json").read_text())["training"]["booster"]["rounds"] == 12


@pytest.mark.slow
def test_the_command_takes_them_up_and_tells(run, shop: Shop, made: Backtested) -> None:
    out = made.folder.parent.parent
    wanted = ["--as-of", ONE, "--config", shop.settings, "--tracking-uri", shop.uri, "--out", out]
    done = run("backtest", shop.orders, "--cutoffs", 2, *wanted)
    assert done.code == 0
    assert done.last == f"The report, its tables and pictures are in {made.folder}"
    assert done.out.startswith("\n".join(made.result.lines()))
    assert "Judged out of time at 2 cut-offs, 1998-02-02 to 1998-03-02" in done.out
    assert "cut-off 2 of 2, 1998-03-02: was forecast before" in done.err
    assert "fit regression" not in done.err


@pytest.mark.slow
def test_its_headline_can_be_compared_with_a_training_run(page: Run, made: Backtested, shop: Shop) -> None:
    headline = {name: value for name, value in page.data.metrics.items() if not name.startswith("per_cutoff/")}
    trained = mlflow.MlflowClient(shop.uri, shop.uri).get_run(shop.registered.run_id).data.metrics
    assert headline == pytest.approx(made.result.headline())
    apart = {name for name in trained if name.startswith("spec/")} | {"judge/spend_covered"}  # of a model at hand
    assert set(trained) - apart <= set(page.data.metrics)


@pytest.mark.slow
def test_every_cutoff_is_a_step_at_its_own_date(page: Run, made: Backtested, shop: Shop) -> None:
    name = "per_cutoff/regression_log_loss"
    history = mlflow.MlflowClient(shop.uri, shop.uri).get_metric_history(page.info.run_id, name)
    assert [one.step for one in history] == [0, 1]
    assert [str(pd.Timestamp(one.timestamp, unit="ms").date()) for one in history] == TWO
    table = made.result.card.by_cutoff
    alone = table[(table["target"] == "regression") & (table["predictor"] == "stagecast")]
    assert [one.value for one in history] == list(alone["log_loss"])


@pytest.mark.slow
def test_the_page_says_what_was_done(page: Run, made: Backtested, shop: Shop) -> None:
    plan = made.result.plan
    assert page.info.status == "FINISHED"
    wanted = {"kind": "backtest", "spec_hash": plan.spec.hash, "as_of": ONE, "forecasts": made.folder.parent.name}
    assert wanted.items() <= page.data.tags.items()
    assert {"cutoffs": "2", "booster.rounds": "12"}.items() <= page.data.params.items()
    assert len(page.data.params) <= 60
    assert {one.dataset.name.split(" ")[0] for one in page.inputs.dataset_inputs} == {"orders", "judged"}
    assert "best of the ladder" in page.data.tags["mlflow.note.content"]
    assert len(page.data.tags["mlflow.note.content"]) < 5000
    listed = mlflow.MlflowClient(shop.uri, shop.uri).list_artifacts(page.info.run_id)
    assert {file.path for file in listed} == {"report.md", "config.json", "tables", "plots"}


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--cutoffs", "0"], 2, "--cutoffs"),
        (["--as-of", "1998-03-03"], 2, "must be a Monday"),
        (["--as-of", "1997-04-07"], 3, "too short for a backtest"),
        (["--out", "there"], 2, "a file"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_fitted(
    run, shop: Shop, more: list[str], code: int, said: str
) -> None:
    Path("there").write_text("")
    done = run("backtest", shop.orders, "--config", shop.settings, *more)
    assert done.code == code
    assert said in done.err
    assert "fit " not in done.err


def test_one_customer_is_told_to_be_too_few(run, shop: Shop) -> None:
    busy = shop.frame["customer_id"].value_counts().index[0]
    write_parquet(shop.frame[shop.frame["customer_id"] == busy], Path("one.parquet"), {})
    done = run("backtest", "one.parquet", "--config", shop.settings)
    assert done.code == 3
    assert "too few customers" in done.err or "too short" in done.err


def test_the_verb_refuses_a_file_as_a_folder(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="folder of files"):
        stagecast.backtest(shop.frame, out=tmp_path / "x", config=shop.config)


def started(shop: Shop, folder: Path, cutoffs: int = 3) -> "subprocess.Popen[str]":
    """A backtest in a process of its own, which leads a group of its own."""
    wanted = ["--cutoffs", str(cutoffs), "--as-of", ONE, "--config", str(shop.settings)]
    command = [
        sys.executable,
        "-m",
        "stagecast.cli",
        "backtest",
        str(shop.orders),
        *wanted,
        "--out",
        str(folder / "out"),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CI": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*command, "--tracking-uri", shop.uri],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def fitted(said: str) -> Counter[str]:
    """How often a model was fitted at each cut-off."""
    return Counter(line.split(", ")[1].split(":")[0] for line in said.splitlines() if "fit regression" in line)


@pytest.mark.slow
def test_killed_half_way_it_goes_on_where_it_was(shop: Shop, tmp_path: Path) -> None:
    whole = started(shop, tmp_path)
    whole.communicate(timeout=300)
    assert whole.returncode == 0
    (tmp_path / "again").mkdir()
    for kept in range(1, 3):
        killed = started(shop, tmp_path / "again")
        until = time.monotonic() + 200
        while len(forecasts(tmp_path / "again" / "out")) < kept and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL
    before = {name: path.stat().st_mtime_ns for name, path in forecasts(tmp_path / "again" / "out").items()}
    assert 2 <= len(before) < 4
    done = started(shop, tmp_path / "again")
    said = done.communicate(timeout=300)[1]
    assert done.returncode == 0
    assert set(fitted(said)).isdisjoint(before)
    after, alone = forecasts(tmp_path / "again" / "out"), forecasts(tmp_path / "out")
    assert {name: path.stat().st_mtime_ns for name, path in after.items()}.items() >= before.items()
    assert list(after) == list(alone)
    for name, path in after.items():
        pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(alone[name]), check_exact=True)
    assert (after[TWO[0]].parent / "report" / "report.md").read_text() == (
        alone[TWO[0]].parent / "report" / "report.md"
    ).read_text()
    left_over = list((tmp_path / "again" / "out").rglob(".*.parquet.*"))
    assert left_over == []


@pytest.mark.slow
def test_two_at_once_share_the_work_and_say_the_same(shop: Shop, tmp_path: Path) -> None:
    pair = [started(shop, tmp_path) for _ in range(2)]
    said = [one.communicate(timeout=300) for one in pair]
    assert [one.returncode for one in pair] == [0, 0], said
    both = fitted(said[0][1]) + fitted(said[1][1])
    assert len(both) == 3
    assert set(both.values()) == {1}
    told = [out.split("Run ")[0] for out, _ in said]
    assert told[0] == told[1]
