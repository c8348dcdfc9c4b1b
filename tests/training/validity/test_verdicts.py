"""Verdicts on planted evidence: each claim surely holds, surely does not, or cannot be told; and its interval."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.fixed import Floats
from training.bootstrap import Resampling
from training.validity.amounts import GROUPS, Amounts, Evidence
from training.validity.claims import CLAIMS, Claim
from training.validity.questions import Question, ask
from training.validity.span import Settings
from training.validity.verdicts import FAILS, HOLDS, OPEN, claims_table, effects_in_words, verdict

CUSTOMERS = 120
QUICK = Settings(resamples=200, shuffles=0)
NONE: dict[str, Evidence] = {}


def planted(claim: Claim, factor: float, customers: int = CUSTOMERS, noise: float = 0.3) -> Amounts:
    """Amounts in which the first group has `factor` times what each other group has."""
    rng = np.random.default_rng(3)
    parts = []
    for group in claim.groups:
        level = factor if group == claim.groups[0] else 1.0
        value = level * rng.gamma(1 / noise**2, noise**2, customers)
        parts.append(pd.DataFrame({"customer": np.arange(customers), "place": GROUPS[group][0], "top": value}))
    rows = pd.concat(parts)
    columns = (rows[name].to_numpy() for name in ("customer", "place", "top"))
    return Amounts(*columns, np.ones(len(rows)))


def told(claim: Claim, made: Amounts | str, customers: int = CUSTOMERS) -> pd.Series:
    """The row of one claim, with no evidence on any other."""
    nothing = {each.measure: "left out" for each in CLAIMS}
    table = claims_table(nothing | {claim.measure: made}, NONE, np.ones(customers, dtype=bool), QUICK)
    return table.set_index("claim").loc[claim.name]


def factors(claim: Claim) -> tuple[float, float]:
    """Factors that make a claim surely right and surely wrong."""
    return (2.0, 0.5) if claim.claimed == "highest" else (0.5, 2.0)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_each_claim_can_hold_fail_and_be_open(claim: Claim) -> None:
    right, wrong = factors(claim)
    assert told(claim, planted(claim, right))["verdict"] == HOLDS
    if claim.null == 1:  # a share is never below 0: regression that never happens cannot be told from rare one
        assert told(claim, planted(claim, wrong))["verdict"] == FAILS
    still = told(claim, planted(claim, 1.0 if claim.null else 0.0))
    assert (still["verdict"], still["why"]) in [
        (OPEN, f"the interval covers {claim.null:g}"),
        (OPEN, "no more than the worst of several shows by chance"),
    ]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_too_few_customers_and_missing_columns_are_told(claim: Claim) -> None:
    few = told(claim, planted(claim, factors(claim)[0], customers=29), 29)
    assert few["verdict"] == OPEN
    assert "fewer than 30 customers" in few["why"]
    assert f"{claim.groups[0]} (29)" in few["why"]
    assert told(claim, "the orders lack it")["why"] == "the orders lack it"


def test_every_effect_points_to_the_claimed_side() -> None:
    for claim in CLAIMS:
        found = told(claim, planted(claim, factors(claim)[0], noise=0.01))
        assert found["effect"] == pytest.approx(2.0, rel=0.05)


def test_a_group_that_is_too_small_is_left_out_of_the_comparison_and_told() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "order_value")
    made = planted(claim, 2.0)
    kept = made.kept((made.place != 0) | (made.customer < 10))
    found = told(claim, kept)
    assert found["verdict"] == HOLDS
    assert found["why"] == "left out: fewer than 30 customers that can be counted in examination (10)"
    assert found["compared"].startswith("stable / ")
    assert "examination" not in found["compared"]


def test_the_comparison_that_decides_is_the_one_that_is_told() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "order_value")
    made = planted(claim, 2.0)
    better = made.with_top(np.where(made.place == 1, made.top * 4, made.top))
    found = told(claim, better)
    assert found["verdict"] == FAILS
    assert found["compared"] == "stable / formative (hardest of examination, formative, regression)"
    assert found["effect"] == pytest.approx(0.5, rel=0.1)


def test_the_worst_of_several_equal_groups_is_not_a_failure() -> None:
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(60):
        estimates = rng.normal(1, 0.05, 6)
        draws = estimates + rng.normal(0, 0.05, (400, 6))
        failed += verdict(estimates, draws, 1.0)[0] == FAILS
    assert failed <= 6


def test_negative_amounts_cannot_be_compared_by_a_ratio() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "little_spend")
    made = planted(claim, 1.0)
    lost = made.with_top(-made.top)
    found = told(claim, lost)
    assert (found["verdict"], found["why"]) == (OPEN, "the amounts compared are not all positive")
    assert np.isnan(found["low"])
    only = told(claim, made.with_top(np.where(made.place == 0, -made.top, made.top)))
    assert only["verdict"] == HOLDS  # test orders that lose money bring less than any that earn some


def slow_interval(made: Amounts, groups: tuple[str, str], customers: int) -> tuple[float, float]:
    """The cluster bootstrap, drawing the rows of whole customers one by one."""
    rows = pd.DataFrame({"customer": made.customer, "place": made.place, "top": made.top, "bottom": made.bottom})
    mine = dict(iter(rows.groupby("customer")))
    effects = []
    for weights in Resampling(QUICK.resamples, QUICK.seed).weights(customers):
        drawn = pd.concat([mine[code] for code, times in enumerate(weights) for _ in range(int(times)) if code in mine])
        parts = [drawn[drawn["place"].isin(GROUPS[group])] for group in groups]
        rates = [part["top"].sum() / part["bottom"].sum() for part in parts]
        effects.append(rates[0] / rates[1])
    low, high = np.quantile(effects, [0.025, 0.975])
    return float(low), float(high)


def test_intervals_are_those_of_a_bootstrap_over_customers() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "orders_stable")
    rng = np.random.default_rng(8)
    customer = np.sort(rng.integers(0, 70, 400))
    made = Amounts(customer, rng.integers(0, 6, 400), rng.gamma(2, 1, 400) * (1 + customer % 5), np.full(400, 13.0))
    found = told(claim, made, 70)
    assert (found["low"], found["high"]) == pytest.approx(slow_interval(made, claim.groups, 70))
    assert found["customers"] == len(set(customer[np.isin(made.place, (1, 2))]))
    assert found["rows"] == np.isin(made.place, (1, 2)).sum()


def test_customers_rather_than_rows_are_drawn() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "orders_stable")
    made = planted(claim, 1.1)
    often = Amounts(*(np.repeat(getattr(made, name), 50) for name in ("customer", "place", "top", "bottom")))
    one, many = told(claim, made), told(claim, often)
    assert (one["low"], one["high"]) == pytest.approx((many["low"], many["high"]))
    assert many["rows"] == 50 * one["rows"]


def test_the_effect_over_shuffled_lives() -> None:
    claim = next(claim for claim in CLAIMS if claim.name == "peak_amount_own")
    made, chance = planted(claim, 0.9), planted(claim, 0.6)
    question = ask(claim, made, chance, 30)
    assert isinstance(question, Question)
    everyone = np.ones(CUSTOMERS)
    ratio = [each.narrowed(claim.groups).estimates(everyone) for each in (made, chance)]
    wanted = (ratio[0][0] / ratio[0][1]) / (ratio[1][0] / ratio[1][1])
    assert question.effects(everyone).tolist() == pytest.approx([wanted])


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=30))
def test_a_rate_is_a_sum_over_a_sum(values: list[float]) -> None:
    number = len(values)
    tops, bottoms = np.array(values), np.array(values[::-1])
    made = Amounts(np.arange(number) % 3, np.zeros(number, dtype=np.int64), tops, bottoms)
    assert made.rate("examination") == pytest.approx(tops.sum() / bottoms.sum())
    assert np.isnan(made.rate("stable"))
    doubled: Floats = np.array([2.0, 0.0, 1.0])[: made.customer.max() + 1]
    weights = doubled[made.customer]
    got = made.narrowed(("examination",)).estimates(doubled)[0]
    total = (weights * bottoms).sum()
    assert got == pytest.approx((weights * tops).sum() / total) if total else np.isnan(got)


def test_effects_in_words() -> None:
    said = {
        "1.42 [1.31, 1.55]": (1.4242, 1.31, 1.55),
        "0.980 [0.961, 1.000]": (0.98, 0.961, 0.9999),
        ">1000 [4.00, >1000]": (1e6, 4.0, 1e6),
        "0.50": (0.5, np.nan, np.nan),
        "-": (np.nan, np.nan, np.nan),
    }
    table = pd.DataFrame(list(said.values()), columns=["effect", "low", "high"])
    assert list(effects_in_words(table)) == list(said)
