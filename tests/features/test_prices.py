import numpy as np
import pytest

from features.prices import is_cheap, relative_prices


def test_the_usual_price_is_the_mean_of_earlier_days() -> None:
    product, day = np.array([0, 0, 0, 0, 1, -1]), np.array([1, 1, 2, 2, 2, 2])
    relative, comparable = relative_prices(product, day, np.array([10.0, 20.0, 30.0, 7.5, 5.0, 1.0]))
    assert comparable.tolist() == [False, False, True, True, False, False]
    assert relative.tolist() == [0, 0, round(np.log(2) * 1e6), round(np.log(0.5) * 1e6), 0, 0]


def test_later_days_change_nothing() -> None:
    product, day, price = np.array([0, 0, 0]), np.array([1, 2, 3]), np.array([10.0, 8.0, 1000.0])
    whole, cut = relative_prices(product, day, price)[0], relative_prices(product[:2], day[:2], price[:2])[0]
    assert whole[:2].tolist() == cut.tolist()


def test_a_ratio_is_clipped_to_a_factor_of_ten() -> None:
    relative, _ = relative_prices(np.zeros(3, int), np.array([1, 2, 3]), np.array([1.0, 1e6, 1e-3]))
    assert relative[1] == round(np.log(10) * 1e6)
    assert relative[2] == -round(np.log(10) * 1e6)


@pytest.mark.parametrize(("price", "cheap"), [(9.0, True), (9.01, False), (8.99, True), (10.0, False), (1.0, True)])
def test_exactly_ten_percent_below_is_cheap(price: float, cheap: bool) -> None:
    relative, _ = relative_prices(np.zeros(2, int), np.array([1, 2]), np.array([10.0, price]))
    assert is_cheap(relative).tolist() == [False, cheap]


def test_a_usual_price_of_nothing_is_no_comparison() -> None:
    _, comparable = relative_prices(np.zeros(2, int), np.array([1, 2]), np.array([1e-9, 5.0]))
    assert comparable.tolist() == [False, False]
    assert relative_prices(np.empty(0, int), np.empty(0, int), np.empty(0))[0].tolist() == []
