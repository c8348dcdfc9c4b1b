"""Ids from outside: found exactly, suggested when they are nearly right, printed without harm."""

import numpy as np
import pandas as pd
import pytest

from features.errors import UsageError
from features.history import History
from features.ids import code_of, shown

NAMES = ["007", "7", "A-1", "a-1", "müller$x$", "<b>", "客户一号", "客户二号", "x\ny"]
DAY = 18_270


def history() -> History:
    table = pd.DataFrame({"customer_id": [*NAMES, "returns only", "later"], "is_return": False})
    days = [*[DAY] * (len(NAMES) + 1), DAY + 30]
    table["ordered_at"] = np.array(days, dtype="datetime64[D]").astype("datetime64[us]")
    return History.of(table.assign(is_return=table["customer_id"] == "returns only"))


@pytest.mark.parametrize("name", NAMES)
def test_an_id_is_found_as_it_is(name: str) -> None:
    made = history()
    assert made.customers[code_of(made, name, DAY + 1)] == name


@pytest.mark.parametrize(
    ("asked", "nearest"), [("A-2", "'A-1'"), ("客户三号", "'客户一号'"), ("x\n", r"'x\ny'"), ("0007", "'007'")]
)
def test_the_nearest_ids_are_named(asked: str, nearest: str) -> None:
    with pytest.raises(UsageError, match="not known at the cut-off") as caught:
        code_of(history(), asked, DAY + 1)
    assert nearest in str(caught.value)
    assert "\n" not in str(caught.value.remedy)


@pytest.mark.parametrize("asked", ["returns only", "later", "zzzzzzzzzzz", ""])
def test_who_has_no_order_day_yet_is_not_known(asked: str) -> None:
    with pytest.raises(UsageError, match="the id of one with an order-day before 2020-01-10"):
        code_of(history(), asked, DAY + 1)


def test_an_id_cannot_move_the_cursor() -> None:
    assert shown("a\x1b[2Jb\n\u202ec\ud800 é 你") == r"a\x1b[2Jb\n\u202ec\ud800 é 你"
