from collections import Counter

import pandas as pd
from histories import order_sets
from hypothesis import given, settings

from features.history import History


@given(order_sets(without=False))
@settings(max_examples=20)
def test_items_know_their_earlier_days(orders: pd.DataFrame) -> None:
    history = History.of(orders)
    bought = orders[~orders["is_return"] & orders["product_id"].notna()]
    items, seen = history.items["product_id"], Counter()
    for row, (code, day) in enumerate(zip(history.customer, history.day, strict=True)):
        name = history.customers[code]
        same_day = bought["ordered_at"].to_numpy().astype("datetime64[D]").astype(int) == day
        products = set(bought.loc[same_day & (bought["customer_id"] == name), "product_id"])
        assert items.starts[row + 1] - items.starts[row] == len(products)
        found = items.earlier[items.starts[row] : items.starts[row + 1]]
        assert sorted(found) == sorted(seen[name, product] for product in products)
        assert (items.previous[items.starts[row] : items.starts[row + 1]] < row).all()
        seen.update((name, product) for product in products)
    assert items.novel[-1] == len(seen)
    assert items.repeated[-1] == sum(days >= 2 for days in seen.values())
    assert items.squares[-1] == sum(days * days for days in seen.values())
    assert sum(seen.values()) == len(items.earlier)
