"""`stagecast tune` as a user runs it: killed it goes on, other orders are refused, `train` takes what it writes."""

import csv
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import UsageError
from stagecast.commands.tune import duration, with_tuning
from stagecast.config import Config
from training.tuning.journal import JOURNAL

SETTINGS = """\
[training]
fit_weeks = 6
judge_cutoffs = 1
resamples = 100
validity_resamples = 0
threads = 1
leave_out = ["[!shr]*"]

[training.tuning]
folds = 1
rows = 1000
"""


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400), (" 2m ", 120)])
def test_a_time_budget(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "m", "1d", "-5m", "0s", "1e3s", "5 min"])
def test_what_is_no_time_budget(run, shop_orders: Path, text: str) -> None:
    with pytest.raises(UsageError, match="a number and a unit"):
        duration(text)
    refused = run("tune", shop_orders, "--as-of", AS_OF, "--out", "study", f"--time-budget={text}")
    assert refused.code == 2
    assert not Path("study").exists()


def test_the_command_line_goes_before_the_file() -> None:
    config = Config.model_validate({"training": {"tuning": {"trials": 9, "folds": 2}}})
    tuning = with_tuning(config, None, 3).training.tuning

    assert (tuning.trials, tuning.folds, tuning.workers) == (9, 2, 3)
    assert with_tuning(config, None, None) == config
    with pytest.raises(UsageError, match=r"tuning\.workers"):
        with_tuning(config, 1, 0)


@pytest.fixture
def shop_orders(tmp_path: Path) -> Path:
    return tmp_path / "orders.parquet"


def command(shop: Shop, folder: Path, *more: str) -> list[str]:
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    given = ["--as-of", AS_OF, "--out", str(folder / "study"), "--config", str(folder / "settings.toml")]
    return [sys.executable, "-m", "stagecast.cli", "tune", str(shop.orders), *given, "--tracking-uri", shop.uri, *more]


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "study" / "trials.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def finished(journal: Path) -> int:
    """Trials that are finished by what the journal says: state 1 is complete, 2 is pruned."""
    said = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    return sum('"op_code":6' in line and ('"state":1' in line or '"state":2' in line) for line in said)


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_half_way_it_goes_on_and_loses_the_trials_in_flight_alone(
    shop: Shop, tmp_path: Path, workers: str
) -> None:
    asked = command(shop, tmp_path, "--trials", "6", "--workers", workers)
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    journal = tmp_path / "study" / JOURNAL
    while finished(journal) < 3 and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = finished(journal)

    assert process.returncode == -signal.SIGKILL
    assert 3 <= before < 6
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    table = rows(tmp_path)

    states = [row["state"] for row in table]
    assert states.count("complete") + states.count("pruned") == 6
    assert states.count("fail") <= int(workers)  # those in flight
    assert "running" not in states
    assert "waiting" not in states
    assert "Tried 6 sets of parameters" in done.stdout
    assert finished(journal) == 6
    assert not list((tmp_path / "study").glob(".*"))  # what the dead process left is swept


@pytest.mark.slow
def test_what_it_finds_is_what_train_takes(shop: Shop, tmp_path: Path) -> None:
    told = subprocess.run(command(shop, tmp_path, "--trials", "3"), check=True, capture_output=True, text=True).stdout
    settings = tmp_path / "study" / "best.toml"
    said = tomllib.loads(settings.read_text(encoding="utf-8"))
    best = min((row for row in rows(tmp_path) if row["state"] == "complete"), key=lambda row: float(row["loss"]))

    present = Config.load(tmp_path / "settings.toml").training.booster
    chosen = best if "More than chance" in told else {"num_leaves": present.num_leaves, "rounds": present.rounds}
    assert said["training"]["booster"]["num_leaves"] == int(float(chosen["num_leaves"]))
    assert said["training"]["booster"]["rounds"] == int(float(chosen["rounds"]))
    assert said["training"]["fit_weeks"] == 6  # the settings it was given are all there
    assert said["tracking_uri"] == shop.uri
    config = Config.load(settings)
    version = stagecast.train(shop.frame, AS_OF, config.overridden("training", model_name="tuned")).version
    assert version.version == 1


@pytest.mark.slow
def test_other_orders_are_refused_and_the_study_is_left_as_it_was(shop: Shop, tmp_path: Path, run) -> None:
    subprocess.run(command(shop, tmp_path, "--trials", "1"), check=True, capture_output=True)
    journal = (tmp_path / "study" / JOURNAL).read_bytes()
    other = tmp_path / "other.parquet"
    shop.frame.iloc[:-5].to_parquet(other)
    refused = run("tune", other, *command(shop, tmp_path, "--trials", "2")[5:])

    assert refused.code == 2
    assert "'orders' has changed" in refused.err
    assert "another --out for a new study" in refused.err
    assert (tmp_path / "study" / JOURNAL).read_bytes() == journal


@pytest.mark.slow
def test_the_time_budget_ends_it(shop: Shop, tmp_path: Path) -> None:
    asked = command(shop, tmp_path, "--trials", "1000", "--time-budget", "4s")
    subprocess.run(asked, check=True, capture_output=True)
    table = rows(tmp_path)

    assert 1 <= sum(row["state"] in ("complete", "pruned") for row in table) < 1000
    assert sum(row["state"] == "waiting" for row in table) <= 1
    assert (tmp_path / "study" / "best.toml").exists()
