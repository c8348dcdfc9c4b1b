"""A run in a real MLflow store: complete, readable, absolute, without a pickle and without a customer."""

import json
from importlib.metadata import version
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
from training.registration import About, Logged, register
from training.rungs import best_rungs, gains
from training.train import Trained


def test_two_runs_make_two_versions_of_which_the_newer_is_the_challenger(store: Store) -> None:
    assert [each.version for each in store.versions] == [1, 2]
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
    assert params["features.windows"] == "4 26 52"
    assert params["features.number"] == str(len(trained.model.contract.features))
    assert params["leave_out"].startswith("year_*")
    assert params["split.fit_from"] == str(to_date(trained.shipped.fit[0]))
    assert params["rows"] == str(trained.rows)
    assert len(params) <= 60


def test_metrics_are_few_and_stable(store: Store, trained: Trained) -> None:
    metrics = store.run.data.metrics
    gain = {name for name in metrics if name.startswith("gain/")}
    single = {name: value for name, value in metrics.items() if not name.startswith("per_cutoff/")}

    assert single == pytest.approx(
        trained.judgement.headline() | gains(trained.judgement) | {"spec/silence_ratio_max": 1.0}
    )
    assert gain == {f"gain/{target}_percent" for target in ("order", "regression", "next_stage")}
    assert len(metrics) <= 50
    assert np.isfinite(list(metrics.values())).all()


def test_metrics_are_linked_to_the_model_and_to_the_snapshots_that_judged_it(store: Store, trained: Trained) -> None:
    (linked,) = store.client.search_logged_models(
        [store.run.info.experiment_id], f"source_run_id = '{store.run.info.run_id}'"
    )
    by_name = {metric.key: metric for metric in linked.metrics}
    judged = store.dataset("judging")

    assert set(by_name) == {name for name in store.run.data.metrics if not name.startswith("per_cutoff/")}
    for name in trained.judgement.headline():
        assert (by_name[name].dataset_name, by_name[name].dataset_digest) == (judged.name, judged.digest)


def test_metrics_of_each_cutoff_are_steps_dated_by_it(store: Store, trained: Trained) -> None:
    points = store.client.get_metric_history(store.run.info.run_id, "per_cutoff/order_log_loss")
    dates = [str(np.datetime64(point.timestamp, "ms").astype("datetime64[D]")) for point in points]
    table = trained.judgement.card.by_cutoff
    mine = table[(table["predictor"] == "stagecast") & (table["target"] == "order")].set_index("cutoff")

    assert [point.step for point in points] == [0, 1]
    assert dates == [str(to_date(cutoff)) for cutoff in trained.judged.judge]
    assert [point.value for point in points] == mine.loc[trained.judged.judge, "log_loss"].tolist()


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
        "stagecast_version": version("stagecast"),
    }
    assert wanted.items() <= tags.items()
    assert store.client.get_run(store.versions[1].run_id).data.tags["gate"] == "failed"


def test_the_description_says_which_is_better_and_why(store: Store, trained: Trained) -> None:
    passed, failed = store.descriptions()

    assert "1,234 order lines of 300 customers" in passed
    assert str(to_date(trained.judged.judge[0])) in passed
    assert passed.startswith(f"order {-best_rungs(trained.judgement)[0].percent:+.1f} %, regression ")
    assert "**Gate passed.** Better than the ladder" in passed
    assert "**Gate failed.** Worse than the champion in log loss of order, log loss of regression" in failed
    for rung in best_rungs(trained.judgement):
        said = f"{abs(rung.percent):.1f} % {'below' if rung.percent > 0 else 'above'}"
        assert f"- {rung.target}: {said} the best baseline, {rung.baseline}" in passed.replace("**", "")
        assert f"| {rung.target} | {rung.ours:.4f} | {rung.baseline} {rung.theirs:.4f} |" in passed.replace(
            "\u00a0", ""
        ).replace("  |", " |")
    assert len(max(passed, failed, key=len)) < 8000  # MLflow cuts what is longer


