"""Tables in Markdown, as MLflow's UI draws them."""

import pandas as pd


def table(frame: pd.DataFrame) -> str:
    """A table; unknown values are left empty."""
    head = [" | ".join(map(str, frame.columns)), " | ".join("---" for _ in frame.columns)]
    rows = [" | ".join("" if pd.isna(value) else str(value) for value in row) for row in frame.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in head + rows)
