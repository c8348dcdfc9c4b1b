"""The alias `champion` moves through the gate, under the eyes of whoever moves it, or not at all."""

from collections.abc import Iterator

import mlflow
import pytest
from run_store import NAME, Store

from features.errors import BusyError, GateError, ModelError
from training import promote as promotion
from training.promote import champion, promote


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
    assert champion(NAME, store.uri) == store.alias("champion") == 1
    assert store.client.get_model_version(NAME, "1").tags["promoted"] == "by the gate"
    assert store.alias("challenger") == 2


def test_a_failed_gate_says_no_unless_forced(without_champion: Store) -> None:
    store = without_champion
    with pytest.raises(GateError, match="version 2 of 'stagecast' did not pass its gate") as refused:
        promote(NAME, 2, before=None, uri=store.uri)
    assert refused.value.exit_code == 4
    assert store.alias("champion") is None

    assert promote(NAME, 2, before=None, uri=store.uri, force=True).version == 2
    assert store.alias("champion") == 2
    assert store.client.get_model_version(NAME, "2").tags["promoted"] == "by force"


def test_a_champion_that_moved_meanwhile_stays(without_champion: Store) -> None:
    store = without_champion
    promote(NAME, 2, before=None, uri=store.uri, force=True)

    for stale in (None, 1):
        with pytest.raises(BusyError, match="moved by somebody else") as refused:
            promote(NAME, 1, before=stale, uri=store.uri)
        assert refused.value.exit_code == 75
    assert store.alias("champion") == 2
    assert promote(NAME, 1, before=2, uri=store.uri).before == 2


@pytest.mark.parametrize("force", [False, True])
def test_there_must_be_such_a_version(store: Store, force: bool) -> None:
    with pytest.raises(ModelError, match="no version 7 of 'stagecast'"):
        promote(NAME, 7, before=None, uri=store.uri, force=force)
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
