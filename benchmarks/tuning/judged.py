"""Other defaults against the present ones: whole models, on later development cut-offs that no study has seen.

python -m benchmarks.tuning.judged '{"num_leaves": 16}' '{"num_leaves": 16, "rounds": 300}'
"""

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.tuning.shop import DATA, ENDS, Shop
from features.fixed import Floats
from training.bootstrap import Resampling, paired_interval
from training.fit import fit_model
from training.metrics import log_losses, stage_log_losses

RESAMPLING = Resampling(500, seed=1)


def main() -> None:
    """Print a table: log loss of the present parameters, and by how many percent the others differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("others", nargs="+", help="parameters that differ from the present ones, as JSON")
    parser.add_argument("--shops", default=",".join(ENDS))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    print("| shop | target | present | " + " | ".join(given.others) + " |\n" + "|---" * (3 + len(given.others)) + "|")
    for name in given.shops.split(","):
        shop = Shop(name, given.data, given.rows)
        present, *others = ({}, *map(json.loads, given.others))
        base, compared = _losses(shop, present), [_losses(shop, other) for other in others]
        for target, losses in base.items():
            cells = [_difference(other[target], losses, shop.later.snapshots.customer) for other in compared]
            print(f"| {name} | {target} | {losses.mean():.4f} | " + " | ".join(cells) + " |", flush=True)


def _losses(shop: Shop, booster: dict[str, float]) -> dict[str, Floats]:
    """Log losses at the later cut-offs, by target."""
    recipe = shop.recipe(())
    chosen = recipe.training.booster.model_copy(update=booster)
    training = recipe.training.model_copy(update={"booster": chosen})
    model = fit_model(shop.fit, shop.newest, shop.spec, (recipe.features, training), lambda _: None)
    said, labels = model.forecast(shop.later.features), shop.later.labels
    return {
        "order": log_losses(labels.ordered.astype(float), said.p_order),
        "regression": log_losses(labels.regression.astype(float), said.p_regression),
        "next stage": stage_log_losses(labels.next_stage, said.stages),
    }


def _difference(other: Floats, present: Floats, customer: np.ndarray) -> str:
    of = paired_interval(other, present, customer, RESAMPLING)
    estimate, low, high = (100 * value / present.mean() for value in (of.estimate, of.low, of.high))
    return f"{estimate:+.2f} % [{low:+.2f}, {high:+.2f}]"


if __name__ == "__main__":
    main()
