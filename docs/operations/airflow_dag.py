"""The week as an Airflow DAG: the end of the data interval is the cut-off, so a cleared run does the same week."""

import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

ORDERS = "postgresql://shop.internal/shop?table=orders"
STORE = "s3://company-scores/weekly"
CONFIG = "/etc/stagecast/stagecast.toml"
REPORTS = "/srv/reports"
HOPELESS = (2, 3, 4)  # usage, data rejected, a gate said no: trying again changes nothing


def run(*arguments: str) -> int:
    """Run a command of ours; its exit code."""
    return subprocess.run(["stagecast", "--log-format", "json", *arguments], check=False).returncode


def judge(code: int) -> None:
    """What may succeed later is tried again, what cannot is not."""
    if code in HOPELESS:
        raise AirflowFailException(f"stagecast ended with {code}: see docs/runbook.md")
    if code:
        raise AirflowException(f"stagecast ended with {code}: trying again")


@dag(
    schedule="0 4 * * 1",
    start_date=datetime(2026, 1, 5),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 5, "retry_delay": timedelta(minutes=15)},
    tags=["stagecast"],
)
def weekly_scoring() -> None:
    """Score; then grade and report; then tidy up."""

    @task
    def score(data_interval_end: datetime) -> str:
        as_of = data_interval_end.date().isoformat()
        judge(run("score", ORDERS, "--as-of", as_of, "--out", STORE, "--config", CONFIG))
        return as_of

    @task
    def grade_and_report(as_of: str) -> None:
        graded = run("grade", STORE, ORDERS, "--config", CONFIG)
        judge(run("report", STORE, "--as-of", as_of, "--out", f"{REPORTS}/{as_of}.html", "--config", CONFIG))
        judge(graded)  # a grade that failed does not keep the report back

    @task
    def tidy() -> None:
        judge(run("tidy", STORE))

    grade_and_report(score()) >> tidy()


weekly_scoring()
