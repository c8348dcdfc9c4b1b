"""One contestant in a process of its own: `contestant.py NAME ORDERS CUTOFFS [FOLDER]`.

Says what it did as one line of JSON. The tables are dropped one after the
other, as a consumer that trains or writes would; given a folder, they are
written there, for the check that all are equal.
"""

import importlib
import json
import sys
import time
from pathlib import Path

from compared import cutoffs
from phases import SPENT


def main() -> None:
    """Import, say how much CPU that took, then work."""
    way, orders, number, *folder = sys.argv[1:]
    name, _, verb = way.partition(".")
    make = getattr(importlib.import_module(f"peer_{name}"), verb or "tables")
    imported = time.process_time()
    rows, columns = 0, 0
    for k, table in enumerate(make(Path(orders), cutoffs(int(number)))):
        rows, columns = rows + table.shape[0], table.shape[1]
        if folder:
            _keep(table, Path(folder[0]) / f"{k}.parquet")
        del table
    print(json.dumps({"imported": imported, "rows": rows, "features": columns - 2, "phases": SPENT}))


def _keep(table: object, path: Path) -> None:
    """Each library's own way to write Parquet."""
    for write in ("write_parquet", "to_parquet"):
        if hasattr(table, write):
            getattr(table, write)(path)
            return
    import pyarrow.parquet as pq  # noqa: PLC0415 - not every contestant should load it

    pq.write_table(table.to_arrow() if hasattr(table, "to_arrow") else table, path)


if __name__ == "__main__":
    main()
