"""What holds of every simulated shop, and that the laws notice when it does not."""

import dataclasses
from collections.abc import Callable

import pandas as pd
import pytest
import simulation_laws as laws

from stagecast import check
from training.simulation import Simulated


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_law(made: Simulated, law: Callable[[Simulated], None]) -> None:
    law(made)


def test_the_orders_are_clean(made: Simulated) -> None:
    clean = check(made.orders)
    assert len(clean.quarantine) == 0
    assert clean.report.rows_kept == len(made.orders)
    assert clean.report.customers == 400


def test_everybody_has_truth_and_orders(made: Simulated) -> None:
    assert set(made.truth["customer_id"]) == set(made.orders["customer_id"])
    assert made.truth["customer_id"].nunique() == 400


def _stable_at_once(truth: pd.DataFrame) -> pd.DataFrame:
    return truth.assign(stage=truth["stage"].replace("formative", "stable"))


def _later(table: pd.DataFrame, column: str, rows: pd.Series) -> pd.DataFrame:
    return table.assign(**{column: table[column].where(~rows, table[column] + pd.Timedelta("1min"))})


def _order_in_silence(made: Simulated) -> pd.DataFrame:
    silent = made.truth[(made.truth["rate"] == 0) & (made.truth["end"] - made.truth["begin"] > pd.Timedelta("1D"))]
    line = made.orders[(made.orders["customer_id"] == silent["customer_id"].iloc[0]) & ~made.orders["is_return"]]
    return pd.concat([made.orders, line.head(1).assign(ordered_at=silent["begin"].iloc[0] + pd.Timedelta("1h"))])


VIOLATIONS: list[tuple[Callable[[Simulated], None], str, Callable[[Simulated], pd.DataFrame]]] = [
    (laws.truth_is_gapless, "truth", lambda m: m.truth.drop(index=m.truth.index[m.truth["stage"] == "formative"][:1])),
    (laws.truth_is_gapless, "truth", lambda m: _later(m.truth, "begin", m.truth.index == 0)),
    (laws.moves_are_legal, "truth", lambda m: _stable_at_once(m.truth)),
    (laws.only_regression_is_without_orders, "truth", lambda m: m.truth.assign(rate=0.0)),
    (laws.only_regression_is_without_orders, "orders", _order_in_silence),
    (laws.rises_happen_at_orders, "truth", lambda m: _later(m.truth, "begin", m.truth["stage"] == "stable")),
    (laws.money_adds_up, "orders", lambda m: m.orders.assign(amount=m.orders["amount"] + 0.01)),
    (laws.money_adds_up, "orders", lambda m: m.orders.assign(quantity=m.orders["quantity"].abs())),
    (
        laws.returns_take_back_what_was_bought,
        "orders",
        lambda m: m.orders.assign(quantity=m.orders["quantity"] * m.orders["is_return"].map({True: 9, False: 1})),
    ),
    (
        laws.returns_take_back_what_was_bought,
        "orders",
        lambda m: m.orders.assign(ordered_at=m.orders["ordered_at"].min()),
    ),
    (laws.lines_are_in_order, "orders", lambda m: m.orders.iloc[::-1]),
    (laws.lines_are_in_order, "orders", lambda m: m.orders.assign(order_id="o1")),
]


@pytest.mark.parametrize(("law", "table", "violate"), VIOLATIONS)
def test_the_law_notices(ordinary: Simulated, law, table, violate) -> None:
    spoilt = dataclasses.replace(ordinary, **{table: violate(ordinary)})
    with pytest.raises(AssertionError):
        law(spoilt)
