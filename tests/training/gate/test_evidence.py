"""What a run keeps for the gate comes back bit for bit, and what is damaged is not believed."""

from dataclasses import replace

import numpy as np
import pytest

from features.errors import ModelError
from training.gate.compare import CHAMPION
from training.gate.evidence import Evidence, Facts, said_by, with_champion
from training.ladder import MODEL
from training.train import Trained

FACTS = Facts("0123456789abcdef", "spec", "2021-02-15", "1", "champion version 1 itself")


@pytest.fixture(scope="module")
def evidence(trained: Trained) -> Evidence:
    forecasts = trained.judgement.forecasts
    return Evidence(with_champion(forecasts, said_by(forecasts, MODEL) or {}), FACTS)


def test_it_comes_back_bit_for_bit(evidence: Evidence) -> None:
    found = Evidence.from_bytes(evidence.to_bytes())
    assert found.facts == FACTS
    assert found.same_rows(evidence)
    for target, predictor in evidence.forecasts.each():
        np.testing.assert_array_equal(
            found.forecasts.said[target][predictor], evidence.forecasts.said[target][predictor]
        )
    assert found.to_bytes() == evidence.to_bytes()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all"])
def test_what_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="no kept forecasts"):
        Evidence.from_bytes(content)


def test_half_of_it_is_refused(evidence: Evidence) -> None:
    content = evidence.to_bytes()
    with pytest.raises(ModelError, match="no kept forecasts"):
        Evidence.from_bytes(content[: len(content) // 2])


def test_other_rows_are_seen(evidence: Evidence) -> None:
    assert not evidence.same_rows(replace(evidence, facts=replace(FACTS, data_digest="other")))
    assert not evidence.same_rows(replace(evidence, facts=replace(FACTS, spec_hash="other")))
    turned = replace(evidence.forecasts, ordered=~evidence.forecasts.ordered)
    assert not evidence.same_rows(replace(evidence, forecasts=turned))
    fewer = evidence.forecasts.only(evidence.forecasts.cutoff == evidence.forecasts.cutoffs[0])
    assert not evidence.same_rows(replace(evidence, forecasts=fewer))


def test_another_champion_takes_the_place_of_the_one_of_the_day(evidence: Evidence) -> None:
    assert said_by(evidence.beside(None), CHAMPION) is None
    flat = {"order": np.full(len(evidence.forecasts), 0.5)}
    found = evidence.beside(flat)
    assert said_by(found, CHAMPION) == flat
    assert said_by(found, MODEL) == said_by(evidence.forecasts, MODEL)
