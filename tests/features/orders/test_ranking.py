import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.orders import ranking
from features.orders.ranking import ranked

WORDS = st.one_of(
    st.text(max_size=4), st.text("ab\0é", max_size=12), st.integers(0, 10**9).map("customer-{:07}".format)
)


@given(st.lists(WORDS, unique=True, max_size=40), st.sampled_from(["", "shop/", "é"]))
@example(["a", "a\0"], "")
@example(["12345678", "1234567"], "")
@example(["", "\0"], "x")
def test_words_come_in_the_order_of_code_points(words: list[str], shared: str) -> None:
    given_words = [shared + word for word in words]
    ascending, place = ranked(pa.array(given_words, pa.large_string()))
    assert ascending.to_pylist() == sorted(given_words)
    assert [ascending[int(at)].as_py() for at in place] == given_words


def test_a_slice_is_ranked_by_its_own_words() -> None:
    words = pa.array(["zz", "user-2", "user-10", "user-1", "zz"], pa.large_string()).slice(1, 3)
    ascending, place = ranked(words)
    assert (ascending.to_pylist(), place.tolist()) == (["user-1", "user-10", "user-2"], [2, 1, 0])


def test_short_ids_are_sorted_as_numbers_and_long_ones_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: pa.Array) -> None:
        raise AssertionError("sorted as text")

    monkeypatch.setattr(ranking.pc, "array_sort_indices", refuse)
    ranked(pa.array([f"customer-{k:08}" for k in np.random.default_rng(1).permutation(50)], pa.large_string()))
    with pytest.raises(AssertionError, match="as text"):
        ranked(pa.array([f"{k:09}/customer" for k in range(3)], pa.large_string()))
