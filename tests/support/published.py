"""Scores as other people's tools read them: plain files or a Delta table."""

from pathlib import Path

import pandas as pd
from deltalake import DeltaTable


def scores(folder: Path | str) -> pd.DataFrame:
    """Every week that is published; no rows where there is nothing."""
    place = Path(folder)
    if (place / "_delta_log").is_dir():
        return DeltaTable(place).to_pyarrow_dataset().to_table().to_pandas()
    parts = [pd.read_parquet(path, partitioning=None) for path in sorted(place.glob("as_of=*/scores.parquet"))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"customer_id": [], "as_of": []})
