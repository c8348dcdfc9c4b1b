"""Where the total of spend goes wrong: python -m benchmarks.models.total DATA [SHOP ...].

At development cut-offs, a model each, the log of what was said in all over what came: with the
level of usual order values as it is built, and without; of the classics; and split into the
level of orders and that of the money of who ordered.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.shops import Shop
from benchmarks.models.value import fitted, read
from features.fixed import Floats
from features.model.forecast import Model
from training.money import with_money
from training.table import Table

CUTOFFS = {"online_retail_2": (10, 14), "cdnow": (10, 14), "completejourney": (9, 7)}
"""By shop: how many, and days between them."""

_CLASSICS = ("bgnbd", "mbgnbd", "paretonbd")


def at(shop: Shop, cutoff: int) -> dict[str, float]:
    """The logs at one cut-off."""
    model, later = fitted(shop.history, shop.period, cutoff, cutoff + shop.period)
    came, ordered = later.labels.spend, later.labels.ordered
    p, built = model.p_order_within(later.features, shop.period, 1), _spend(model, later)
    plain = _unlevelled(model)
    before, columns = _spend(plain, later), later.btyd.columns(shop.period)
    found = {
        "built": built.sum() / came.sum(),
        "before": before.sum() / came.sum(),
        "orders": p.mean() / ordered.mean(),
        "money, built": (built / p)[ordered].sum() / came.sum(),
        "money, before": (before / p)[ordered].sum() / came.sum(),
    }
    for name in _CLASSICS:
        said = columns[f"{name}_orders"] * columns["gamma_gamma_value"]
        found[f"{name} x Gamma-Gamma"] = float(said.sum()) / came.sum()
    return {"cutoff": cutoff, **{name: float(np.log(ratio)) for name, ratio in found.items()}}


def _spend(model: Model, later: Table) -> Floats:
    return model.ahead(later.features, model.contract.period_days, 1).spend


def _unlevelled(model: Model) -> Model:
    money = model.calibration.money
    return model if money is None else with_money(model, money.model_copy(update={"level": 1.0}))


def main() -> None:
    """Print a table a shop, with root mean squares below."""
    data, *names = sys.argv[1:]
    for name in names or CUTOFFS:
        shop = read(Path(data), name, halved=True)
        number, apart = CUTOFFS[name]
        newest = shop.first_reported - shop.period
        logs = pd.DataFrame([at(shop, newest - apart * k) for k in range(number)]).set_index("cutoff")
        logs.loc["root mean square"] = np.sqrt((logs**2).mean())
        print(f"\n{name}", logs.round(3).to_string(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
