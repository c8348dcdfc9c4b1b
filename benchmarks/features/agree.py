"""Whether contestants made the same features: `agree.py FOLDER NAME [NAME...]`, the first is the one to agree with."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from compared import FEATURES

RELATIVE, ABSOLUTE = 1e-9, 1e-6
"""Sums of floats depend on their order; counts and days agree to the last bit all the same."""


def main() -> None:
    """Compare each with the first, value by value."""
    folder, first, *others = sys.argv[1:]
    ours = _table(Path(folder) / first)
    for name in others:
        theirs = _table(Path(folder) / name)
        assert ours.index.equals(theirs.index), f"{name} has other customers or cut-offs"
        for feature in (name for name in FEATURES if name in theirs):
            _demand(ours[feature], theirs[feature], f"{feature} of {name}")
        shared = sum(feature in theirs for feature in FEATURES)
        print(f"{name}: {shared} features of {len(theirs):,} snapshots are {first}'s", flush=True)


def _table(folder: Path) -> pd.DataFrame:
    parts = [pd.read_parquet(part) for part in sorted(folder.glob("*.parquet"))]
    table = pd.concat(parts).astype({"cutoff": "datetime64[us]", "customer_id": str})
    return table.set_index(["customer_id", "cutoff"]).sort_index().astype(float)


def _demand(one: pd.Series, two: pd.Series, what: str) -> None:
    differ = ~np.isclose(one, two, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    assert not differ.any(), f"{what}: {pd.DataFrame({'ours': one, 'theirs': two})[differ].head()}"


if __name__ == "__main__":
    main()
