"""How good the model's own forecast was in each group, as one table to be read."""

import pandas as pd

from training.forecasts import ORDER, REGRESSION
from training.judge import Judgement
from training.ladder import MODEL

_SHOWN = {"observed": "rate", "predicted": "predicted", "log_loss": "log loss", "auroc": "AUROC"}


def by_standing(judgement: Judgement) -> pd.DataFrame:
    """One row a group that has any snapshots.

    Returns:
        `group`, `snapshots` and, for order and regression: the observed rate,
        the predicted one, log loss and AUROC (NaN where one kind of outcome is missing).
    """
    table = pd.DataFrame()
    for target in (ORDER, REGRESSION):
        scores = judgement.card.scores
        mine = scores[(scores["predictor"] == MODEL) & (scores["target"] == target)].set_index("group")
        table["snapshots"] = mine["snapshots"]
        for name, shown in _SHOWN.items():
            table[f"{target} {shown}"] = mine[name]
    return table.reset_index()
