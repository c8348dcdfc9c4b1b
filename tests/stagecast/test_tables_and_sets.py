"""A feature set with tables, expressions and own code, from the configuration through training to the scores."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

import stagecast
from features.errors import ModelError, UsageError
from serving.registry import fetch
from stagecast.demo import cdnow

Run = Callable[..., Any]

AS_OF = "1998-03-02"
SETTINGS = """\
[features]
windows = [8, 26]
families = ["recency", "stage", "outlook"]
code = ["{module}:silence"]

[features.events.visits]
source = "{folder}/visits.parquet"
kinds = ["web"]
measures = ["count", "recency"]

[features.profile.person]
source = "{folder}/people.csv"
attributes = {{age = "number", channel = ["online", "shop"]}}
date_format = "%d.%m.%Y"

[features.own]
visits_per_day = "ratio(visits_web_count_26w, tenure)"

[training]
model_name = "tables"
fit_weeks = 4
judge_cutoffs = 1
resamples = 100
validity_resamples = 0
threads = 1

[training.booster]
rounds = 20
min_data_in_leaf = 20

[serving]
reasons = 10
"""
OWN = '''\
from stagecast import feature


@feature(unit="days")
def silence(past):
    """Days of silence."""
    return past.recency
'''
MADE = [
    "visits_web_count_8w",
    "visits_web_recency",
    "person_age",
    "person_channel_is_shop",
    "silence",
    "visits_per_day",
]


@dataclass(frozen=True)
class Shop:
    folder: Path
    orders: pd.DataFrame
    visits: pd.DataFrame
    config: stagecast.Config

    def without(self, *keys: str) -> stagecast.Config:
        """The configuration without some of what is declared under [features]."""
        kept = self.config.model_dump(exclude_unset=True)
        kept["features"] = {key: value for key, value in kept["features"].items() if key not in keys}
        return stagecast.Config.model_validate(kept)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("tables")
    module = "our_own_features"
    (folder / f"{module}.py").write_text(OWN, encoding="utf-8")
    orders = cdnow()
    orders = orders[orders["customer_id"].isin(orders["customer_id"].unique()[::40])].reset_index(drop=True)
    visits, people = _tables(orders)
    visits.to_parquet(folder / "visits.parquet", index=False)
    people.to_csv(folder / "people.csv", index=False)
    (folder / "stagecast.toml").write_text(SETTINGS.format(folder=folder, module=module), encoding="utf-8")
    config = stagecast.Config.load(folder / "stagecast.toml")
    config = config.overridden(tracking_uri=f"sqlite:///{folder.resolve()}/mlflow.db")
    return Shop(folder, orders, visits, config)


@pytest.fixture(scope="module")
def scores(shop: Shop) -> pd.DataFrame:
    """Scores of the model trained on the shop, which is registered with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(shop.folder)
        stagecast.train(shop.orders, AS_OF, shop.config)
        stagecast.promote("tables@challenger", shop.config, force="so few rounds need not beat a baseline")
        return stagecast.score(shop.orders, AS_OF, config=shop.config, model="tables@champion").table


