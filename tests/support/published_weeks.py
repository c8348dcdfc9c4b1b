"""Weeks of a trained shop, scored and published in a store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pyarrow as pa
from trained_shop import Shop

import stagecast
from serving.contract import SCHEMA
from serving.registered import Registered
from serving.store import Stamp, Store, open_store


def publish(folder: Path, shop: Shop, weeks: Sequence[str], registered: Registered | None = None) -> Store:
    """Score and publish weeks with the champion, or another version."""
    store, model = open_store(folder), registered or shop.registered
    for as_of in weeks:
        scores = stagecast.score(shop.frame, as_of, config=shop.config, model=model).table
        put(store, scores, model)
    return store


def put(store: Store, scores: pd.DataFrame, model: Registered) -> None:
    """Publish one week of scores."""
    stamp = Stamp(
        as_of=str(scores["as_of"].iloc[0]),
        scoring_id=uuid4().hex,
        model_name=model.name,
        model_version=model.version,
        spec_hash=model.model.spec.hash,
        contract_hash=model.model.contract.hash,
        bundle_digest=model.digest,
        scored_at=datetime.now(UTC).isoformat(),
    )
    store.publish([pa.RecordBatch.from_pandas(scores, schema=SCHEMA, preserve_index=False)], stamp)
