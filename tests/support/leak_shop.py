"""A small shop to plant leaks in: two years of orders, ratings that come in late, and attributes that change."""

import numpy as np
import pandas as pd

CUTOFFS = ["2021-03-01", "2021-06-07"]


def orders(customers: int = 16, lines: int = 250) -> pd.DataFrame:
    """Order lines in order of time; a refund is dated on its purchase, and known up to sixty days later."""
    rng = np.random.default_rng(7)
    minutes = np.sort(rng.permutation(2 * 365 * 24 * 60)[:lines])
    refunded = rng.random(lines) < 0.2
    at = np.datetime64("2020-01-01", "us") + minutes * np.timedelta64(1, "m")
    amount = np.round(rng.gamma(2, 20, lines), 2)
    bought = pd.DataFrame(
        {
            "customer_id": [f"c{k:02}" for k in rng.integers(0, customers, lines)],
            "order_id": [f"o{k}" for k in range(lines)],
            "ordered_at": at,
            "known_at": at,
            "category": rng.choice(["tea", "coffee", "cups"], lines),
            "amount": amount,
            "price": np.round(amount / rng.integers(1, 4, lines), 2),
        }
    )
    refunds = bought[refunded].assign(
        known_at=lambda some: some["ordered_at"] + pd.to_timedelta(rng.integers(1, 60, len(some)), unit="D"),
        amount=lambda some: -some["amount"],
    )
    return pd.concat([bought, refunds]).sort_values("known_at", kind="stable", ignore_index=True)


def purchases() -> pd.DataFrame:
    """The order lines alone, with no news about them."""
    return orders().query("amount > 0").drop(columns="known_at").reset_index(drop=True)


def ratings() -> pd.DataFrame:
    """Stars given to orders, handed in up to ninety days after the visit they are about."""
    given = purchases()[["customer_id", "ordered_at"]].iloc[::2].rename(columns={"ordered_at": "happened_at"})
    rng = np.random.default_rng(8)
    late = pd.to_timedelta(rng.integers(0, 90, len(given)), unit="D")
    return given.assign(known_at=given["happened_at"] + late, stars=rng.integers(1, 6, len(given)).astype(float))


def profile() -> pd.DataFrame:
    """Each customer's income class, which changes four times in the two years."""
    customers = purchases()["customer_id"].unique()
    rng = np.random.default_rng(9)
    changes = pd.DataFrame({"customer_id": np.repeat(customers, 4)})
    days = rng.integers(0, 2 * 365, len(changes))
    changes["known_at"] = np.datetime64("2020-01-01", "us") + days * np.timedelta64(1, "D")
    return changes.assign(income=rng.integers(1, 9, len(changes)).astype(float))
