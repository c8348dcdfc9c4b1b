"""The front door: help at once, plain last lines, results apart from progress, exit codes that mean something."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import UsageError
from stagecast.cli import app
from stagecast.commands import orders as check_command
from stagecast.demo import cdnow

COMMANDS = [
    "demo",
    "check",
    "stages",
    "features",
    "train",
    "promote",
    "rollback",
    "score",
    "grade",
    "export",
    "tidy",
    "forget",
    "report",
    "backtest",
    "simulate",
    "tune",
    "validity",
]
STAGECAST = Path(sys.executable).with_name("stagecast")
HEAVY = {"mlflow", "sklearn", "lightgbm", "numba", "pandas", "matplotlib"}


def in_a_process(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stagecast.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def test_help_comes_within_a_second() -> None:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "stagecast.cli", "--help"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 1


@pytest.mark.parametrize("arguments", [["--help"], ["score", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"import sys; sys.argv = ['stagecast', *{arguments}]\nfrom stagecast.cli import main\n"
    code += "try:\n    main()\nfinally:\n    print(*(name for name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.skipif(not STAGECAST.exists(), reason="stagecast is not installed beside this Python")
def test_the_installed_command_is_the_same_one() -> None:
    done = subprocess.run([STAGECAST, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{stagecast.__version__}\n"


def test_there_are_these_commands_and_help_lists_them(run) -> None:
    assert list(typer.main.get_command(app).commands) == COMMANDS
    shown = run("--help")
    assert shown.code == 0
    assert all(name in shown.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example_that_parses(run, command: str) -> None:
    shown = run(command, "--help")
    assert shown.code == 0
    (example,) = (line.strip(" │") for line in shown.out.splitlines() if "Example:" in line)
    program, named, *arguments = example.removeprefix("Example: ").split()
    assert (program, named) == ("stagecast", command)
    typer.main.get_command(app).commands[command].make_context(command, arguments)


def test_defaults_are_told_in_help(run) -> None:
    assert "mlflow.db here" in " ".join(run("train", "--help").out.split())
    assert "the champion" in " ".join(run("score", "--help").out.split())


def test_the_fixed_forms_are_there() -> None:
    options = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in typer.main.get_command(app).commands.items()
    }
    everywhere = {"orders", "--config", "--tracking-uri", "--week-starts"}
    assert everywhere | {"--as-of", "--out"} <= options["stages"]
    assert everywhere | {"--cutoffs", "--out", "--select"} <= options["features"]
    assert everywhere | {"--as-of", "--period", "--promote"} <= options["train"]
    assert everywhere | {"--as-of", "--out", "--model"} <= options["score"]
    assert everywhere | {"store", "--as-of"} <= options["grade"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["check"],
        ["stages", "orders.csv"],
        ["features", "orders.csv", "--cutoffs", AS_OF],
        ["score", "orders.csv", "--as-of", AS_OF],
        ["check", "orders.csv", "--nonsense"],
        ["check", "orders.csv", "--config", "missing.toml"],
        ["train", "orders.csv", "--as-of", AS_OF, "--period", "3 weeks"],
        ["train", "orders.csv", "--as-of", "tomorrow"],
        ["check", "orders.csv", "--week-starts", "someday"],
        ["score", "orders.csv", "--as-of", AS_OF, "--out", "x", "--model", "champion"],
        ["score", "orders.csv", "--as-of", AS_OF, "--out", "x", "--tracking-uri", "./mlruns"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_leaves_nothing(run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.err.strip()
    assert done.out == ""
    assert not list(Path.cwd().iterdir())


def test_without_arguments_help_is_shown(run) -> None:
    assert "score" in run().out


def test_the_catalogue_needs_nothing_else(run) -> None:
    assert "`net_spend_{w}w`" in run("features", "--catalogue").out


def test_check_reports(run, shop: Shop) -> None:
    done = run("check", shop.orders)
    assert done.code == 0
    assert done.out.startswith("5,778 rows read, 5,778 kept, 0 set aside\n1,965 customers, orders from 1997-01-01")
    assert done.last == f"5,778 order lines of 1,965 customers in {shop.orders} can be used."
    assert done.err == "check: read the orders ...\n"


def test_rows_that_are_set_aside_are_kept_with_their_reasons(run, shop: Shop) -> None:
    frame = shop.frame.astype({"amount": str})
    frame.loc[[0, 45], "amount"] = "a lot"
    frame.to_csv("orders.csv", index=False)
    done = run("check", "orders.csv")
    assert done.code == 0
    (kept,) = Path("quarantine").iterdir()
    assert f"2 of 5,778 rows were set aside, with reasons: {kept}" in done.out
    assert pd.read_parquet(kept)["reason"].str.contains("a lot").all()


def test_stages_are_written_with_their_spec(run, shop: Shop) -> None:
    done = run("stages", shop.orders, "--as-of", AS_OF, "--out", "new/s.parquet", "--save-spec", "spec.json")
    assert done.code == 0
    assert done.last == f"Stages of 1,965 customers at {AS_OF} are in new/s.parquet"
    table = pd.read_parquet("new/s.parquet")
    assert list(table)[:4] == ["customer_id", "as_of", "stage", "stage_since"]
    assert pq.read_schema("new/s.parquet").metadata[b"stagecast.spec_hash"].decode() == table["spec_hash"].iloc[0]
    again = run("stages", shop.orders, "--as-of", AS_OF, "--out", "t.parquet", "--spec", "spec.json")
    assert again.code == 0
    pd.testing.assert_frame_equal(table, pd.read_parquet("t.parquet"))


def test_features_are_written(run, shop: Shop) -> None:
    wanted = ["--cutoffs", f"{AS_OF}, 1998-02-02,{AS_OF}", "--select", "net_spend_*,recency", "--out", "f.parquet"]
    done = run("features", shop.orders, *wanted)
    assert done.code == 0
    assert done.last == "8 features of 3,930 snapshots at 2 cut-offs are in f.parquet"
    table = pd.read_parquet("f.parquet")
    assert list(table)[:3] == ["customer_id", "cutoff", "recency"]
    assert table.set_index(["customer_id", "cutoff"]).index.is_monotonic_increasing
    assert set(table.dtypes.iloc[3:].astype(str)) == {"float64"}
    assert table.dtypes["recency"] == "float32"


def test_rows_that_features_sets_aside_are_kept_too(run, shop: Shop) -> None:
    frame = shop.frame.astype({"amount": str})
    frame.loc[[0, 45], "amount"] = "a lot"
    frame.to_csv("orders.csv", index=False)
    done = run("features", "orders.csv", "--cutoffs", AS_OF, "--select", "recency", "--out", "f.parquet")
    assert done.code == 0
    (kept,) = Path("quarantine").iterdir()
    assert f"rows were set aside, with reasons: {kept}" in done.out
    assert pd.read_parquet(kept)["reason"].str.contains("a lot").all()


def test_a_row_does_not_depend_on_which_other_cut_offs_are_asked_for(run, shop: Shop) -> None:
    run("features", shop.orders, "--cutoffs", f"1998-02-02,{AS_OF}", "--out", "both.parquet")
    run("features", shop.orders, "--cutoffs", AS_OF, "--out", "one.parquet")
    both, one = pd.read_parquet("both.parquet"), pd.read_parquet("one.parquet")
    pd.testing.assert_frame_equal(both[both["cutoff"] == AS_OF].reset_index(drop=True), one, check_exact=True)


def test_an_unknown_feature_is_refused_with_those_there_are(run, shop: Shop) -> None:
    done = run("features", shop.orders, "--cutoffs", AS_OF, "--select", "moon_*", "--out", "f.parquet")
    assert done.code == 2
    assert "net_spend_*" in done.err


def test_score_publishes_and_again_changes_nothing(run, shop: Shop) -> None:
    wanted = ["score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--tracking-uri", shop.uri]
    first, second = run(*wanted), run(*wanted)
    assert (first.code, second.code) == (0, 0)
    assert first.last == f"Scores of 1,965 customers at {AS_OF} are in scores"
    assert second.last == f"Scores of 1,965 customers at {AS_OF} were there already, nothing changed: scores"
    assert "Scored with stagecast version 1." in first.out
    assert len(pd.read_parquet("scores")) == 1965
    assert [line.split(":")[0] for line in first.err.splitlines()] == ["score"] * 8


def test_the_tracking_uri_may_come_from_the_environment(run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", shop.uri)
    assert run("score", shop.orders, "--as-of", AS_OF, "--out", "scores").code == 0


def test_a_settings_file_may_name_the_model(run, shop: Shop) -> None:
    Path("s.toml").write_text(f"tracking_uri = '{shop.uri}'\n[serving]\nmodel = 'stagecast/7'\nreasons = 0\n")
    done = run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--config", "s.toml")
    assert done.code == 1
    assert "there is no model stagecast/7" in done.err
    done = run(
        "score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--config", "s.toml", "--model", "stagecast/1"
    )
    assert done.code == 0
    assert set(pd.read_parquet("scores")["reasons"]) == {""}


def test_another_week_than_the_models_is_refused_with_both_sides(run, shop: Shop) -> None:
    wanted = ["--out", "scores", "--tracking-uri", shop.uri, "--week-starts", "sun"]
    done = run("score", shop.orders, "--as-of", "1998-03-01", *wanted)
    assert done.code == 2
    assert "got: sun" in done.err
    assert "allowed: mon" in done.err


def test_without_a_champion_the_way_there_is_told(run, shop: Shop) -> None:
    wanted = ["--out", "scores", "--tracking-uri", shop.uri, "--model", "nobody@champion"]
    done = run("score", shop.orders, "--as-of", AS_OF, *wanted)
    assert done.code == 1
    assert "stagecast train" in done.err
    assert not Path("scores").exists()


def test_force_and_reason_go_together(run, shop: Shop) -> None:
    for alone in (["--force"], ["--force", "--reason", " "], ["--reason", "why not"]):
        done = run("promote", *alone, "--tracking-uri", shop.uri)
        assert done.code == 2
        assert "--force" in done.err


def test_promotion_by_force_keeps_the_reason_and_who_is_champion_stays_it(run, shop: Shop) -> None:
    client = mlflow.MlflowClient(shop.uri, shop.uri)
    tags = client.get_model_version("stagecast", "1").tags
    assert tags["promoted_because"] == "so few rounds need not beat a baseline"
    done = run("promote", "stagecast@challenger", "--force", "--reason", "again", "--tracking-uri", shop.uri)
    assert done.code == 0
    assert done.last == "stagecast version 1 is champion now (before: version 1)."
    assert "It is champion already." in done.out
    with pytest.raises(UsageError, match="needs a reason"):
        stagecast.promote(config=shop.config, force=True)  # type: ignore[arg-type]  # as it was once


def test_there_is_no_way_back_from_the_first_champion(run, shop: Shop) -> None:
    done = run("rollback", "--tracking-uri", shop.uri)
    assert done.code == 1
    assert "there is no champion before version 1 of 'stagecast'" in done.err


def dataset_of_run(shop: Shop, run_id: str) -> str:
    used = mlflow.MlflowClient(shop.uri, shop.uri).get_run(run_id).inputs.dataset_inputs
    (name,) = {str(json.loads(one.dataset.source)["uri"]) for one in used}  # learnt from and judged on the same orders
    return name


@pytest.mark.slow
def test_training_tells_how_good_the_model_is_and_where_it_stands(run, shop: Shop) -> None:
    settings = shop.settings.read_text("utf-8").replace(
        "[training]", '[training]\nmodel_name = "second"\nexperiment = "second"'
    )
    Path("s.toml").write_text(settings, encoding="utf-8")
    done = run("train", shop.orders, "--as-of", AS_OF, "--config", "s.toml", "--tracking-uri", shop.uri)
    assert done.code == 0
    assert "Judged out of time at 1998-02-02" in done.out
    assert "regression: log loss 0." in done.out
    assert f"in {shop.uri}" in done.out
    assert done.last == "Registered second version 1 as challenger."
    assert dataset_of_run(shop, done.out.split("Run ")[1].split()[0]) == shop.orders.name
    assert all(line.startswith("train: ") for line in done.err.splitlines())
    assert run("score", shop.orders, "--as-of", AS_OF, "--out", "s", "--tracking-uri", shop.uri,
               "--model", "second@challenger").code == 0  # fmt: skip


def test_a_terminal_sees_one_moving_line_and_a_log_sees_each_step(run, shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("CI", "true")
    assert run("check", shop.orders).err == "check: read the orders ...\n"


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(settings: dict[str, str]) -> None:
    done = in_a_process("--help", env=os.environ | settings)
    assert "\x1b" not in done.stdout


@pytest.mark.slow
def test_an_interrupted_command_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    cdnow().to_parquet(tmp_path / "orders.parquet", index=False)
    cutoffs = ",".join(f"{day:%Y-%m-%d}" for day in pd.date_range("1997-03-03", "1998-06-29", freq="7D"))
    # whoever runs the tests in the background has Python ignore SIGINT, and children inherit that
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    arguments = [sys.executable, "-c", f"{heed}; from stagecast.cli import main; main()", "features"]
    arguments += ["orders.parquet", "--cutoffs", cutoffs, "--out", "out/f.parquet"]
    with subprocess.Popen(arguments, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "build the features" in line:
                break
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
    assert child.returncode == 130
    assert "Traceback" not in rest
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["orders.parquet"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (MemoryError(), 1, "out of memory"),
        (PermissionError(13, "Permission denied", "x.parquet"), 1, "Permission denied\n  got: x.parquet"),
        (OSError("strange"), 1, "stagecast: strange\n"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError, which is a defect"),
        (ValueError(), 1, "no message"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_goes_wrong_is_a_message_never_a_traceback(  # one line for each kind
    run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(check_command, "check", fail)
    done = run("check", "orders.csv")
    assert done.code == code
    assert words in done.err


def test_who_asks_sees_the_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_command, "check", lambda *_: 1 / 0)
    monkeypatch.setenv("STAGECAST_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("check", "orders.csv")


def test_the_public_names_are_the_verbs() -> None:
    for name in stagecast.__all__:
        assert callable(getattr(stagecast, name))
        assert getattr(stagecast, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = stagecast.nonsense


def test_a_week_that_a_gate_holds_back_is_not_published_and_the_summary_says_so(run, shop: Shop) -> None:
    wanted = ["--out", "scores", "--tracking-uri", shop.uri, "--summary", "s.json"]
    done = run("score", shop.orders, "--as-of", "2008-03-03", *wanted)
    assert done.code == 4
    assert "held back" in done.err
    assert "no orders at all in 60 weeks" in done.err
    told = json.loads(Path("s.json").read_text())
    assert (told["status"], told["exit_code"], told["as_of"]) == ("held back", 4, "2008-03-03")
    assert {one["gate"]: one["verdict"] for one in told["findings"]}["fresh"] == "stop"
    assert not list(Path("scores").rglob("*.parquet"))


def test_the_summary_tells_machines_how_a_run_ended(run, shop: Shop) -> None:
    wanted = ["score", shop.orders, "--out", "scores", "--tracking-uri", shop.uri, "--summary", "s.json", "--as-of"]
    said = [(run(*wanted, when).code, json.loads(Path("s.json").read_text())) for when in (AS_OF, AS_OF, "1998-03-03")]
    assert [(code, one["status"], one["exit_code"]) for code, one in said] == [
        (0, "published", 0),
        (0, "unchanged", 0),
        (2, "failed", 2),
    ]
    first, second, third = (one for _, one in said)
    assert first["rows"] == sum(first["stages"].values()) == 1965
    assert (first["scoring_id"], first["content"]) == (second["scoring_id"], second["content"])
    assert first["orders"]["read"] == first["orders"]["kept"] + first["orders"]["set_aside"]
    assert third["error"]["allowed"] == "1998-03-02 or 1998-03-09, the two nearest"


def test_a_summary_that_cannot_be_kept_is_told_before_the_work_and_an_old_one_is_not_believed(run, shop: Shop) -> None:
    wanted = ["score", shop.orders, "--out", "scores", "--tracking-uri", shop.uri, "--as-of", AS_OF, "--summary"]
    for place in ("nowhere/s.json", "."):
        assert run(*wanted, place).code == 2
    assert not Path("scores").exists()
    Path("s.json").write_text("old")
    assert run(*wanted, "s.json", "--model", "no model").code == 2
    assert json.loads(Path("s.json").read_text())["status"] == "failed"


def test_progress_and_errors_can_be_told_as_json(run, shop: Shop) -> None:
    done = run("--log-format", "json", "score", shop.orders, "--as-of", "1998-03-03", "--out", "s",
               "--tracking-uri", shop.uri)  # fmt: skip
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert [(line["level"], line["command"]) for line in lines] == [("info", "score"), ("error", "stagecast")]
    assert lines[0]["message"] == "fetch the model"
    assert lines[1]["exit_code"] == done.code == 2
    assert "two nearest" in lines[1]["allowed"]


def test_without_a_date_the_last_tick_is_scored(run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stagecast.scoring.last_tick", lambda _: AS_OF)
    done = run("score", shop.orders, "--out", "scores", "--tracking-uri", shop.uri)
    assert done.last == f"Scores of 1,965 customers at {AS_OF} are in scores"


def test_a_version_that_scored_before_scores_again_while_the_registry_is_away(run, shop: Shop) -> None:
    wanted = ["score", shop.orders, "--out", "scores", "--as-of"]
    assert run(*wanted, "1998-02-23", "--tracking-uri", shop.uri).code == 0
    away = ["--tracking-uri", "http://127.0.0.1:9"]
    refused, done = run(*wanted, AS_OF, *away), run(*wanted, AS_OF, *away, "--model", "stagecast/1")
    assert (refused.code, done.code) == (1, 0)
    assert "the model is the copy kept when it scored before" in done.out
    assert "the run was not recorded" in done.out
    assert set(pd.read_parquet("scores")["model_version"]) == {1}


def test_the_report_and_who_moved_lie_beside_the_scores(run, shop: Shop) -> None:
    for as_of in ("1998-02-23", AS_OF):
        assert run("score", shop.orders, "--as-of", as_of, "--out", "scores", "--tracking-uri", shop.uri).code == 0
    moved = json.loads(Path(f"scores/_documents/moved/{AS_OF}.json").read_text())
    assert (moved["before"], moved["as_of"]) == ("1998-02-23", AS_OF)
    assert json.loads(Path(f"scores/_documents/drift/{AS_OF}.json").read_text())["why"]
    assert "<html" in Path(f"scores/_reports/{AS_OF}.html").read_text()
    left = {path.name for path in Path("scores/_work").iterdir()}
    assert left == {"models"}
