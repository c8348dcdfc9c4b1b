"""Order lines of customers with odd ids."""

import numpy as np
import pandas as pd

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
