"""Who moved: the merge of two streams says what a join of whole tables says."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.stages.moves import STAGES
from serving.contract import SCHEMA
from serving.moved import COLUMNS, Moved, moved

WHEN = ("2011-06-06", "2011-06-13")
IDS = st.sampled_from(["", "0007", "7", "=cmd|' /C calc'!A0", "<script>", "Ä", "ä", "é", "e\u0301", "😀", "\x00", "z"])
ROWS = st.dictionaries(
    IDS, st.tuples(st.sampled_from(STAGES), st.sampled_from([0.0, 0.2, 0.4, 0.9]), st.sampled_from([None, 12.5]))
)


def week(rows: dict[str, tuple[str, float, float | None]]) -> pa.Table:
    table = {
        "customer_id": sorted(rows),
        "stage": [rows[name][0] for name in sorted(rows)],
        "p_regression": [rows[name][1] for name in sorted(rows)],
        "value_at_risk": [rows[name][2] for name in sorted(rows)],
        "reasons": [f"because of {name!r}" for name in sorted(rows)],
    }
    return pa.table(table, schema=pa.schema([SCHEMA.field(name) for name in COLUMNS]))


def batches(table: pa.Table, rows: int) -> Iterator[pa.RecordBatch]:
    yield pa.RecordBatch.from_pylist([], table.schema)
    yield from table.to_batches(max_chunksize=rows)


@settings(max_examples=12)
@given(ROWS, ROWS, st.integers(1, 5), st.integers(1, 5))
def test_batches_of_any_size_say_what_whole_tables_say(before: dict, now: dict, one: int, other: int) -> None:
    then, here = week(before), week(now)

    assert moved(batches(then, one), batches(here, other), WHEN) == moved([then], [here], WHEN)


@settings(max_examples=12)
@given(ROWS, ROWS)
def test_flow_new_and_gone_are_those_of_a_join(before: dict, now: dict) -> None:
    found = moved([week(before)], [week(now)], WHEN)
    both = before.keys() & now.keys()

    for then in STAGES:
        for here in STAGES:
            expected = sum(before[name][0] == then and now[name][0] == here for name in both)
            assert found.flow[then][here] == expected
        assert found.gone[then] == sum(before[name][0] == then for name in before.keys() - now.keys())
        assert found.new[then] == sum(now[name][0] == then for name in now.keys() - before.keys())
        there, here_now = ({name for name in side if side[name][0] == then} for side in (before, now))
        assert found.entered[then] == len(here_now - there)
        assert found.left[then] == len(there - here_now)


@settings(max_examples=12)
@given(ROWS, ROWS, st.integers(0, 4))
def test_the_largest_changes_come_first(before: dict, now: dict, most: int) -> None:
    found = moved([week(before)], [week(now)], WHEN, most)
    change = {name: now[name][1] - before[name][1] for name in sorted(before.keys() & now.keys())}
    risen = sorted((name for name in change if change[name] > 0), key=lambda name: -change[name])
    fallen = sorted((name for name in change if change[name] < 0), key=lambda name: change[name])

    assert [one.customer_id for one in found.risen] == risen[:most]
    assert [one.customer_id for one in found.fallen] == fallen[:most]
    for one in (*found.risen, *found.fallen):
        assert (one.stage_before, one.p_before) == before[one.customer_id][:2]
        assert (one.stage, one.p, one.value_at_risk) == now[one.customer_id]
        assert one.reasons == one.reasons_before == f"because of {one.customer_id!r}"


@settings(max_examples=12)
@given(ROWS, ROWS)
def test_it_is_json(before: dict, now: dict) -> None:
    found = moved([week(before)], [week(now)], WHEN)

    assert Moved.model_validate_json(found.model_dump_json()) == found


def test_a_million_rows_take_a_batch_of_memory_at_a_time() -> None:
    taken: list[int] = []

    def watched(seed: int) -> Iterator[pa.Table]:
        rng = np.random.default_rng(seed)
        for part in range(5):
            taken.append(seed)
            ids = [f"{part}{k:03}" for k in range(100)]
            yield week({name: (STAGES[rng.integers(4)], float(rng.random()), None) for name in ids})

    moved(watched(1), watched(2), WHEN)

    assert taken == [1, 2] * 5, "one week was read far ahead of the other"


def test_a_probability_that_rose_with_its_reasons() -> None:
    before = {"a": ("stable", 0.1, 5.0), "b": ("formative", 0.5, 1.0)}
    now = {"a": ("regression", 0.9, 7.0), "b": ("formative", 0.4, 1.0)}
    found = moved([week(before)], [week(now)], WHEN)

    (a,), (b,) = found.risen, found.fallen
    assert (a.customer_id, a.stage_before, a.stage, a.p - a.p_before) == (
        "a",
        "stable",
        "regression",
        pytest.approx(0.8),
    )
    assert b.customer_id == "b"
    assert pd.Series(found.entered).to_dict() == {"examination": 0, "formative": 0, "stable": 0, "regression": 1}
