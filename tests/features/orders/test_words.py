"""Words and their codes, against a Python dictionary; batches of one column agree with the whole."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.orders.coded import MISSING, Encoder, encode, joined, loosely_joined
from features.orders.loose import LooseWords
from features.orders.words import Words

TEXT = st.none() | st.text(max_size=3) | st.sampled_from(["0", "é", " a", "a ", "nan", "\u00a0"])


@given(st.lists(st.lists(TEXT, max_size=9), max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_word_keeps_its_code_over_all_batches(batches: list[list[str | None]]) -> None:
    words, found, given_words = Words(), list[int](), [word for batch in batches for word in batch]
    for batch in batches:
        found += words.codes(pa.array(batch, pa.large_string())).tolist()
    known = words.array().to_pylist()
    assert len(set(known)) == len(known)
    assert [None if code < 0 else known[code] for code in found] == given_words


@given(st.lists(st.lists(TEXT, max_size=9), max_size=5))
@settings(max_examples=100, deadline=None)
def test_loose_words_are_the_words_that_were_given(batches: list[list[str | None]]) -> None:
    words, found, seen = LooseWords(), list[int](), list[str | None]()
    for batch in batches:
        codes, known = words.codes(pa.array(["x", *batch], pa.large_string())[1:]), len(seen)
        seen += words.array(known).to_pylist()
        found += codes.tolist()
        assert (codes[codes >= 0] >= known).all()
    assert words.array().to_pylist() == seen
    assert [None if code < 0 else seen[code] for code in found] == [word for batch in batches for word in batch]


def test_loose_words_are_forgotten() -> None:
    column = pa.array([f"order {row % 50_021}" for row in range(120_000)], pa.large_string())
    words = LooseWords()
    codes = words.codes(column)
    assert words.array().take(pa.array(codes)).equals(column)
    assert len(words.array()) > 2 * 50_021


def test_loose_words_remember_what_came_just_before() -> None:
    assert LooseWords().codes(pa.array(["a", "b", "b", "a"], pa.large_string())).tolist() == [0, 1, 1, 0]


def test_many_words_outgrow_the_first_table() -> None:
    column = pa.array([f"customer {row * 7919 % 50_021}" for row in range(120_000)], pa.large_string())
    words = Words()
    codes = np.concatenate([words.codes(column.slice(0, 70_001)), words.codes(column.slice(70_001))])
    assert words.array().take(pa.array(codes)).equals(column)
    assert len(words.array()) == 50_021


def test_one_long_word_finds_room() -> None:
    words = Words()
    assert words.codes(pa.array(["x" * 100_000, "y", "x" * 100_000], pa.large_string())).tolist() == [0, 1, 0]


@pytest.mark.parametrize("word", [*MISSING.to_pylist(), " ", "  nan  ", "\u00a0null", "None\u3000" * 1, "\tNA\n"])
def test_words_that_stand_for_nothing_are_missing(word: str) -> None:
    column = pa.chunked_array([[word, "a customer", None]])
    assert encode("customer_id", column).codes.tolist() == [-1, 0, -1]
    assert len(encode("customer_id", column, strict=False).words) == 2


@pytest.mark.parametrize("word", ["nano", "banana", "n\u00e4n", "None at all", "0"])
def test_words_that_only_look_like_nothing_stay(word: str) -> None:
    assert encode("customer_id", pa.chunked_array([[word]])).words.to_pylist() == [word]


@pytest.mark.parametrize("loose", [False, True])
def test_batches_may_be_text_or_dictionaries_or_numbers(loose: bool) -> None:
    text = pa.array(["7", "a", None])
    batches = [pa.chunked_array([each]) for each in (text, text.dictionary_encode(), pa.array([7, None, 8]))]
    encoder = Encoder("customer_id", loose=loose)
    codes = np.concatenate([encoder.codes(batch) for batch in batches])
    assert encoder.coded(codes).series().fillna("?").tolist() == ["7", "a", "?", "7", "a", "?", "7", "?", "8"]


def test_whole_numbers_come_after_a_chunk_without_any() -> None:
    column = pa.chunked_array([pa.array([], pa.int64()), pa.array([7, 8, 7])])
    assert encode("customer_id", column).series().tolist() == ["7", "8", "7"]


def test_columns_are_joined_with_each_word_once() -> None:
    one, other = (encode("x", pa.chunked_array([words])) for words in (["a", None, "b"], ["b", "c"]))
    both = joined([one, other])
    assert both.words.to_pylist() == ["a", "b", "c"]
    pd.testing.assert_series_equal(both.series(), pd.concat([one.series(), other.series()], ignore_index=True))


def test_loosely_joined_columns_hold_the_same_rows() -> None:
    rows = (["a", None, "b"], [None], ["b", "c"])
    one, none, other = (encode("x", pa.chunked_array([pa.array(words, pa.string())])) for words in rows)
    both = loosely_joined([one, none, other])
    assert both.words.to_pylist() == ["a", "b", "b", "c"]
    pd.testing.assert_series_equal(both.series(), joined([one, none, other]).series())
