"""A small real shop with a registered model, made once a session: every twelfth of CDNOW's customers, few rounds."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mlflow
import pandas as pd
from undrawn import undrawn

import stagecast
from serving.registered import Registered
from serving.registry import fetch
from stagecast.demo import cdnow

AS_OF = "1998-03-02"
SETTINGS = """\
[training]
fit_weeks = 6
judge_cutoffs = 1
resamples = 100
refit = false
validity_resamples = 0
threads = 1

[training.booster]
rounds = 12
min_data_in_leaf = 20

[serving]
threads = 1

[serving.gates]
fresh = "warn"
"""


@dataclass(frozen=True)
class Shop:
    """Where the orders, the settings and the MLflow store with its champion lie; and the champion, fetched."""

    frame: pd.DataFrame
    folder: Path
    config: stagecast.Config
    registered: Registered

    @property
    def orders(self) -> Path:
        return self.folder / f"{self.registered.name}.parquet"

    @property
    def settings(self) -> Path:
        return self.folder / "stagecast.toml"

    @property
    def uri(self) -> str:
        return str(self.config.tracking_uri)

    @property
    def bundle(self) -> Path:
        """The folder of the champion's files in the store."""
        client = mlflow.MlflowClient(self.uri, self.uri)
        source = client.get_model_version(self.registered.name, str(self.registered.version)).source
        (manifest,) = (self.folder / "mlartifacts" / "models" / Path(source).name).rglob("manifest.json")
        return manifest.parent


@cache
def trained_shop(base: Path) -> Shop:
    """The shop, with money; `base` is the session's folder."""
    orders = cdnow()
    some = orders["customer_id"].isin(orders["customer_id"].unique()[::12])
    folder = base / "shop"
    folder.mkdir()
    (folder / "stagecast.toml").write_text(SETTINGS, encoding="utf-8")
    config = stagecast.Config.load(folder / "stagecast.toml")
    return _train(folder, orders[some], config.overridden(tracking_uri=f"sqlite:///{folder.resolve()}/mlflow.db"))


@cache
def moneyless_shop(base: Path) -> Shop:
    """The same shop, of which only who ordered when is known; a second model in the same store."""
    rich = trained_shop(base)
    config = rich.config.overridden("training", model_name="moneyless")
    return _train(rich.folder, rich.frame[["customer_id", "ordered_at"]], config)


def _train(folder: Path, orders: pd.DataFrame, config: stagecast.Config) -> Shop:
    name = config.training.model_name
    orders.to_parquet(folder / f"{name}.parquet", index=False)
    with undrawn():
        stagecast.train(orders, AS_OF, config)
    stagecast.promote(config=config, force="so few rounds need not beat a baseline")
    return Shop(orders, folder, config, fetch(f"{name}@champion", config.tracking_uri))
