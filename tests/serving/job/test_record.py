"""Each published week has one run in MLflow, sooner or later, and no customer is in it."""

import json
from pathlib import Path

import mlflow
import pandas as pd
import pyarrow as pa
import pytest
from memory_store import MemoryStore
from trained_shop import AS_OF, Shop

from features.errors import StagecastError
from serving.contract import SCHEMA
from serving.gates import FACTS, Counts, OrderDays, WeekFacts
from serving.job.record import record
from serving.store import Stamp


def publish(store: MemoryStore, scores: pd.DataFrame, as_of: str, job: tuple[str, str]) -> None:
    table = pa.Table.from_pandas(scores.assign(as_of=as_of), schema=SCHEMA, preserve_index=False)
    none, (model, scoring_id) = (0,) * 420, job
    facts = WeekFacts(
        as_of=as_of,
        model=f"{model}/1",
        spec_hash="s",
        counts=Counts.of([table]),
        lost=7,
        orders=OrderDays(since="1997-01-06", lines=none, customers=none, newcomers=none, begun=420),
    )
    stamp = Stamp(
        as_of=as_of,
        scoring_id=scoring_id,
        model_name=model,
        model_version=1,
        spec_hash="s",
        contract_hash="c",
        bundle_digest="b",
        scored_at="2026-11-22T10:00:00+00:00",
        facts={FACTS: facts.model_dump(mode="json")},
    )
    store.publish(table.to_batches(), stamp)


def runs(model: str, uri: str) -> list[mlflow.entities.Run]:
    client = mlflow.MlflowClient(uri)
    return list(client.search_runs([client.get_experiment_by_name(f"{model}-scoring").experiment_id]))


def test_a_week_is_recorded_once_in_figures_that_name_nobody(shop: Shop, scores: pd.DataFrame) -> None:
    store = MemoryStore()
    publish(store, scores, AS_OF, ("once", "a" * 32))
    page = "<html>no names</html>"
    assert record(store, "once", shop.uri, lambda _: page) == [AS_OF]
    assert record(store, "once", shop.uri, lambda _: page) == []
    (run,) = runs("once", shop.uri)
    assert run.info.run_name == run.data.tags["as_of"] == AS_OF
    assert run.data.metrics["customers"] == len(scores)
    assert run.data.metrics["lost"] == 7
    assert run.data.metrics["mean_p_order"] == pytest.approx(scores["p_order"].mean())
    assert sum(run.data.metrics[f"share_{name}"] for name in scores["stage"].unique()) == pytest.approx(1)
    told = json.dumps([run.data.tags, run.data.metrics, run.data.params])
    assert not [customer for customer in scores["customer_id"] if f'"{customer}"' in told]
    path = mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/report.html", tracking_uri=shop.uri)
    assert Path(path).read_text() == page


def test_what_was_missed_is_made_up_for(shop: Shop, scores: pd.DataFrame) -> None:
    store = MemoryStore()
    publish(store, scores, "1998-02-23", ("missed", "a" * 32))
    with pytest.raises(StagecastError, match="cannot be opened"):
        record(store, "missed", "http://127.0.0.1:9", str)
    publish(store, scores, AS_OF, ("missed", "b" * 32))
    assert record(store, "missed", shop.uri, str) == ["1998-02-23", AS_OF]


def test_weeks_of_another_model_are_not_its(shop: Shop, scores: pd.DataFrame) -> None:
    store = MemoryStore()
    publish(store, scores, AS_OF, ("another", "a" * 32))
    assert record(store, "nobody", shop.uri, str) == []
