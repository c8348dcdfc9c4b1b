"""The hash of a week: the same however the stream is cut, another if anything at all is another."""

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weeks import made_week

from serving.contract import SCHEMA
from serving.store.content import Content

WEEK = made_week(ids=["", "a", "a\0", "b", "é", "日本"])
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)


def digest(*batches: pa.RecordBatch) -> str:
    return Content().taken(batches).digest


def changed(name: str, values: list[object]) -> pa.RecordBatch:
    field = SCHEMA.field(name)
    return WEEK.set_column(SCHEMA.get_field_index(name), field, pa.array(values, field.type))


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(WEEK))))
def test_batches_may_end_anywhere(cuts: list[int]) -> None:
    ends = pairwise([0, *sorted(cuts), len(WEEK)])
    assert digest(*(WEEK[begin:end] for begin, end in ends)) == digest(WEEK)


@pytest.mark.parametrize("name", [name for name in SCHEMA.names if name not in ("as_of", "scored_at")])
def test_no_value_can_change_unseen(name: str) -> None:
    values = WEEK[name].to_pylist()
    for row in range(len(values)):
        gone = [*values[:row], None, *values[row + 1 :]]
        assert (digest(changed(name, gone)) == digest(WEEK)) == (gone == values)
    assert (digest(changed(name, values[::-1])) == digest(WEEK)) == (values == values[::-1])


@settings(max_examples=30)
@given(st.lists(TEXTS, min_size=6, max_size=6), st.permutations(range(6)))
def test_texts_do_not_run_into_each_other(texts: list[str | None], order: list[int]) -> None:
    joined = ["".join(text or "" for text in texts), *[""] * 5]
    for others in (joined, [texts[place] for place in order], [text or None for text in texts]):
        assert (digest(changed("reasons", [*others])) == digest(changed("reasons", [*texts]))) == (others == texts)


def test_nothing_zero_and_not_a_number_are_three_things() -> None:
    there = {digest(changed("expected_spend", [value] * 6)) for value in (None, 0.0, -0.0, float("nan"))}
    assert len(there) == 4


def test_when_it_was_scored_does_not_count() -> None:
    assert digest(changed("scored_at", [0] * 6)) == digest(WEEK)
