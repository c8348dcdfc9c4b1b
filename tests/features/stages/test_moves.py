import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from features.stages.moves import STAGES, SUB_STATES, Stage, SubState, legal_moves, stage_distribution

E, F, S, R = Stage
LEGAL = {
    (E, False): {E, F, R},
    (F, True): {F, S, R},
    (S, True): {S, F, R},
    (R, True): {R, F},
    (R, False): {R, F, E},
}


def test_the_stages_stand_in_their_order() -> None:
    assert STAGES == ("examination", "formative", "stable", "regression")
    assert SUB_STATES == ("", "slipping", "silent", "lost")
    assert SubState.NONE.label == ""


@pytest.mark.parametrize(("stage", "reached"), LEGAL)
def test_only_these_moves_are_legal(stage: Stage, reached: bool) -> None:
    legal = legal_moves(np.array([stage], dtype=np.int8), np.array([reached]))
    assert {Stage(k) for k in np.flatnonzero(legal[0])} == LEGAL[stage, reached]


def test_asking_changes_no_rule() -> None:
    stage, reached = np.array([R, R], dtype=np.int8), np.array([True, True])
    legal_moves(stage, reached)[:] = True
    assert not legal_moves(stage, reached)[0, E]


WEIGHTS = arrays.arrays(np.float64, (12, 3), elements=st.sampled_from([0.0, 1e-300, 1e-9, 0.2, 1.0]))
CHANCES = arrays.arrays(np.float64, 12, elements=st.floats(0, 1))


@given(CHANCES, WEIGHTS)
def test_two_parts_make_one_distribution(p: np.ndarray, weights: np.ndarray) -> None:
    pairs = list(itertools.islice(itertools.cycle(LEGAL), 12))
    legal = legal_moves(np.array([s for s, _ in pairs], dtype=np.int8), np.array([reached for _, reached in pairs]))
    found = stage_distribution(p, weights, legal)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    assert (found[~legal] == 0).all()
    assert (found >= 0).all()
    assert found[:, R].tolist() == p.tolist()
