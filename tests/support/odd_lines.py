"""Order lines of customers with odd ids."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from features.orders.coded import Coded
from features.orders.log import OrderLog

CUTOFFS = ["2020-03-02", "2020-05-18"]
"""Days within the half-year of `some_lines`."""

ODD = [*" 012AZaz", "", "00", "01", "10", "aa", "É", "é", "ß", "Ω", "中", "𐍈", "\U0010ffff", "\uffff"]


def some_lines(ids: list[str], lines: int = 3000, seed: int = 0) -> pd.DataFrame:
    """Lines of these customers over half a year; a column may hold nothing but in a few lines."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": pd.array(random.choice(ids, lines), dtype="str"),
            "order_id": pd.array(random.choice(["o1", "o2", None], lines), dtype="str"),
            "ordered_at": np.datetime64("2020-01-01") + random.integers(0, 15_000_000_000_000, lines).astype("m8[us]"),
            "product_id": pd.array([f"p{k % 70}" for k in range(lines)], dtype="str"),
            "unit_price": random.choice([1.0, 2.0, 2.5, 9.99, np.nan], lines),
            "amount": random.normal(size=lines).round(2),
            "is_return": random.random(lines) < 0.1,
            "discount": np.where(np.arange(lines) < 20, 1.0, np.nan),
        }
    )


def loosened(log: OrderLog) -> OrderLog:
    """The same lines with a word of its own for each order id, wherever it comes again."""
    ids = log.text["order_id"]
    told = ids.codes >= 0
    codes = np.where(told, np.cumsum(told, dtype=np.int32) - 1, np.int32(-1))
    return replace(log, text=log.text | {"order_id": Coded(codes, ids.words.take(pa.array(ids.codes[told])))})
