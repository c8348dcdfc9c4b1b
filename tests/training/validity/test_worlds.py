"""Shops in which the answer is known: lives as the articles say, lives upside down, and lives without any course."""

import numpy as np
import pytest
from planted_shops import ideal, shop, span_of, steady, upside_down

from features.history import History
from training.validity.run import judge_stages
from training.validity.span import Settings

COURSE = ("test_orders", "little_spend", "little_profit", "growth_spend", "growth_orders", "growth_everybody")
HEIGHT = ("orders_formative", "orders_stable", "peak_amount", "order_value")


@pytest.mark.parametrize("claim", [*COURSE, *HEIGHT, "peak_amount_own", "order_value_own", "fall_off", "from_stable"])
def test_what_is_planted_as_the_articles_say_holds(planted, claim: str) -> None:
    found = planted(ideal).loc[claim]
    assert found["verdict"] == "holds", found.to_dict()
    assert found["null"] < found["low"] <= found["effect"] <= found["high"]


@pytest.mark.parametrize("claim", [*COURSE, "peak_amount", "order_value", "peak_kept", "value_to_come"])
def test_what_is_planted_the_other_way_round_does_not_hold(planted, claim: str) -> None:
    found = planted(upside_down).loc[claim]
    assert found["verdict"] == "does not hold", found.to_dict()
    assert found["high"] < 1


@pytest.mark.parametrize("claim", ["unit_price", "referrals", "cost_to_serve"])
def test_without_the_columns_nothing_can_be_told(planted, claim: str) -> None:
    found = planted(ideal).loc[claim]
    assert (found["verdict"], found["customers"]) == ("cannot tell", 0)
    assert "no " in found["why"]
    assert np.isnan(found["effect"])


@pytest.mark.parametrize("claim", ["growth_spend", "growth_orders", "growth_everybody", "test_orders"])
def test_steady_lives_show_no_growth(planted, claim: str) -> None:
    found = planted(steady).loc[claim]
    assert found["verdict"] == "cannot tell", found.to_dict()
    assert found["effect"] == pytest.approx(1, abs=0.1)


@pytest.mark.slow
def test_over_many_steady_shops_chance_is_called_an_effect_no_more_often_than_it_should_be() -> None:
    names = ["growth_spend", "growth_orders", "growth_everybody", "peak_amount_own", "order_value_own"]
    verdicts, effects = [], []
    for seed in range(30):
        history = History.of(shop(steady, seed=seed))
        claims = judge_stages(history, span_of(history), Settings(resamples=200, shuffles=20)).claims.set_index("claim")
        verdicts += claims.loc[names, "verdict"].tolist()
        effects.append(np.log(claims.loc[names, "effect"].astype(float)))
    assert np.mean(np.asarray(verdicts) != "cannot tell") < 0.12
    assert np.abs(np.mean(effects, axis=0)).max() < 0.02


def rare(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Steady, but rarely: so that the stage rules choose good times of a customer by chance."""
    gaps = np.concatenate([[0], np.ceil(rng.exponential(rng.uniform(20, 90), 200))])
    return gaps, rng.gamma(4, 10, len(gaps))


@pytest.mark.slow
def test_a_customer_s_own_times_are_compared_fairly_only_over_shuffled_lives() -> None:
    effects = []
    for seed in (1, 3):
        history = History.of(shop(rare, customers=400, seed=seed))
        for shuffles in (0, 10):
            found = judge_stages(history, span_of(history), Settings(resamples=20, shuffles=shuffles)).claims
            effects.append(found.set_index("claim").loc["peak_amount_own", "effect"])
    raw, fair = np.log(effects[::2]).mean(), np.log(effects[1::2]).mean()
    assert raw < -0.1
    assert abs(fair) < 0.05
