from features.orders import COLUMNS, NAMES, OPTIONAL, REQUIRED
from features.orders.contract import named


def test_only_customer_and_time_are_required() -> None:
    assert REQUIRED == ("customer_id", "ordered_at")


def test_required_and_optional_make_up_all_columns() -> None:
    assert {*REQUIRED, *OPTIONAL} == set(NAMES)
    assert len(NAMES) == len(set(NAMES)) == len(REQUIRED) + len(OPTIONAL) == 10


def test_every_column_says_what_it_means() -> None:
    assert all(column.meaning for column in COLUMNS)


def test_kinds_share_the_columns_out() -> None:
    assert sorted(name for kind in ("text", "time", "number", "flag") for name in named(kind)) == sorted(NAMES)
