"""Try variants: python -m benchmarks.models.trials DATA KEPT GROUP [SHOP ...]."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.models.build import development
from benchmarks.models.compare import Ground, blended, calibrated, raw, row, said_of, told
from benchmarks.models.shops import PERIODS
from benchmarks.models.variants import Variant
from training.config import OF_THE_TIME

BASE = Variant()
LOGISTIC = replace(BASE, kind="logistic+btyd", offset="none")
BTYD = replace(BASE, kind="btyd", offset="none")
NEW = replace(BASE, leave_out=OF_THE_TIME)

CHOSEN = replace(NEW, offset="season btyd")
REGRESSION = replace(BASE, target="regression", offset="none", leave_out=OF_THE_TIME)


def tried(start: Variant) -> dict[str, Variant]:
    """What is chosen, other parameters of LightGBM, recency weights, monotone constraints, and the refit."""
    return {
        "chosen": start,
        "fitted once more": replace(start, refit=True),
        "4 leaves, 400 rounds": replace(start, booster={"num_leaves": 4}, rounds=400),
        "16 leaves": replace(start, booster={"num_leaves": 16}),
        "a fifth of the features": replace(start, booster={"feature_fraction": 0.2}),
        "leaves of 300, l2 of 100": replace(start, booster={"min_data_in_leaf": 300, "lambda_l2": 100.0}),
        "half-life 26 weeks": replace(start, half_life=26),
        "monotone": replace(start, monotone=True),
    }


GROUPS = {
    "order": tried(CHOSEN),
    "regression": tried(REGRESSION),
    "silence": {
        "base": replace(REGRESSION, leave_out=BASE.leave_out),
        "young features": replace(REGRESSION, leave_out=(*OF_THE_TIME, "days_to_silence", "orders_to_hold")),
        "and days until silence": replace(REGRESSION, leave_out=(*OF_THE_TIME, "orders_to_hold")),
        "and orders until the fall-off": REGRESSION,
    },
    "first": {
        "MBG/NBD": BTYD,
        "logistic RFM": replace(BASE, kind="logistic", offset="none"),
        "base": BASE,
        "young features": NEW,
        "btyd columns": replace(BASE, btyd=True),
        "btyd offset": replace(BASE, offset="btyd"),
        "btyd offset + level": replace(BASE, offset="btyd+level"),
        "logistic offset": replace(BASE, offset="logistic"),
    },
    "level": {
        "none": replace(NEW, offset="none"),
        "cut-off's level": NEW,
        "season by BTYD": replace(NEW, offset="season btyd"),
        "season by logistic": replace(NEW, offset="season logistic"),
        "season by logistic, btyd columns": replace(NEW, offset="season logistic", btyd=True),
    },
}


def grounds(data: Path, cache: Path, names: list[str]) -> Iterator[Ground]:
    """The shops."""
    for name in names or PERIODS:
        yield Ground(name, *development(data, cache, name))


def main() -> None:
    """Print a table a shop, each variant with its own map and, for orders, together with MBG/NBD."""
    data, cache, group, *names = sys.argv[1:]
    for ground in grounds(Path(data), Path(cache), names):
        logistic, btyd = (said_of(ground, v, Path(cache)) for v in (LOGISTIC, BTYD))
        reference = {"ordered": raw(logistic)}
        made = row(ground, "ordered", "logistic RFM + BTYD", reference["ordered"], reference["ordered"])
        for name, v in GROUPS[group].items():
            began = time.perf_counter()
            said = said_of(ground, replace(v, refit=False), Path(cache))
            newer = said_of(ground, v, Path(cache)) if v.refit else None
            p = raw(said) if v.kind != "booster" else calibrated(ground, v, said, newer)
            beside = reference.setdefault(v.target, p)
            made += row(ground, v.target, f"{name} ({time.perf_counter() - began:.0f}s)", p, beside)
            if v.target == "ordered" and v.kind == "booster":
                made += row(ground, v.target, f"{name}, with MBG/NBD", blended(ground, said, btyd, newer), beside)
        print(told(made), flush=True)


if __name__ == "__main__":
    main()
