"""The columns a booster may see: all of its contract, in its order, each of its type.

LightGBM takes columns by position, so a table in another order would be scored
without a word; and some kinds of text column end the whole process.
"""

import numpy as np
import pandas as pd

from features.contract import FeatureContract
from features.errors import ModelError
from features.stages.moves import STAGES, Stages


def trained_columns(features: object, contract: FeatureContract) -> pd.DataFrame:
    """The contract's columns of a table, in the contract's order.

    Raises:
        ModelError: this is no DataFrame, or a feature is missing, is there
            twice, or is neither of its type nor float64, which holds all of them.
    """
    if not isinstance(features, pd.DataFrame):
        raise ModelError(
            "features come as a pandas DataFrame",
            got=f"{type(features).__module__}.{type(features).__name__}",
            allowed="pandas.DataFrame",
            remedy="convert the table, for example with .to_pandas()",
        )
    _require_once(features.columns, contract)
    names = list(contract.features)
    table = features if list(features.columns) == names else features.loc[:, names]  # a copy is as large as the table
    types = zip(table.columns, table.dtypes, contract.dtypes, strict=False)
    wrong = [one for one in types if one[1] not in (np.dtype(one[2]), np.float64)]
    if wrong:
        name, got, wanted = wrong[0]
        raise ModelError(
            "features must be numbers of the contract's types",
            got=f"{name} is {got}",
            allowed=" or ".join(sorted({wanted, "float64"})),
            remedy="build the features with stagecast, or convert the column",
        )
    return table


def stage_codes(table: pd.DataFrame, name: str) -> Stages:
    """A column of stages as their codes, shape (n,).

    Raises:
        ModelError: the column is missing, or some value is no stage.
    """
    if name not in table.columns:
        raise ModelError(f"the model's contract lacks '{name}'", remedy="keep this feature, and train the model anew")
    values = table[name].to_numpy()
    wrong = ~np.isin(values, np.arange(len(STAGES)))
    if wrong.any():
        raise ModelError(
            f"'{name}' holds a value that is no stage",
            got=f"{values[wrong][0]} in {int(wrong.sum())} of {len(values)} rows",
            allowed=", ".join(f"{code} {stage}" for code, stage in enumerate(STAGES)),
            remedy="build the features with stagecast",
        )
    return values.astype(np.int8)


def _require_once(columns: pd.Index, contract: FeatureContract) -> None:
    times = columns.value_counts()
    missing = [name for name in contract.features if name not in times.index]
    if missing:
        raise ModelError(
            "features are missing that the model was trained on",
            got=f"{len(missing)} missing: {', '.join(missing[:8])}",
            allowed=f"all {len(contract.features)} features of contract {contract.hash}",
            remedy="build the features with the model's own contract",
        )
    twice = [name for name in contract.features if times[name] > 1]
    if twice:
        raise ModelError(
            "several columns have the name of one feature",
            got=", ".join(twice[:8]),
            allowed="one column a feature",
            remedy="drop or rename the others",
        )
