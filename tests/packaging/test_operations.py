"""The examples of operation and the runbook: what they say can be run, and what may happen is in them."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from features.errors import BusyError, DataError, GateError, StagecastError, UsageError
from serving.drift.drift import Decision
from serving.gates import GatesConfig
from serving.gates.config import Action
from serving.report.words import GATES, STANDINGS
from stagecast.cli import app

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "operations"
SCRIPT = FOLDER / "weekly.sh"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
ORDERS, STORE = "orders of the shop.parquet", "$(scores)"

FAKE = """#!/bin/sh
printf '%s\\n' "$#" "$@" >> "$CALLS"
for word in "$@"; do
    [ "$word" = "$FAILS" ] && exit "$CODE"
done
exit 0
"""
"""A stagecast that only writes down how it was called, and fails in one command if it is told to."""


def parsed(arguments: list[str]) -> str:
    """The command that our own command line takes these for; nothing is run."""
    group = typer.main.get_command(app)
    with group.make_context("stagecast", arguments) as context:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])  # type: ignore[attr-defined]
        assert command is not None
        command.make_context(name, rest, parent=context)
    return str(name)


def blocks(page: Path) -> Iterator[str]:
    """The command lines of Markdown's code blocks."""
    for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^stagecast .*", block, re.MULTILINE)


@pytest.mark.parametrize(
    "line", sorted({line for pages in ("*.md", "docs/*.md") for page in ROOT.glob(pages) for line in blocks(page)})
)
def test_the_commands_of_the_pages_are_ours(line: str) -> None:
    parsed(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("page", ["README.md", "docs/cluster.md", "docs/runbook.md", "docs/weekly.md"])
def test_pages_on_operation_have_commands(page: str) -> None:
    assert list(blocks(ROOT / page))


def test_what_the_runbook_names_in_passing_are_commands_of_ours() -> None:
    names = set(re.findall(r"`stagecast (?:--\S+ [^\s`]+ )?([a-z]+)", RUNBOOK))

    assert names >= {"check", "grade", "report", "tidy", "train"}
    assert names <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_runbook_knows_every_exit_code_gate_and_verdict() -> None:
    codes = {error.exit_code for error in (StagecastError, UsageError, DataError, GateError, BusyError)} | {0, 130}
    gates = {name for name, field in GatesConfig.model_fields.items() if field.annotation == Action}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", RUNBOOK, re.MULTILINE)} == codes
    assert {gate for gate in gates if f"| `{gate}` |" not in RUNBOOK} == set()
    assert {word for word in Decision.__args__ if f"| {word} |" not in RUNBOOK} == set()
    assert gates <= set(GATES)
    assert set(STANDINGS) == set(Decision.__args__)


def run_script(tmp_path: Path, fails: str = "", code: int = 1, **more: str) -> tuple[int, list[list[str]]]:
    (tmp_path / "stagecast").write_text(FAKE)
    (tmp_path / "stagecast").chmod(0o755)
    told = {"ORDERS": ORDERS, "STORE": STORE, "CONFIG": "a b.toml", "REPORT": str(tmp_path / "new" / "week.html")}
    calls = tmp_path / "calls"
    fake = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls), "FAILS": fails}
    done = subprocess.run([SCRIPT], env=told | fake | {"CODE": str(code)} | more, check=False, timeout=30)
    words = calls.read_text().splitlines()
    found = list[list[str]]()
    while words:
        number = int(words.pop(0))
        found.append(words[:number])
        del words[:number]
    return done.returncode, found


def test_the_week_scores_grades_reports_and_tidies_by_commands_of_ours(tmp_path: Path) -> None:
    code, calls = run_script(tmp_path)

    assert code == 0
    assert [parsed(call) for call in calls] == ["score", "grade", "report", "tidy"]
    assert all(ORDERS in call or STORE in call for call in calls)


def test_a_week_that_was_missed_may_be_named(tmp_path: Path) -> None:
    _, calls = run_script(tmp_path, AS_OF="2011-06-06")

    assert [parsed(call) for call in calls if "2011-06-06" in call] == ["score", "report"]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 75])
def test_after_a_score_that_failed_nothing_else_is_done(tmp_path: Path, code: int) -> None:
    ended, calls = run_script(tmp_path, "score", code)

    assert ended == code
    assert len(calls) == 1


@pytest.mark.parametrize("fails", ["grade", "report", "tidy"])
def test_what_fails_after_the_scores_keeps_nothing_else_back_and_is_told(tmp_path: Path, fails: str) -> None:
    ended, calls = run_script(tmp_path, fails, 3)

    assert ended == 3
    assert len(calls) == 4


def test_the_week_says_what_it_was_not_told(tmp_path: Path) -> None:
    done = subprocess.run([SCRIPT], env={"PATH": os.environ["PATH"]}, capture_output=True, check=False, timeout=30)

    assert done.returncode != 0
    assert b"ORDERS" in done.stderr


