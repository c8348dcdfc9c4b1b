"""What is lost where a model is made from some of the customers: log loss of everybody at later development cut-offs.

Samples of a share are cut out of the lot that `training.sampling` draws by, so
that several of the same size can be tried.
"""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.tuning.shop import DATA, Shop
from features.errors import DataError
from features.history import History
from features.history.paid import usual_prices
from features.history.since import first_days
from features.orders.log import OrderLog
from training.bench import Bench
from training.bootstrap import Resampling
from training.forecasts import ORDER, Forecasts
from training.gate.standing import said_of_forecast
from training.groups import ALL
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL
from training.log import Log

SETS = "online_retail_2,cdnow,completejourney"
SHARES = {1: 1, 2: 2, 4: 3, 10: 3}
"""One customer in so many, and how many samples of that size."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--data", type=Path, default=DATA)
    asked = parser.parse_args()
    for name in asked.sets.split(","):
        for row in measured(Shop(name, asked.data, rows=300_000)):
            print(row, flush=True)


def measured(shop: Shop) -> Iterator[dict[str, object]]:
    """What each sample gives, all of the shop first; a sample that is too small to learn from gives nothing."""
    for one_in, samples in SHARES.items():
        for number in range(samples):
            history = some(shop, number / one_in, (number + 1) / one_in)
            row: dict[str, object] = {"shop": shop.name, "one in": one_in, "customers": len(history.customers)}
            with suppress(DataError):
                yield row | judged(shop, history)


def judged(shop: Shop, history: History) -> dict[str, float]:
    """Log loss of everybody by target, and orders that were said for each that came."""
    bench = Bench(Log.of(history), shop.spec, shop.recipe(()), shop.end, lambda _: None)
    model, past = bench.fit(shop.cutoffs)
    said = said_of_forecast(model.at(shop.later.snapshots.cutoff).forecast(shop.later.features, 1))
    forecasts = Forecasts.about(shop.later, {target: {MODEL: p} for target, p in said.items()})
    scores = judge_forecasts(forecasts, Judging(Resampling(100))).scores
    losses = scores[scores["group"] == ALL].set_index("target")["log_loss"].dropna()
    level = float(said[ORDER].mean() / shop.later.labels.ordered.mean())
    return {"rows": past.rows, "level": round(level, 3)} | {str(name): round(x, 5) for name, x in losses.items()}


def some(shop: Shop, low: float, high: float) -> History:
    """The history of the customers whose lot is between two numbers, as they have it in the whole shop."""
    log: OrderLog = shop._used
    whole = shop.history
    words = log.text["customer_id"].words.to_pylist()
    lot = np.array([crc32(name.encode()) for name in words]) / 2**32
    inside = ((lot >= low) & (lot < high))[log.text["customer_id"].codes]
    usual = usual_prices(log) if {"product_id", "unit_price"} <= log.has else None
    return History.of(log.rows(inside), since=first_days(log), usual=usual, shop=partial(getattr, whole, "shop_days"))


if __name__ == "__main__":
    main()