def test_a_run_is_told_beside_the_champion_of_its_day(store: Store) -> None:
    first, second = store.descriptions()

    assert "There was no champion to compare with." in first
    assert "**Beside the champion of the day, version 1**, on the same snapshots" in second
    assert "Settings that differ: `fit_rows` 200000 (champion: 300000)." in second
    assert "| judge/order_log_loss" in second


def test_runs_are_named_after_their_versions(store: Store, trained: Trained) -> None:
    names = [store.client.get_run(each.run_id).info.run_name for each in store.versions]

    assert names == [f"stagecast/{number}, {to_date(trained.end)}" for number in (1, 2)]


def test_the_run_is_finished_and_knows_its_orders_and_its_judges(store: Store, trained: Trained) -> None:
    learnt, judged = store.dataset("training"), store.dataset("judging")

    assert store.run.info.status == "FINISHED"
    assert (learnt.name, learnt.digest) == (f"orders before {to_date(trained.end)}", SOURCE.digest)
    assert json.loads(learnt.profile) == {"num_rows": 1234, "customers": 300}
    assert json.loads(learnt.source) == {"uri": "orders.parquet"}
    assert json.loads(judged.profile) == {"num_rows": len(trained.judgement.table), "cut_offs": 2}
    assert judged.name == "judged at {} ... {}".format(*map(to_date, trained.judged.judge))


def test_pictures_tables_and_settings_are_there(store: Store) -> None:
    def names(folder: str) -> set[str]:
        return {Path(file.path).name for file in store.client.list_artifacts(store.run.info.run_id, folder)}

    validity = {"validity_claims.png", "tradeoff.png"}, {"validity_claims.csv", "validity_by_stage.csv"}
    plots = {"ladder.png", "shap.png", "profit.png", "reliability.png", "stage_flow.png", "lift.png", "importance.png"}
    assert names("plots") == plots | validity[0]
    tables = {"ladder", "differences", "by_group", "by_standing", "by_cutoff", "moves", "gate", "shap"}
    assert names("tables") == {f"{name}.csv" for name in tables} | validity[1]
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
    assert {path.suffix for path in files} <= {"", ".json", ".txt", ".csv", ".png", ".yaml", ".md", ".parquet"}
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
    first = store.client.get_model_version(NAME, "1")

    assert first.run_id == store.versions[0].run_id
    assert first.tags["bundle_sha256"] == store.versions[0].digest
    assert first.tags["spec_hash"] == trained.model.spec.hash
    assert first.tags["contract_hash"] == trained.model.contract.hash
    assert first.tags["gate"] == "passed"
    assert "**Gate passed.**" in first.description
    assert first.description.startswith(f"order {-best_rungs(trained.judgement)[0].percent:+.1f} %, regression ")
    assert len(first.description) < 5000  # a database may keep no more


def test_the_registered_model_has_a_card_that_a_person_may_rewrite(store: Store, trained: Trained) -> None:
    card = store.client.get_registered_model(NAME).description

    assert f"{len(trained.model.contract.features)} features" in card
    assert "**What it cannot do.**" in card
    assert len(card) < 5000
    with quiet():
        store.client.update_registered_model(NAME, "our own words")
        found = store.client.search_logged_models([store.run.info.experiment_id])[0].model_id
        logged = Logged(found, f"models:/{found}")
        tags = dict(store.client.get_model_version(NAME, "2").tags)
        assert register(logged, About(NAME, "card", "version"), tags, store.uri) == 3
    assert store.client.get_registered_model(NAME).description == "our own words"
    with quiet():
        store.client.delete_model_version(NAME, "3")
        store.client.set_registered_model_alias(NAME, "challenger", "2")
        store.client.update_registered_model(NAME, card)


def test_the_bundle_of_a_version_is_the_model(store: Store, trained: Trained) -> None:
    bundles = [path.parent for path in store.files() if path.name == "manifest.json"]

    assert len(bundles) == 2
    for bundle in bundles:
        assert bundle_digest(bundle) == store.versions[0].digest
        assert read_bundle(bundle, store.versions[0].digest).boosters == trained.model.boosters


def test_pyfunc_predicts_what_the_model_forecasts(store: Store, trained: Trained) -> None:
    features = trained.judgement.features
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
