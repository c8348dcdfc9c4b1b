"""A run in MLflow for each published week: figures to plot over weeks, and the report. Never a row of scores."""

from collections.abc import Callable, Iterator
from datetime import datetime

from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME, MLFLOW_RUN_NOTE

from features.errors import StagecastError
from features.model.store import experiment, open_store, quiet
from serving.gates import WeekFacts
from serving.store import Receipt, Store

BACK = 8
"""Newest weeks that are looked at: those that could not be recorded in their time are recorded now."""

SCORING_ID = "scoring_id"

Page = Callable[[str], str]
"""From a cut-off to the report of its week."""


def record(store: Store, model: str, uri: str | None, page: Page) -> list[str]:
    """See to it that the newest weeks by a model have their runs in MLflow, in the experiment `MODEL-scoring`.

    A week is known by the job that published it, so nothing is recorded
    twice, and what could not be recorded while the server was away is
    recorded later.

    Returns:
        Cut-offs that were recorded now.

    Raises:
        StagecastError: the store of MLflow cannot be opened, or refuses the run.
    """
    receipts = [receipt for week in store.weeks()[-BACK:] if (receipt := store.receipt(week))]
    try:
        with quiet():
            return _recorded(receipts, model, open_store(uri), page)
    except MlflowException as error:
        raise StagecastError("MLflow refuses the run", got=error.message, remedy="check the store of MLflow") from None


def _recorded(receipts: list[Receipt], model: str, uri: str, page: Page) -> list[str]:
    client, place = MlflowClient(uri), experiment(f"{model}-scoring", uri)
    known = {run.data.tags.get(SCORING_ID) for run in client.search_runs([place], max_results=100)}
    new = [one for one in receipts if one.model_name == model and one.scoring_id not in known]
    for receipt in new:
        _record(client, place, receipt, page)
    return [receipt.as_of for receipt in new]


def _record(client: MlflowClient, place: str, receipt: Receipt, page: Page) -> None:
    facts = WeekFacts.kept_in(receipt.facts)
    if facts is None:
        return
    when = int(datetime.fromisoformat(receipt.scored_at).timestamp() * 1000)
    run = client.create_run(place, when, dict(_tags(receipt))).info.run_id
    client.log_batch(run, [Metric(name, value, when, 0) for name, value in _metrics(facts)])
    client.log_text(run, page(receipt.as_of), "report.html")
    client.set_terminated(run)


def _tags(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield MLFLOW_RUN_NAME, receipt.as_of
    yield MLFLOW_RUN_NOTE, f"{receipt.rows:,} customers at {receipt.as_of}, by version {receipt.model_version}."
    for name in ("as_of", SCORING_ID, "model_version", "spec_hash", "contract_hash", "bundle_digest", "content"):
        yield name, str(getattr(receipt, name))


def _metrics(facts: WeekFacts) -> Iterator[tuple[str, float]]:
    """Names that do not change from week to week; what there is no money for is left out."""
    yield "customers", facts.counts.rows
    yield "new_customers", facts.new_customers
    yield "lost", facts.lost
    for stage, customers in facts.counts.stages.items():
        yield f"share_{stage}", customers / max(facts.counts.rows, 1)
    for name in ("p_regression", "p_order"):
        yield f"mean_{name}", facts.mean(name)
    for name in ("expected_spend", "value_at_risk"):
        if name in facts.counts.sums:
            yield name, facts.counts.sums[name]