def _tables(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A visit some days before each order, known a day later; ages and channels, known from the first day."""
    rng = np.random.default_rng(1)
    visits = orders[["customer_id"]].assign(kind=rng.choice(["web", "phone"], len(orders)))
    visits["happened_at"] = orders["ordered_at"] - pd.to_timedelta(rng.integers(0, 30, len(orders)), unit="D")
    visits["known_at"] = visits["happened_at"] + pd.Timedelta("1D")
    people = orders[["customer_id"]].drop_duplicates().assign(known_at="31.12.1996")
    people["age"] = rng.integers(18, 80, len(people))
    people["channel"] = rng.choice(["online", "shop"], len(people))
    return visits, people


@pytest.mark.slow
@pytest.mark.usefixtures("scores")
def test_the_model_remembers_the_set_and_not_where_its_tables_are(shop: Shop) -> None:
    registered = fetch("tables@champion", shop.config.tracking_uri)
    contract = registered.model.contract
    assert set(MADE) <= set(contract.features)
    assert contract.declared.events["visits"].kinds == ("web",)
    assert str(shop.folder) not in contract.to_json()
    client = mlflow.MlflowClient(shop.config.tracking_uri)
    files = [file.path for file in client.list_artifacts(registered.run_id) if file.path.endswith(".json")]
    texts = [Path(client.download_artifacts(registered.run_id, path)).read_text(encoding="utf-8") for path in files]
    assert any("visits" in text for text in texts)
    assert not any("visits.parquet" in text for text in texts)


@pytest.mark.slow
def test_scores_come_from_the_same_features(shop: Shop, scores: pd.DataFrame) -> None:
    assert (
        scores["customer_id"].tolist() == stagecast.features(shop.orders, [AS_OF], shop.config)["customer_id"].tolist()
    )
    assert scores["p_regression"].between(0, 1).all()


@pytest.mark.slow
def test_reasons_speak_of_tables_and_own_features(scores: pd.DataFrame) -> None:
    said = scores["reasons"].str.split("; ").explode()
    for about in (r"visits, web: \d+ in 26 weeks", r"(?:silence|visits per day): [\d.]+"):
        assert said.str.fullmatch(rf"(?:in its favour: )?{about}.*").any(), about


def test_the_feature_table_has_what_is_declared(shop: Shop) -> None:
    assert set(MADE) <= set(stagecast.features(shop.orders, [AS_OF], shop.config))


@pytest.fixture(autouse=True)
def importable(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(shop.folder)


@pytest.mark.slow
def test_tables_may_be_given_as_frames(shop: Shop, scores: pd.DataFrame) -> None:
    given = stagecast.with_tables(shop.orders, visits=shop.visits)
    again = stagecast.score(given, AS_OF, config=shop.config, model="tables@champion").table
    pd.testing.assert_frame_equal(again.drop(columns="scored_at"), scores.drop(columns="scored_at"))


def test_a_file_made_in_parts_holds_the_same(shop: Shop, tmp_path: Path) -> None:
    whole = stagecast.features(shop.orders, [AS_OF, "1997-12-01"], shop.config)
    parted = shop.config.overridden("features", partition_lines=100)
    stagecast.write_features(shop.orders, [AS_OF, "1997-12-01"], tmp_path / "features.parquet", parted)
    again = pd.read_parquet(tmp_path / "features.parquet")
    np.testing.assert_array_equal(again[MADE].to_numpy(), whole[MADE].to_numpy())
    assert again["customer_id"].tolist() == whole["customer_id"].tolist()


def test_the_tables_matter_and_what_came_after_does_not(shop: Shop) -> None:
    late = shop.visits.assign(known_at=pd.Timestamp(AS_OF))
    known = [
        stagecast.features(stagecast.with_tables(shop.orders, visits=visits), [AS_OF], shop.config, ["visits_*"])
        for visits in (shop.visits, late, pd.concat([shop.visits, late]))
    ]
    assert known[0]["visits_web_count_26w"].sum() > 0
    assert known[1]["visits_web_count_26w"].sum() == 0
    pd.testing.assert_frame_equal(known[0], known[2])


@pytest.mark.slow
@pytest.mark.usefixtures("scores")
def test_a_table_that_is_missing_where_the_model_needs_it(shop: Shop) -> None:
    with pytest.raises(UsageError, match="made from the table 'visits', which is not given"):
        stagecast.score(shop.orders, AS_OF, config=shop.without("events", "own"), model="tables@champion")


@pytest.mark.slow
@pytest.mark.usefixtures("scores")
def test_code_is_imported_only_where_the_settings_name_it(shop: Shop) -> None:
    with pytest.raises(ModelError, match="do not agree on 'code'"):
        stagecast.score(shop.orders, AS_OF, config=shop.without("code"), model="tables@champion")


def test_the_command_line_checks_the_tables_too(shop: Shop, run: Run) -> None:
    shop.orders.to_parquet("orders.parquet", index=False)
    ran = run("check", "orders.parquet", "--config", shop.folder / "stagecast.toml")
    assert ran.code == 0
    assert f"table visits: {len(shop.visits):,} rows read, {len(shop.visits):,} kept, 0 set aside" in ran.out
    assert "table person: " in ran.out


def test_a_feature_set_in_python_is_a_configuration() -> None:
    declared = stagecast.FeatureSet(windows=(4,), events={"visits": stagecast.Events(measures=("count",))})
    config = stagecast.Config(features=declared)
    assert config.features.events["visits"].measures == ("count",)
    assert json.loads(config.model_dump_json())["features"]["windows"] == [4]
