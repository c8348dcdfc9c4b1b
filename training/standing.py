"""How good a forecast was where the outcome is open: by stage now, without the lost, for one-time buyers."""

from collections.abc import Iterator

import pandas as pd

from features.fixed import Floats
from features.stages.moves import STAGES, Booleans, SubState
from training import metrics
from training.judge import Judgement
from training.ladder import BINARY
from training.table import Table


def by_standing(judgement: Judgement) -> pd.DataFrame:
    """One row a group that has any snapshots.

    Returns:
        `group`, `snapshots` and, for order and regression: the observed rate,
        the predicted one, log loss and AUROC (NaN where one kind of outcome is missing).
    """
    table, forecast = judgement.table, judgement.forecast
    said = {"order": forecast.p_order, "regression": forecast.p_regression}
    rows = []
    for name, inside in _groups(table):
        row: dict[str, object] = {"group": name, "snapshots": int(inside.sum())}
        for target, p in said.items():
            row |= _scores(target, BINARY[target](table)[inside], p[inside])
        rows.append(row)
    return pd.DataFrame(rows)


def _groups(table: Table) -> Iterator[tuple[str, Booleans]]:
    groups: dict[str, Booleans] = {name: table.now.stage == k for k, name in enumerate(STAGES)}
    groups["without the lost"] = table.now.sub_state != SubState.LOST
    groups["one-time buyers"] = table.facts["order_days"].to_numpy() == 1
    return ((name, inside) for name, inside in groups.items() if inside.any())


def _scores(target: str, happened: Booleans, p: Floats) -> dict[str, object]:
    return {
        f"{target} rate": happened.mean(),
        f"{target} predicted": p.mean(),
        f"{target} log loss": metrics.log_loss(happened, p),
        f"{target} AUROC": metrics.auroc(happened, p),
    }
