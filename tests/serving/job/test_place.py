"""Unfinished work and reports lie where no reader of scores looks, each store's apart from the others'."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from serving.job.place import report_of, work_of

ADDRESSES = st.sampled_from(["postgresql://user:secret@host/db", "s3://bucket/scores", "s3://bucket/../x"])


def test_in_a_folder_they_are_hidden_from_readers() -> None:
    assert work_of("here/scores") == Path("here/scores/_work")
    assert report_of("here/scores", "2011-06-06") == Path("here/scores/_reports/2011-06-06.html")


@given(ADDRESSES, st.none() | st.just("elsewhere"))
def test_an_address_is_no_path_and_is_not_told(address: str, folder: str | None) -> None:
    work = work_of(address, folder)
    assert work.parent == Path(folder or "stagecast-work")
    assert set(work.name) <= set("0123456789abcdef")
    assert report_of(address, "2011-06-06") is None


@given(st.text(min_size=1), st.text(min_size=1))
def test_stores_that_share_a_folder_do_not_share_work(one: str, other: str) -> None:
    assert (work_of(one, "w") == work_of(other, "w")) == (one == other)
