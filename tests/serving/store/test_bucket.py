"""What is different in an object store: no locks, no folders, and the log's commits alone keep publishers apart."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from made_weeks import WEEK, made_stamp, made_week
from s3_server import held

from features.errors import BusyError, StagecastError
from serving.store import Store, open_store, table

NEXT = "2011-06-13"


@pytest.mark.slow
def test_of_two_publishers_of_a_week_the_later_is_told_and_changes_nothing(s3: dict[str, str]) -> None:
    def store() -> Store:
        return open_store("s3://apart/scores", s3)

    def rows() -> Iterator[pa.RecordBatch]:
        yield made_week(seed=2)[:10]
        store().publish([made_week(seed=3)], made_stamp(job=5))
        store().publish([made_week(NEXT)], made_stamp(NEXT))
        yield made_week(seed=2)[10:]

    store().publish([made_week()], made_stamp())
    with pytest.raises(BusyError, match="meanwhile"):
        store().publish(rows(), made_stamp(job=4))

    assert table(store(), WEEK).equals(pa.Table.from_batches([made_week(seed=3)]))
    assert table(store(), NEXT).equals(pa.Table.from_batches([made_week(NEXT)]))
    assert len([name for name in held(s3, "apart") if name.endswith(".parquet")]) == 3  # and one that was replaced
    others = DeltaTable("s3://apart/scores", storage_options=s3).to_pyarrow_dataset()
    assert others.count_rows() == 100


@pytest.mark.slow
def test_a_forgotten_customer_is_in_no_object(s3: dict[str, str]) -> None:
    store = open_store("s3://forgetful/scores", s3)
    store.publish([made_week(ids=["Ada Lovelace", "somebody"])], made_stamp())
    store.publish([made_week(ids=["Ada Lovelace", "somebody"], seed=1)], made_stamp(job=2))
    assert [name for name, content in held(s3, "forgetful").items() if b"Ada Lovelace" in content]
    store.forget(["Ada Lovelace"])
    assert not [name for name, content in held(s3, "forgetful").items() if b"Ada Lovelace" in content]


def test_an_address_of_another_kind_is_refused_and_no_secret_is_told(s3: dict[str, str]) -> None:
    with pytest.raises(StagecastError) as error:
        open_store("gopher://somewhere/scores", s3).weeks()
    assert s3["aws_secret_access_key"] not in str(error.value)
