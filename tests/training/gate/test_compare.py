"""Differences of the gate: the right sign, the right width, the same whatever the order of the rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_store import moved

from features.clock import to_day
from features.fixed import Floats
from training import metrics
from training.bootstrap import Resampling, paired_interval
from training.forecasts import Forecasts
from training.gate.compare import BETTER, BY_STAGE, CHAMPION, FEW, LADDER, OPEN, OVERALL, WORSE, compare
from training.gate.verdict import judge_challenger
from training.judge import Judging
from training.ladder import MODEL

JUDGING = Judging(Resampling(200, seed=4))
MONDAY = to_day(pd.Timestamp("2024-01-01").date())


def forecasts(seed: int = 0, customers: int = 400, stages: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)) -> Forecasts:
    """Two cut-offs of some customers; challenger and champion say the same, one rung knows the rate alone."""
    rng = np.random.default_rng(seed)
    rows = 2 * customers
    p = rng.uniform(0.1, 0.9, rows)
    dealt = rng.dirichlet((2, 2, 2, 2), rows)
    came = np.array([rng.choice(4, p=each) for each in dealt], dtype=np.int8)
    happened, spend = rng.random(rows) < p, rng.gamma(2, 20, rows)

    def ladder(said: Floats, flat: Floats) -> dict[str, Floats]:
        return {MODEL: said, "base rate": flat, CHAMPION: said.copy()}

    return Forecasts(
        customer=np.tile(np.arange(customers), 2),
        cutoff=np.repeat([MONDAY, MONDAY + 28], customers),
        stage=rng.choice(4, rows, p=stages).astype(np.int8),
        sub_state=np.zeros(rows, dtype=np.int8),
        order_days=np.ones(rows, dtype=np.int64),
        next_stage=came,
        ordered=happened,
        spend=spend,
        said={
            "order": ladder(p, np.full(rows, happened.mean())),
            "regression": ladder(dealt[:, 3], np.full(rows, (came == 3).mean())),
            "next stage": ladder(dealt, np.full((rows, 4), 0.25)),
            "spend": ladder(spend * rng.uniform(0.5, 1.5, rows), np.full(rows, 40.0)),
        },
    )


def outcomes(table: pd.DataFrame, question: str) -> set[str]:
    return set(table.loc[table["question"] == question, "outcome"])


def test_a_tie_is_no_win() -> None:
    table = compare(forecasts(), JUDGING, 20)
    assert outcomes(table, OVERALL) == outcomes(table, BY_STAGE) == {OPEN}
    assert (table.loc[table["against"] == CHAMPION, ["difference", "low", "high"]] == 0).all(axis=None)
    assert outcomes(table, LADDER) == {BETTER}
    verdict = judge_challenger(forecasts(), "champion version 1 itself", JUDGING, 20)
    assert verdict.failures == ["not better than the champion in anything"]


@settings(max_examples=10)
@given(st.integers(0, 1000), st.sampled_from([0.3, -0.3]))
def test_who_changes_sides_changes_the_sign(seed: int, share: float) -> None:
    one = moved(forecasts(seed, 100), share)
    said = {t: {**of, MODEL: of[CHAMPION], CHAMPION: of[MODEL]} for t, of in one.said.items()}
    here, there = (compare(f, JUDGING, 20) for f in (one, replace(one, said=said)))
    here, there = (t[t["against"] == CHAMPION].reset_index(drop=True) for t in (here, there))
    np.testing.assert_allclose(here["difference"], -there["difference"], atol=1e-12)
    np.testing.assert_allclose(here["low"], -there["high"], atol=1e-12)
    turned = {BETTER: WORSE, WORSE: BETTER}
    assert [turned.get(o, o) for o in here["outcome"]] == list(there["outcome"])


def test_the_interval_is_the_paired_one_at_the_level_of_its_question() -> None:
    one = moved(forecasts(), 0.02)
    table = compare(one, JUDGING, 20)
    row = table[(table["question"] == OVERALL) & (table["target"] == "order")].iloc[0]
    together = (table["question"] == OVERALL).sum()
    assert together == 5
    ours, theirs = (metrics.log_losses(one.ordered, one.said["order"][who]) for who in (MODEL, CHAMPION))
    level = Resampling(200, seed=4, level=1 - 0.05 / together)
    found = paired_interval(ours, theirs, one.customer, level)
    np.testing.assert_allclose((row["difference"], row["low"], row["high"]), (found.estimate, found.low, found.high))


def test_the_order_of_the_rows_changes_nothing() -> None:
    one = moved(forecasts(), 0.05)
    order = np.random.default_rng(1).permutation(len(one))
    facts = {name: getattr(one, name)[order] for name in vars(one) if name != "said"}
    other = Forecasts(**facts, said={t: {w: p[order] for w, p in of.items()} for t, of in one.said.items()})
    left, right = (compare(f, JUDGING, 20) for f in (one, other))
    pd.testing.assert_frame_equal(left, right, rtol=1e-9)


def test_a_stage_with_few_customers_is_not_judged() -> None:
    one = moved(forecasts(stages=(0.5, 0.48, 0.02, 0.0)), -0.3)
    table = compare(one, JUDGING, 100).set_index("group")
    assert set(table.loc["stable", "outcome"]) == {FEW}
    assert np.isnan(table.loc["stable", "low"]).all()
    assert set(table.loc["examination", "outcome"]) == {WORSE}
    assert "regression" not in table.index
    told = judge_challenger(one, "champion version 1 itself", JUDGING, 100).told()
    assert "By stage: worse in examination, formative; stable has too few customers" in told


def test_worse_on_one_stage_alone_is_a_defeat() -> None:
    better, worse = moved(forecasts(), 0.5), moved(forecasts(), -0.5)
    inside = better.stage == 2
    for target, of in worse.said.items():
        at = inside if of[MODEL].ndim == 1 else inside[:, None]
        better = better.beside(target, MODEL, np.where(at, of[MODEL], better.said[target][MODEL]))
    verdict = judge_challenger(better, "champion version 1 itself", JUDGING, 20)
    assert outcomes(verdict.table, OVERALL) <= {BETTER, OPEN}
    assert verdict.failures == ["worse than the champion among customers in stable"]


def test_too_few_customers_cannot_tell() -> None:
    verdict = judge_challenger(moved(forecasts(customers=30), 0.5), None, JUDGING, 100)
    assert verdict.failures == ["too few customers to tell: 30 were judged, 100 are needed"]


def test_without_money_there_is_no_profit() -> None:
    rich = moved(forecasts(), 0.5)
    poor = replace(rich, spend=np.full(len(rich), np.nan), said={t: of for t, of in rich.said.items() if t != "spend"})
    assert {"profit", "normalised Gini"} <= set(compare(rich, JUDGING, 20)["metric"])
    assert set(compare(poor, JUDGING, 20)["metric"]) == {"log loss"}
    assert judge_challenger(poor, "champion version 1 itself", JUDGING, 20).passed


@pytest.mark.parametrize("share", [0.5, -0.5])
def test_the_first_has_only_the_ladder_to_beat(share: float) -> None:
    one = moved(forecasts(), share)
    said = {t: {who: p for who, p in of.items() if who != CHAMPION} for t, of in one.said.items()}
    verdict = judge_challenger(replace(one, said=said), None, JUDGING, 20)
    assert verdict.passed == (share > 0)
    assert "There was no champion to beat." in verdict.told()
    if share < 0:
        assert "worse than base rate in log loss of order" in verdict.failures


def test_a_champion_that_could_not_be_judged_is_not_beaten() -> None:
    one = forecasts()
    said = {t: {who: p for who, p in of.items() if who != CHAMPION} for t, of in one.said.items()}
    verdict = judge_challenger(replace(one, said=said), "champion version 1 could not be judged: why", JUDGING, 20)
    assert verdict.failures == ["champion version 1 could not be judged: why"]
    assert verdict.told().startswith("**Gate failed.** Champion version 1 could not be judged: why.")