def test_the_line_of_cron_is_one() -> None:
    lines = [line for line in (FOLDER / "crontab").read_text().splitlines() if line and not line.startswith("#")]
    settings, jobs = [line for line in lines if re.match(r"\w+=", line)], lines[-1:]

    assert len(settings) == len(lines) - 1
    assert {line.split("=")[0] for line in settings} >= {"ORDERS", "STORE", "CONFIG", "REPORT"}
    *when, command = jobs[0].split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in when)
    assert when[-1] == "1"  # Mondays
    assert "%" not in command  # cron would take it for the end of the line
    assert (ROOT / command.split()[3].removeprefix("/opt/stagecast/")).samefile(SCRIPT)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in ("stagecast.service", "stagecast.timer"):
        unit = (FOLDER / name).read_text().replace("/opt/stagecast/docs/operations/weekly.sh", str(SCRIPT))
        (tmp_path / name).write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "stagecast.service", tmp_path / "stagecast.timer"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert [line for line in done.stderr.splitlines() if "stagecast." in line] == []
    assert done.returncode == 0


def test_the_dag_calls_commands_of_ours_and_knows_which_codes_are_hopeless() -> None:
    tree = ast.parse((FOLDER / "airflow_dag.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run"]
    lines = [[part.value if isinstance(part, ast.Constant) else "x.html" for part in call.args] for call in calls]
    named = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]

    assert sorted(parsed(line) for line in lines) == ["grade", "report", "score", "tidy"]
    hopeless = ast.literal_eval(named["HOPELESS"])
    assert hopeless == (UsageError.exit_code, DataError.exit_code, GateError.exit_code)
    assert BusyError.exit_code not in hopeless


def test_the_schedule_on_github_runs_the_script_alone_and_with_few_rights() -> None:
    flow = yaml.safe_load((FOLDER / "weekly.yml").read_text())
    job = flow["jobs"]["week"]

    assert flow[True]["schedule"] == [{"cron": "0 4 * * 1"}]  # YAML 1.1 takes `on` for a truth
    assert flow["permissions"] == {"contents": "read"}
    assert flow["concurrency"]["cancel-in-progress"] is False
    assert "docs/operations/weekly.sh" in " ".join(step.get("run", "") for step in job["steps"])
    assert set(job["env"]) >= {"ORDERS", "STORE", "CONFIG", "REPORT"}
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]  # nothing from outside reaches a shell


def test_the_container_is_made_from_what_is_there() -> None:
    text = re.sub(r"\\\n", " ", (FOLDER / "Containerfile").read_text())
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python = re.search(r"python:3\.(\d+)-slim", text)

    assert {word for word, _ in lines} <= {"FROM", "RUN", "COPY", "USER", "WORKDIR", "ENV", "ENTRYPOINT", "CMD"}
    for word, rest in lines:
        if word == "COPY" and not rest.startswith("--from"):
            assert all((ROOT / name).exists() for name in rest.split()[:-1])
    assert python
    assert f"3.{python[1]}" in ("3.11", "3.12", "3.13")
    assert 'ENTRYPOINT ["stagecast"]' in text
    assert "stagecast" in project["scripts"]
    assert lines[-3][0] != "USER"
    assert ["USER", "10001:10001"] in lines


def test_the_cluster_is_of_commands_of_ours_and_of_dask_that_find_each_other() -> None:
    scheduler_cli, worker_cli = (
        pytest.importorskip(f"distributed.cli.dask_{name}", reason="dask is not installed: stagecast[dask]").main
        for name in ("scheduler", "worker")
    )
    cluster = yaml.safe_load((FOLDER / "cluster.yml").read_text())
    scheduler, worker, week = (cluster["services"][name] for name in ("scheduler", "worker", "week"))
    dask = {words[1]: words[2:] for words in (scheduler["entrypoint"], worker["entrypoint"])}
    with scheduler_cli.make_context("scheduler", dask["scheduler"]) as context:
        port = context.params["port"]
    with worker_cli.make_context("worker", dask["worker"]) as context:
        address = context.params["scheduler"]

    assert parsed(week["command"]) == "score"
    assert address == week["command"][week["command"].index("--scheduler") + 1] == f"tcp://scheduler:{port}"
    assert all(one["volumes"] == week["volumes"] for one in (scheduler, worker))  # partitions are handed over as files
    assert all(Path(word).is_relative_to("/shop") for word in week["command"] if word.startswith("/"))
    build = scheduler["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).resolve() == FOLDER / "Containerfile"


def test_the_cluster_cannot_be_reached_from_outside() -> None:
    cluster = yaml.safe_load((FOLDER / "cluster.yml").read_text())

    assert cluster["networks"] == {"cluster": {"internal": True}}
    for service in cluster["services"].values():
        assert "ports" not in service
        assert service["networks"] == ["cluster"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell is needed")
def test_the_script_may_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert subprocess.run(["sh", "-n", SCRIPT], check=False, timeout=30).returncode == 0
