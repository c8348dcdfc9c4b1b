"""The alias `champion` moves through the gate, under the eyes of whoever moves it, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from run_store import NAME, Store

from features.errors import BusyError, GateError, ModelError
from training import promote as promotion
from training.chosen import REFIT
from training.promote import Gate, champion, promote

NOTHING: frozenset[Gate] = frozenset()
FORCE: frozenset[Gate] = frozenset({"better", "same spec"})
NEW_SPEC: frozenset[Gate] = frozenset({"same spec"})


@pytest.fixture
def without_champion(store: Store) -> Iterator[Store]:
    yield store
    if store.alias("champion"):
        store.client.delete_registered_model_alias(NAME, "champion")


def test_promotion_moves_the_champion(without_champion: Store) -> None:
    store = without_champion
    assert champion(NAME, store.uri) is None

    first = promote(NAME, 1, before=None, uri=store.uri)
    assert (first.version, first.before) == (1, None)
    now = champion(NAME, store.uri)
    assert now is not None
    assert now.version == store.alias("champion") == 1
    assert now.spec_hash == store.client.get_model_version(NAME, "1").tags["spec_hash"]
    assert first.specs == (None, now.spec_hash)
    assert first.comparable
    assert store.client.get_model_version(NAME, "1").tags["promoted"] == "by the gate"
    assert store.alias("challenger") == 2


def test_a_failed_gate_says_no_unless_forced(without_champion: Store) -> None:
    store = without_champion
    with pytest.raises(GateError, match="version 2 of 'stagecast' did not pass its gate") as refused:
        promote(NAME, 2, before=None, uri=store.uri)
    assert refused.value.exit_code == 4
    assert store.alias("champion") is None

    assert promote(NAME, 2, before=None, uri=store.uri, waived=FORCE).version == 2
    assert store.alias("champion") == 2
    assert store.client.get_model_version(NAME, "2").tags["promoted"] == "by force"


def test_a_champion_that_moved_meanwhile_stays(without_champion: Store) -> None:
    store = without_champion
    promote(NAME, 2, before=None, uri=store.uri, waived=FORCE)

    for stale in (None, 1):
        with pytest.raises(BusyError, match="moved by somebody else") as refused:
            promote(NAME, 1, before=stale, uri=store.uri)
        assert refused.value.exit_code == 75
    assert store.alias("champion") == 2
    assert promote(NAME, 1, before=2, uri=store.uri).before == 2


@pytest.mark.parametrize("waived", [NOTHING, FORCE])
def test_there_must_be_such_a_version(store: Store, waived: frozenset[Gate]) -> None:
    with pytest.raises(ModelError, match="no version 7 of 'stagecast'"):
        promote(NAME, 7, before=None, uri=store.uri, waived=waived)
    assert store.alias("champion") is None


def test_a_version_without_a_verdict_did_not_pass(without_champion: Store) -> None:
    store = without_champion
    store.client.delete_model_version_tag(NAME, "1", "gate")
    try:
        with pytest.raises(GateError, match="got: gate missing"):
            promote(NAME, 1, before=None, uri=store.uri)
    finally:
        store.client.set_model_version_tag(NAME, "1", "gate", "passed")


def test_a_store_in_trouble_is_not_taken_for_one_without_a_champion(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise mlflow.MlflowException("the database is locked")

    monkeypatch.setattr(promotion.mlflow.MlflowClient, "get_model_version_by_alias", fail)
    with pytest.raises(mlflow.MlflowException, match="the database is locked"):
        champion(NAME, store.uri)


def test_no_champion_of_a_model_that_nobody_registered(store: Store) -> None:
    assert champion("unheard-of", store.uri) is None


def test_asking_for_the_champion_makes_no_store(tmp_path: Path) -> None:
    assert champion(NAME, f"sqlite:///{tmp_path}/mlflow.db") is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def other_spec(without_champion: Store) -> Iterator[Store]:
    """Version 1 is champion under one spec; version 2 passed its gate under another."""
    store, before = without_champion, without_champion.client.get_model_version(NAME, "2").tags
    promote(NAME, 1, before=None, uri=store.uri)
    store.client.set_model_version_tag(NAME, "2", "spec_hash", "0123456789abcdef")
    store.client.set_model_version_tag(NAME, "2", "gate", "passed")
    yield store
    for tag in ("spec_hash", "gate", "spec_origin"):
        store.client.set_model_version_tag(NAME, "2", tag, before[tag])


def test_another_stage_spec_is_refused_with_both_hashes(other_spec: Store) -> None:
    mine = other_spec.client.get_model_version(NAME, "1").tags["spec_hash"]
    with pytest.raises(GateError, match="another stage spec than the champion") as refused:
        promote(NAME, 2, before=1, uri=other_spec.uri)

    assert "0123456789abcdef" in str(refused.value.got)
    assert mine in str(refused.value.allowed)
    assert "--new-spec" in str(refused.value)
    assert other_spec.alias("champion") == 1


@pytest.mark.parametrize("asked", ["--refit-spec", "--new-spec", "--force"])
def test_another_stage_spec_is_promoted_for_who_asks(other_spec: Store, asked: str) -> None:
    if asked == "--refit-spec":
        other_spec.client.set_model_version_tag(NAME, "2", "spec_origin", REFIT)
    waived = {"--refit-spec": NOTHING, "--new-spec": NEW_SPEC, "--force": FORCE}[asked]
    moved = promote(NAME, 2, before=1, uri=other_spec.uri, waived=waived)

    assert not moved.comparable
    assert moved.specs[1] == "0123456789abcdef"
    assert other_spec.alias("champion") == 2


def test_a_new_spec_does_not_open_the_other_gate(other_spec: Store) -> None:
    other_spec.client.set_model_version_tag(NAME, "2", "gate", "failed")
    with pytest.raises(GateError, match="did not pass its gate"):
        promote(NAME, 2, before=1, uri=other_spec.uri, waived=NEW_SPEC)


def test_a_champion_of_another_spec_that_came_meanwhile_is_seen(other_spec: Store) -> None:
    # trained while version 1 was champion and keeping its spec; then somebody promoted version 2 with a new one
    promote(NAME, 2, before=1, uri=other_spec.uri, waived=NEW_SPEC)
    with pytest.raises(GateError, match="another stage spec"):
        promote(NAME, 1, before=2, uri=other_spec.uri)
