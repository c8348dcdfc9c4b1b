"""A digest of orders: what a model or a week of scores was made from."""

import hashlib

import numpy as np
import pandas as pd


def digest(orders: pd.DataFrame) -> str:
    """16 hex digits that change with any cell, and not with the order of the rows."""
    rows = pd.util.hash_pandas_object(orders, index=False).to_numpy(dtype=np.uint64)
    facts = f"{','.join(orders.columns)};{len(rows)};{int(rows.sum(dtype=np.uint64))}"
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
