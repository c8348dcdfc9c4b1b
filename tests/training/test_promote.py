"""The alias `champion` moves for who wins, under the eyes of whoever moves it, or not at all; and back."""

import json
import multiprocessing
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copy
from urllib.parse import unquote, urlparse

import mlflow
import pytest
from run_store import FEWEST, JUDGING, NAME, SOURCE, Store, said

from features.errors import BusyError, GateError, ModelError
from features.model.store import open_store, quiet
from training import promote as promotion
from training.chosen import REFIT
from training.gate import champions
from training.gate.evidence import said_by
from training.gate.standing import Stood
from training.ladder import MODEL
from training.lineage import Source
from training.promote import Terms, champion, earlier, promote, rollback
from training.tracking import _keep_evidence
from training.train import Trained

ASKED = Terms(JUDGING, FEWEST)
FORCED = replace(ASKED, reason="the pilot of March")
NEW_SPEC = replace(ASKED, new_spec=True)


@pytest.fixture(scope="module")
def store(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A copy of the session's database, so that what is written here stays here; models and pictures are shared."""
    uri = f"sqlite:///{copy(store.folder / 'mlflow.db', tmp_path_factory.mktemp('copy') / 'mlflow.db')}"
    one, two = store.versions
    yield replace(store, versions=(replace(one, uri=uri), replace(two, uri=uri)))
    open_store(store.uri)  # MLflow's current store is the session's again


@pytest.fixture
def without_champion(store: Store) -> Iterator[Store]:
    yield store
    if store.alias("champion"):
        store.client.delete_registered_model_alias(NAME, "champion")
    store.client.set_registered_model_tag(NAME, "champions", "[]")


def registered(store: Store, trained: Trained, source: Source = SOURCE) -> int:
    """Another version, with what the gate needs of it and nothing else."""
    client, first = store.client, tags(store, 1)
    with quiet(), tempfile.TemporaryDirectory() as folder:
        digest = _keep_evidence(trained, source, Path(folder))
        run = client.create_run(store.run.info.experiment_id).info.run_id
        client.log_artifacts(run, folder)
        found = client.get_model_version(NAME, "1").source
        return int(client.create_model_version(NAME, found, run, {**first, "forecasts_sha256": digest}).version)


def tags(store: Store, version: int) -> dict[str, str]:
    return dict(store.client.get_model_version(NAME, str(version)).tags)


def described(store: Store, version: int) -> str:
    return str(store.client.get_model_version(NAME, str(version)).description)


def test_a_winner_becomes_champion(without_champion: Store) -> None:
    store = without_champion
    assert champion(NAME, store.uri) is None

    first = promote(NAME, 1, None, store.uri, ASKED)
    assert (first.version, first.before) == (1, None)
    now = champion(NAME, store.uri)
    assert now is not None
    assert now.version == store.alias("champion") == 1
    assert now.spec_hash == tags(store, 1)["spec_hash"]
    assert first.specs == (None, now.spec_hash)
    assert first.comparable
    assert (tags(store, 1)["promoted"], tags(store, 1)["gate"]) == ("by the gate", "passed")
    assert store.alias("challenger") == 2
    run = store.client.get_run(store.versions[0].run_id).data.tags
    for said_there in (described(store, 1), run["mlflow.note.content"]):
        assert "**Gate passed.** Better than the ladder" in said_there
        assert "Log loss:" in said_there  # what training wrote is still below
        assert said_there.count("**Gate") == 1


def test_a_loser_is_refused_and_the_verdict_is_written(without_champion: Store) -> None:
    store = without_champion
    promote(NAME, 1, None, store.uri, ASKED)
    with pytest.raises(GateError, match="version 2 of 'stagecast' did not win") as refused:
        promote(NAME, 2, 1, store.uri, ASKED)
    assert refused.value.exit_code == 4
    assert "worse than the champion in log loss of order" in str(refused.value.got)
    assert store.alias("champion") == 1
    assert tags(store, 2)["gate"] == "failed"
    assert "Against champion version 1 itself: log loss of order" in described(store, 2)
    assert "promoted" not in tags(store, 2)


def test_force_says_who_and_why(without_champion: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = without_champion
    monkeypatch.setenv("LOGNAME", "mei")
    promote(NAME, 1, None, store.uri, ASKED)
    assert promote(NAME, 2, 1, store.uri, FORCED).version == 2
    assert store.alias("champion") == 2
    kept = tags(store, 2)
    assert (kept["promoted"], kept["promoted_by"], kept["promoted_because"]) == (
        "by force",
        "mei",
        "the pilot of March",
    )
    assert kept["promoted_at"].endswith("Z")
    assert kept["gate"] == "failed"
    run = store.client.get_run(store.versions[1].run_id).data.tags
    assert run["promoted_because"] == "the pilot of March"
    for said_there in (described(store, 2), run["mlflow.note.content"]):
        assert "**Promoted by force** by mei at " in said_there
        assert "**Gate failed.**" in said_there
    for tag in ("promoted", "promoted_by", "promoted_at", "promoted_because"):
        store.client.delete_model_version_tag(NAME, "2", tag)


def test_a_champion_that_moved_meanwhile_stays(without_champion: Store) -> None:
    store = without_champion
    promote(NAME, 2, None, store.uri, FORCED)

    for stale in (None, 1):
        with pytest.raises(BusyError, match="moved by somebody else") as refused:
            promote(NAME, 1, stale, store.uri, FORCED)
        assert refused.value.exit_code == 75
    assert store.alias("champion") == 2
    assert promote(NAME, 1, 2, store.uri, FORCED).before == 2


def test_who_is_champion_already_stays_it(without_champion: Store) -> None:
    store = without_champion
    promote(NAME, 1, None, store.uri, ASKED)
    again = promote(NAME, 1, 1, store.uri, ASKED)
    assert (again.version, again.before) == (1, 1)
    assert json.loads(store.client.get_registered_model(NAME).tags["champions"]) == [1]


@pytest.mark.parametrize("terms", [ASKED, FORCED])
def test_there_must_be_such_a_version(store: Store, terms: Terms) -> None:
    with pytest.raises(ModelError, match="no version 7 of 'stagecast'"):
        promote(NAME, 7, None, store.uri, terms)
    assert store.alias("champion") is None


def test_a_version_that_kept_no_forecasts_cannot_win(without_champion: Store) -> None:
    store, digest = without_champion, tags(without_champion, 1)["forecasts_sha256"]
    store.client.delete_model_version_tag(NAME, "1", "forecasts_sha256")
    try:
        with pytest.raises(GateError, match="kept no forecasts"):
            promote(NAME, 1, None, store.uri, ASKED)
        assert store.alias("champion") is None
        promote(NAME, 1, None, store.uri, FORCED)
        assert "**Gate could not tell**: version 1 of 'stagecast' kept no forecasts" in described(store, 1)
    finally:
        store.client.set_model_version_tag(NAME, "1", "forecasts_sha256", digest)


def test_forecasts_that_were_changed_are_not_believed(without_champion: Store) -> None:
    store = without_champion
    folder = Path(unquote(urlparse(store.run.info.artifact_uri).path))
    file = folder / "gate" / "forecasts.parquet"
    before = file.read_bytes()
    file.write_bytes(before[:-1] + b"?")
    try:
        with pytest.raises(ModelError, match="are not those that were kept"):
            promote(NAME, 1, None, store.uri, ASKED)
    finally:
        file.write_bytes(before)
    assert store.alias("champion") is None


def test_too_few_customers_cannot_tell(without_champion: Store) -> None:
    with pytest.raises(GateError, match="did not win") as refused:
        promote(NAME, 1, None, without_champion.uri, replace(ASKED, fewest=10_000))
    assert "too few customers to tell" in str(refused.value.got)


@pytest.fixture(scope="module")
def third(store: Store, trained: Trained) -> Iterator[int]:
    """A version better than the first, trained on the same orders while there was no champion."""
    version = registered(store, said(trained, 0.8))
    yield version
    store.client.delete_model_version(NAME, str(version))


def test_a_champion_that_came_since_is_met_by_its_own_kept_forecasts(without_champion: Store, third: int) -> None:
    store = without_champion
    promote(NAME, 1, None, store.uri, ASKED)
    moved = promote(NAME, third, 1, store.uri, ASKED)
    assert (moved.version, moved.before) == (third, 1)
    assert "Against champion version 1 (its recipe, fitted on the same orders" in moved.words
    assert "By stage: no worse in" in moved.words


def test_a_champion_of_other_snapshots_must_be_met_anew(without_champion: Store, third: int, trained: Trained) -> None:
    store = without_champion
    other = Source("later.parquet", "fedcba9876543210", 1300, 310, "2021-02-15")
    newer = said(trained, 0.9)
    version = registered(store, newer, other)
    promote(NAME, version, None, store.uri, ASKED)
    with pytest.raises(GateError, match="the champion has changed") as refused:
        promote(NAME, third, version, store.uri, ASKED)
    assert "--orders ORDERS" in str(refused.value)

    met = Stood(version, "champion met anew", said_by(newer.judgement.forecasts, MODEL))
    with pytest.raises(GateError, match="did not win") as refused:
        promote(NAME, third, version, store.uri, replace(ASKED, stood=met))
    assert "worse than the champion" in str(refused.value.got)
    assert "Against champion met anew" in described(store, third)
    store.client.delete_model_version(NAME, str(version))


def test_one_command_goes_back(without_champion: Store, third: int) -> None:
    store = without_champion
    for version, before in ((1, None), (2, 1), (third, 2)):
        promote(NAME, version, before, store.uri, FORCED)
    assert earlier(NAME, store.uri) == (third, 2)
    back = rollback(NAME, third, 2, store.uri, "scores jumped")
    assert (back.version, back.before, back.gone) == (2, third, ())
    assert store.alias("champion") == 2
    assert tags(store, third)["rolled_back_because"] == "scores jumped"
    assert "**Rolled back** to version 2 by " in described(store, third)
    assert rollback(NAME, *earlier(NAME, store.uri), store.uri).version == 1
    with pytest.raises(ModelError, match="no champion before version 1"):
        earlier(NAME, store.uri)


def test_going_back_needs_a_champion_that_is_still_the_one_seen(without_champion: Store) -> None:
    store = without_champion
    with pytest.raises(ModelError, match="has no champion to roll back"):
        earlier(NAME, store.uri)
    promote(NAME, 1, None, store.uri, FORCED)
    promote(NAME, 2, 1, store.uri, FORCED)
    with pytest.raises(BusyError, match="moved by somebody else"):
        rollback(NAME, 1, 2, store.uri)
    assert store.alias("champion") == 2


def test_the_way_back_leads_past_who_was_deleted(without_champion: Store, trained: Trained) -> None:
    store = without_champion
    gone = registered(store, said(trained, 0.5))
    promote(NAME, 1, None, store.uri, FORCED)
    promote(NAME, gone, 1, store.uri, FORCED)
    promote(NAME, 2, gone, store.uri, FORCED)
    store.client.delete_model_version(NAME, str(gone))
    back = rollback(NAME, *earlier(NAME, store.uri), store.uri)
    assert (back.version, back.gone) == (1, (gone,))


def test_a_champion_that_was_deleted_meanwhile_is_seen(without_champion: Store, trained: Trained) -> None:
    store = without_champion
    version = registered(store, said(trained, 0.5))
    promote(NAME, version, None, store.uri, ASKED)
    store.client.delete_model_version(NAME, str(version))
    with pytest.raises(BusyError, match="moved by somebody else"):
        promote(NAME, 1, version, store.uri, ASKED)
    assert champion(NAME, store.uri) is None
    assert promote(NAME, 1, None, store.uri, ASKED).version == 1


@pytest.mark.parametrize("broken", ["describe", "write_reigns", "set_registered_model_alias"])
def test_who_dies_half_way_has_moved_nothing_and_may_do_it_again(
    without_champion: Store, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    store = without_champion
    promote(NAME, 1, None, store.uri, ASKED)
    place = promotion if hasattr(promotion, broken) else mlflow.MlflowClient

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, broken, die)
        with pytest.raises(KeyboardInterrupt):
            promote(NAME, 2, 1, store.uri, FORCED)
    assert store.alias("champion") == 1
    with pytest.raises(ModelError, match="no champion before version 1"):
        earlier(NAME, store.uri)
    assert promote(NAME, 2, 1, store.uri, FORCED).version == 2
    assert earlier(NAME, store.uri) == (2, 1)

    with monkeypatch.context() as patch:
        patch.setattr(promotion, "write_reigns", die)
        with pytest.raises(KeyboardInterrupt):
            rollback(NAME, 2, 1, store.uri)
    assert store.alias("champion") == 1
    with pytest.raises(ModelError, match="no champion before version 1"):
        earlier(NAME, store.uri)


def _try(uri: str, version: int, answers: "multiprocessing.Queue[str]") -> None:
    try:
        answers.put(f"moved to {promote(NAME, version, None, uri, FORCED).version}")
    except BusyError:
        answers.put("busy")


@pytest.mark.slow
def test_of_two_at_once_one_moves_it(without_champion: Store) -> None:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    both = [context.Process(target=_try, args=(without_champion.uri, version, answers)) for version in (1, 2)]
    for one in both:
        one.start()
    told = sorted(answers.get(timeout=300) for _ in both)
    for one in both:
        one.join()
    assert told[0] == "busy"
    assert told[1] == f"moved to {without_champion.alias('champion')}"


def test_a_store_in_trouble_is_not_taken_for_one_without_a_champion(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise mlflow.MlflowException("the database is locked")

    monkeypatch.setattr(champions.mlflow.MlflowClient, "get_model_version_by_alias", fail)
    with pytest.raises(mlflow.MlflowException, match="the database is locked"):
        champion(NAME, store.uri)


def test_no_champion_of_a_model_that_nobody_registered(store: Store) -> None:
    assert champion("unheard-of", store.uri) is None


def test_asking_for_the_champion_makes_no_store(tmp_path: Path) -> None:
    assert champion(NAME, f"sqlite:///{tmp_path}/mlflow.db") is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def other_spec(without_champion: Store) -> Iterator[Store]:
    """Version 2 is champion; version 1, which would win, has another spec."""
    store, before = without_champion, tags(without_champion, 1)
    promote(NAME, 2, None, store.uri, FORCED)
    store.client.set_model_version_tag(NAME, "1", "spec_hash", "0123456789abcdef")
    yield store
    for tag in ("spec_hash", "spec_origin"):
        store.client.set_model_version_tag(NAME, "1", tag, before[tag])


def test_another_stage_spec_is_refused_with_both_hashes(other_spec: Store) -> None:
    mine = tags(other_spec, 2)["spec_hash"]
    with pytest.raises(GateError, match="another stage spec than the champion") as refused:
        promote(NAME, 1, 2, other_spec.uri, ASKED)

    assert "0123456789abcdef" in str(refused.value.got)
    assert mine in str(refused.value.allowed)
    assert "--new-spec" in str(refused.value)
    assert other_spec.alias("champion") == 2


@pytest.mark.parametrize("asked", ["--refit-spec", "--new-spec", "--force"])
def test_another_stage_spec_is_promoted_for_who_asks(other_spec: Store, asked: str) -> None:
    if asked == "--refit-spec":
        other_spec.client.set_model_version_tag(NAME, "1", "spec_origin", REFIT)
    terms = {"--refit-spec": ASKED, "--new-spec": NEW_SPEC, "--force": FORCED}[asked]
    moved = promote(NAME, 1, 2, other_spec.uri, terms)

    assert not moved.comparable
    assert moved.specs[1] == "0123456789abcdef"
    assert other_spec.alias("champion") == 1


def test_a_new_spec_does_not_open_the_other_gate(other_spec: Store) -> None:
    with pytest.raises(GateError, match="did not win"):
        promote(NAME, 1, 2, other_spec.uri, replace(NEW_SPEC, fewest=10_000))
