"""The same scenario, size and seed give the same customers, whatever the workers and whoever else there is."""

import pandas as pd
import pytest

from features.errors import UsageError
from training.simulation import SCENARIOS, Scenario, partitions, simulate, stream
from training.simulation import partition as partition_module

SHORT = Scenario(weeks=30)


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CUSTOMERS", 60)
    monkeypatch.setattr(partition_module, "CUSTOMERS", 60)


def of_the_first(table: pd.DataFrame, customers: int) -> pd.DataFrame:
    return table[table["customer_id"] < f"c{customers:08}"].reset_index(drop=True)


def test_the_same_seed_gives_the_same_and_another_one_does_not() -> None:
    one, same, other = (simulate(SHORT, 100, seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one.orders, same.orders, check_exact=True)
    pd.testing.assert_frame_equal(one.truth, same.truth, check_exact=True)
    assert not one.orders["amount"].head(50).equals(other.orders["amount"].head(50))


def test_workers_change_nothing() -> None:
    several = [list(partitions(SHORT, 290, seed=2, workers=workers)) for workers in (1, 2, 5)]
    assert [len(made) for made in several] == [5, 5, 5]
    for made in several[1:]:
        for part, same in zip(several[0], made, strict=True):
            assert part.orders.equals(same.orders)
            assert part.truth.equals(same.truth)


@pytest.mark.parametrize("fewer", [1, 59, 60, 61, 150])
def test_more_customers_leave_the_first_ones_as_they_were(fewer: int) -> None:
    many, few = simulate(SHORT, 200, seed=9), simulate(SHORT, fewer, seed=9)
    for name in ("orders", "truth"):
        first = of_the_first(getattr(many, name), fewer)
        pd.testing.assert_frame_equal(first, getattr(few, name), check_exact=True)


def test_partitions_differ_from_each_other() -> None:
    first, second = partitions(SHORT, 120, seed=1)
    assert first.orders["amount"].to_pylist()[:20] != second.orders["amount"].to_pylist()[:20]


def test_columns_are_the_canonical_ones() -> None:
    made = simulate(SHORT, 20)
    assert made.orders.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(("customer_id", "order_id", "product_id", "category"), "str"),
        **dict.fromkeys(("quantity", "unit_price", "amount", "discount"), "float64"),
        "ordered_at": "datetime64[us]",
        "is_return": "bool",
    }
    assert list(made.truth) == ["customer_id", "stage", "begin", "end", "rate", "business"]


@pytest.mark.parametrize(("customers", "seed"), [(0, 0), (-5, 0), (10**8 + 1, 0), (10, -1)])
def test_what_cannot_be_simulated_is_refused(customers: int, seed: int) -> None:
    with pytest.raises(UsageError, match="allowed"):
        simulate(SHORT, customers, seed)


def test_scenarios_are_what_they_are_called() -> None:
    assert list(SCENARIOS) == [
        *("steady", "growth", "holiday", "recall", "price-rise", "young-shop", "subscription-like"),
    ]
    assert len({scenario.model_dump_json() for scenario in SCENARIOS.values()}) == len(SCENARIOS)
