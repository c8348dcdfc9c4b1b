"""Ranked rows against scikit-learn, within strata and without, and the numbers whose mean is an AUROC."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score, roc_curve

from training.ranked import Ranked

laws = settings(deadline=None, derandomize=True, max_examples=30)
Rows = tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=40).map(
    lambda drawn: (
        np.array([y for y, _, _ in drawn]),
        np.array([score / 7 for _, score, _ in drawn]),
        np.array([stratum for *_, stratum in drawn]),
    )
)


def mean_of_strata(y: NDArray, score: NDArray, stratum: NDArray, weight: NDArray | None = None) -> float:
    """Mean over strata with both outcomes of scikit-learn's weighted AUROC; nan without any."""
    weight = np.ones(len(y)) if weight is None else weight
    found = [
        roc_auc_score(y[inside], score[inside], sample_weight=weight[inside])
        for inside in (stratum == k for k in np.unique(stratum))
        if 0 < y[inside].sum() < inside.sum()
    ]
    return float(np.mean(found)) if found else float("nan")


@laws
@given(rows)
def test_auroc_within_strata_is_the_mean_of_theirs(drawn: Rows) -> None:
    assert Ranked.of(*drawn).auroc == pytest.approx(mean_of_strata(*drawn), nan_ok=True)


@laws
@given(rows)
def test_strata_are_never_compared(drawn: Rows) -> None:
    y, score, stratum = drawn
    assert Ranked.of(y, score + 10.0 * stratum, stratum).auroc == pytest.approx(Ranked.of(*drawn).auroc, nan_ok=True)


@laws
@given(rows)
def test_the_mean_of_the_pseudo_values_is_the_auroc(drawn: Rows) -> None:
    ranked = Ranked.of(*drawn)
    assert ranked.auroc_values.mean() == pytest.approx(ranked.auroc, nan_ok=True)


@laws
@given(rows.filter(lambda drawn: not np.isnan(mean_of_strata(*drawn))), st.integers(0, 39))
def test_a_pseudo_value_says_how_the_auroc_moves_with_the_weight_of_its_row(drawn: Rows, place: int) -> None:
    ranked, row = Ranked.of(*drawn), place % len(drawn[0])
    weight = np.where(np.arange(len(drawn[0])) == row, 1 + 1e-5, 1.0)

    moved = (mean_of_strata(*drawn, weight) - mean_of_strata(*drawn)) / 1e-5
    assert (ranked.auroc_values[row] - ranked.auroc) / len(drawn[0]) == pytest.approx(moved, abs=1e-4)


@laws
@given(rows, st.data())
def test_some_of_the_rows_need_not_be_sorted_again(drawn: Rows, data: st.DataObject) -> None:
    inside = np.array(data.draw(st.lists(st.booleans(), min_size=len(drawn[0]), max_size=len(drawn[0])).filter(any)))
    some, fresh = Ranked.of(*drawn).only(inside), Ranked.of(*(column[inside] for column in drawn))

    assert sorted(some.order) == list(range(inside.sum()))
    assert (drawn[1][inside][some.order] == some.score).all()
    assert (drawn[0][inside][some.order] == some.y).all()
    for measure in measures():
        assert measure(some) == pytest.approx(measure(fresh), nan_ok=True)


def measures() -> list[Callable[[Ranked], object]]:
    return [
        lambda ranked: ranked.auroc,
        lambda ranked: ranked.auroc_values,
        lambda ranked: ranked.average_precision,
        lambda ranked: ranked.below,
        lambda ranked: ranked.found(2),
    ]


@laws
@given(rows, st.permutations(range(40)))
def test_the_order_of_rows_is_idle(drawn: Rows, order: list[int]) -> None:
    shuffled = [k for k in order if k < len(drawn[0])]
    one, other = Ranked.of(*drawn), Ranked.of(*(column[shuffled] for column in drawn))

    assert one.auroc == pytest.approx(other.auroc, nan_ok=True)
    assert one.auroc_values[shuffled] == pytest.approx(other.auroc_values, nan_ok=True)
    assert one.below[shuffled] == pytest.approx(other.below)


@laws
@given(rows.filter(lambda drawn: 0 < drawn[0].sum() < len(drawn[0])))
def test_what_is_found_from_the_top_is_the_roc_curve(drawn: Rows) -> None:
    y, score, _ = drawn
    false, true, _ = roc_curve(y, score, drop_intermediate=False)
    taken, found = Ranked.of(y, score).found_upto

    assert found == pytest.approx(true * y.sum())
    assert taken - found == pytest.approx(false * (~y).sum())


def test_by_hand() -> None:
    ranked = Ranked.of(np.array([True, False, True, False]), np.array([0.5, 0.5, 0.9, 0.1]))

    assert ranked.auroc == 3.5 / 4
    assert ranked.average_precision == (1 * 1 + 1 * 2 / 3) / 2
    assert [ranked.found(taken) for taken in (0, 1, 2, 3, 4)] == [0, 1, 1.5, 2, 2]
    assert ranked.below.tolist() == [2, 2, 3.5, 0.5]
