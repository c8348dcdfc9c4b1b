"""Made-up weeks of scores: rows that keep the contract, without a model."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pyarrow as pa

from serving.contract import SCHEMA
from serving.store import Stamp

WEEK = "2011-06-06"


def made_week(as_of: str = WEEK, ids: Sequence[str] | int = 50, seed: int = 0) -> pa.RecordBatch:
    """One batch of a week; another seed is another set of scores of the same customers."""
    names = [f"c{number:06d}" for number in range(ids)] if isinstance(ids, int) else sorted(ids)
    rng, rows = np.random.default_rng(seed), len(names)
    p = rng.dirichlet([1, 1, 1, 1], rows)
    columns = {
        "customer_id": names,
        "as_of": pa.array([as_of] * rows).dictionary_encode(),
        "stage": rng.choice(["examination", "formative", "stable", "regression"], rows),
        "stage_since": (np.datetime64(as_of, "ms") - rng.integers(0, 50, rows) * np.timedelta64(7, "D")),
        "next_stage": rng.choice(["examination", "formative", "stable", "regression"], rows),
        **dict(zip(("p_examination", "p_formative", "p_stable", "p_regression"), p.T, strict=True)),
        "p_order": rng.random(rows),
        "reasons": [f"silent for {gaps:.1f} of its usual gaps" for gaps in rng.gamma(2, 1, rows)],
        "model_name": ["stagecast"] * rows,
        "model_version": [seed] * rows,
        "spec_hash": ["5ec"] * rows,
        "run_id": ["f00"] * rows,
        "scored_at": np.full(rows, np.datetime64("2011-06-06T04:00:00.123456")),
    }
    money = rng.gamma(2, 50, (len(SCHEMA), rows))
    missing = rng.random(rows) < 0.1
    return pa.RecordBatch.from_arrays(
        [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.array(money[place], field.type, mask=missing)
            for place, field in enumerate(SCHEMA)
        ],
        schema=SCHEMA,
    )


def made_stamp(as_of: str = WEEK, job: int = 1, scored_at: str = "2011-06-06T04:00:00", **facts: object) -> Stamp:
    """What a job hands over with a week."""
    return Stamp(
        as_of=as_of,
        scoring_id=UUID(int=job).hex,
        model_name="stagecast",
        model_version=1,
        spec_hash="5ec",
        contract_hash="c0",
        bundle_digest="b0",
        scored_at=scored_at,
        facts=dict(facts),
    )
