"""A run in a real MLflow store: complete, readable, absolute, without a pickle and without a customer."""

import json
from pathlib import Path
from urllib.parse import unquote, urlparse

import mlflow
import numpy as np
import pandas as pd
import pytest
from run_store import NAME, SOURCE, Store

from features.clock import to_date
from features.model.bundle import bundle_digest, read_bundle
from features.model.store import quiet
from training.train import Trained


def test_two_runs_make_two_versions_of_which_the_newer_is_the_challenger(store: Store) -> None:
    assert [version.version for version in store.versions] == [1, 2]
    assert store.versions[0].run_id != store.versions[1].run_id
    assert store.alias("challenger") == 2
    assert store.alias("champion") is None


def test_parameters_say_how_the_model_was_made(store: Store, trained: Trained) -> None:
    params = store.run.data.params

    assert params["booster.rounds"] == "200"
    assert params["fit_weeks"] == "8"
    assert params["period"] == "28d"
    assert params["stages.quantile"] == str(trained.model.spec.constants.quantile)
    assert params["spec_origin"] == "fit"
    assert params["features.windows"] == "4 8 13 26 52"
    assert params["features.number"] == str(len(trained.model.contract.features))
    assert params["leave_out"].startswith("year_*")
    assert params["split.fit_from"] == str(to_date(trained.shipped.fit[0]))
    assert params["rows"] == str(trained.rows)
    assert len(params) <= 60


def test_metrics_are_the_headline(store: Store, trained: Trained) -> None:
    assert store.run.data.metrics == pytest.approx(trained.judgement.headline() | {"spec/silence_ratio_max": 1.0})


def test_tags_name_the_data_and_the_digests(store: Store, trained: Trained) -> None:
    tags = store.run.data.tags
    wanted = {
        "kind": "train",
        "as_of": str(to_date(trained.end)),
        "data_digest": SOURCE.digest,
        "spec_hash": trained.model.spec.hash,
        "contract_hash": trained.model.contract.hash,
        "bundle_sha256": store.versions[0].digest,
        "gate": "passed",
    }
    assert wanted.items() <= tags.items()
    assert store.client.get_run(store.versions[1].run_id).data.tags["gate"] == "failed"


def test_the_description_can_be_read(store: Store, trained: Trained) -> None:
    passed, failed = (
        store.client.get_run(version.run_id).data.tags["mlflow.note.content"] for version in store.versions
    )

    assert "1,234 order lines of 300 customers" in passed
    assert str(to_date(trained.judged.judge[0])) in passed
    assert "Not worse beyond chance than doing without a model" in passed
    assert "| order | stagecast |" in passed
    assert "Worse beyond chance than doing without a model: order: log loss +0.0200" in failed


def test_the_run_is_finished_and_knows_its_orders(store: Store) -> None:
    (used,) = store.run.inputs.dataset_inputs

    assert store.run.info.status == "FINISHED"
    assert (used.dataset.name, used.dataset.digest) == ("orders", SOURCE.digest)
    assert json.loads(used.dataset.source) == {"uri": "orders.parquet"}


def test_pictures_tables_and_settings_are_there(store: Store) -> None:
    def names(folder: str) -> set[str]:
        return {Path(file.path).name for file in store.client.list_artifacts(store.run.info.run_id, folder)}

    validity = {"validity_claims.png", "tradeoff.png"}, {"validity_claims.csv", "validity_by_stage.csv"}
    assert names("plots") == {"reliability.png", "stage_flow.png", "lift.png", "importance.png"} | validity[0]
    assert names("tables") == {"ladder.csv", "differences.csv", "by_standing.csv"} | validity[1]
    assert {"config.json", "spec.md"} <= names("")
    folder = Path(unquote(urlparse(store.run.info.artifact_uri).path))
    assert json.loads((folder / "config.json").read_text())["training"]["fit_weeks"] == 8
    assert pd.read_csv(folder / "tables" / "ladder.csv")["predictor"].tolist()[0] == "stagecast"
    for picture in (folder / "plots").iterdir():
        assert picture.read_bytes().startswith(b"\x89PNG"), picture.name
        assert picture.stat().st_size > 5000, picture.name


def test_artifacts_lie_at_an_absolute_place_beside_the_database(store: Store) -> None:
    place = urlparse(store.run.info.artifact_uri)

    assert place.scheme == "file"
    assert Path(unquote(place.path)).is_relative_to(store.folder / "mlartifacts")
    assert {path.name for path in store.folder.iterdir()} <= {"mlflow.db", "mlflow.db.lock", "mlartifacts"}


def test_nothing_is_pickled(store: Store) -> None:
    files = store.files()

    assert len(files) > 20
    assert {path.suffix for path in files} <= {"", ".json", ".txt", ".csv", ".png", ".yaml", ".md"}
    assert not any(path.read_bytes().startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")) for path in files)
    assert not any(b"python_model" in path.read_bytes() for path in files if path.name == "MLmodel")


def test_no_customer_is_named_in_any_file(store: Store, orders: pd.DataFrame) -> None:
    names = [name.encode() for name in orders["customer_id"].unique()]
    written = [*store.files(), store.folder / "mlflow.db"]

    assert len(names) == 300
    for path in written:
        content = path.read_bytes()
        assert b"client-" not in content, path
        assert not any(name in content for name in names), path


def test_a_version_carries_its_digests(store: Store, trained: Trained) -> None:
    version = store.client.get_model_version(NAME, "1")

    assert version.run_id == store.versions[0].run_id
    assert version.tags["bundle_sha256"] == store.versions[0].digest
    assert version.tags["spec_hash"] == trained.model.spec.hash
    assert version.tags["contract_hash"] == trained.model.contract.hash
    assert version.tags["gate"] == "passed"


def test_the_bundle_of_a_version_is_the_model(store: Store, trained: Trained) -> None:
    bundles = [path.parent for path in store.files() if path.name == "manifest.json"]

    assert len(bundles) == 2
    for bundle in bundles:
        assert bundle_digest(bundle) == store.versions[0].digest
        assert read_bundle(bundle, store.versions[0].digest).boosters == trained.model.boosters


def test_pyfunc_predicts_what_the_model_forecasts(store: Store, trained: Trained) -> None:
    features = trained.judgement.table.features
    with quiet():
        loaded = mlflow.pyfunc.load_model(f"models:/{NAME}/1")
        said = loaded.predict(features)
    forecast = trained.model.forecast(features)

    np.testing.assert_array_equal(said.filter(like="p_").to_numpy()[:, :4], forecast.stages)
    np.testing.assert_array_equal(said["p_order"], forecast.p_order)
    np.testing.assert_array_equal(said["expected_spend"], forecast.expected_spend)
    assert loaded.metadata.signature.inputs.input_names() == list(trained.model.contract.features)
    assert loaded.metadata.signature.outputs.input_names() == list(said.columns)
    assert loaded.metadata.metadata["bundle_sha256"] == store.versions[0].digest


def test_an_example_of_the_input_is_kept(store: Store, trained: Trained) -> None:
    with quiet():
        example = mlflow.pyfunc.load_model(f"models:/{NAME}/1").input_example

    assert list(example.columns) == list(trained.model.contract.features)
    assert len(example) == 1  # the typical customer, nobody's own row
