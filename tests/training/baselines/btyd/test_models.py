"""Models of repeat orders against their own stories, brute-force integration, and laws."""

from itertools import pairwise
from time import process_time

import numpy as np
import pandas as pd
import pytest
from btyd_lives import Floats, live
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1
from scipy.stats import beta, gamma

from features.errors import DataError
from training.baselines.btyd import BgNbd, BuyTillYouDie, Histories, MbgNbd, ParetoNbd

MODELS = [BgNbd, MbgNbd, ParetoNbd]
EXAMPLES = [BgNbd(0.6, 4.0, 0.8, 2.5), MbgNbd(0.6, 4.0, 0.8, 2.5), ParetoNbd(0.6, 4.0, 0.7, 20.0)]
every_model = pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
every_example = pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: type(model).__name__)

laws = settings(deadline=None, derandomize=True, max_examples=25)
history = st.tuples(st.integers(0, 400), st.floats(0.15, 1), st.floats(1, 500)).map(
    lambda h: (float(h[0]), h[1] * h[2] if h[0] else 0.0, h[2])
)
histories = st.lists(history, min_size=1, max_size=8).map(lambda rows: Histories.of(*np.array(rows).T))
parameter = st.floats(-9, 9).map(np.exp)
models = st.sampled_from(MODELS).flatmap(lambda kind: st.builds(kind, parameter, parameter, parameter, parameter))


@every_example
def test_forecasts_agree_with_the_story(model: BuyTillYouDie) -> None:
    horizon = 13.0
    lives = live(model, np.random.default_rng(1).uniform(10, 40, 50_000), horizon, seed=2)
    h = lives.histories
    cell = np.minimum(h.frequency, 3) * 4 + np.floor(3.999 * h.recency / h.age)
    said = {
        "alive": model.probability_alive(h),
        "orders": model.probability_to_order(h, horizon),
        "later": model.expected_orders(h, horizon),
    }
    seen = pd.DataFrame({"alive": lives.alive, "orders": lives.later > 0, "later": lives.later}).astype(float)
    groups = (seen - pd.DataFrame(said)).groupby(cell)
    error = groups.mean() / (groups.std() / np.sqrt(groups.size().to_numpy()[:, None])).clip(lower=1e-12)

    assert len(error) == 13
    assert error.abs().to_numpy().max() < 4


@pytest.mark.parametrize(("x", "t_x", "t"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 18.0, 20.0)])
@pytest.mark.parametrize("kind", [BgNbd, MbgNbd])
def test_coins_agree_with_integration_over_rate_and_mortality(
    kind: type[BgNbd | MbgNbd], x: int, t_x: float, t: float
) -> None:
    model = kind(r=2.0, alpha=5.0, a=2.0, b=3.0)
    node, width = np.polynomial.legendre.leggauss(200)
    p, rate = (node[:, None] + 1) / 2, 5 * (node[None, :] + 1)
    coins = x + (kind is MbgNbd)
    alive = rate**x * (1 - p) ** coins * np.exp(-rate * t)
    dead = rate**x * p * (1 - p) ** (coins - 1) * np.exp(-rate * t_x) if coins else 0.0
    prior = gamma.pdf(rate, model.r, scale=1 / model.alpha) * beta.pdf(p, model.a, model.b)
    integral = width / 2 @ ((alive + dead) * prior) @ (5 * width)

    assert model.log_density(Histories.of(x, t_x, t))[0] == pytest.approx(np.log(integral), abs=1e-9)


@pytest.mark.parametrize(("x", "t_x", "t"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 18.0, 20.0)])
def test_pareto_agrees_with_integration_over_both_rates(x: int, t_x: float, t: float) -> None:
    model, horizon = ParetoNbd(r=2.0, alpha=5.0, s=3.0, beta=12.0), 6.0
    node, width = np.polynomial.legendre.leggauss(200)
    rate, mu = 5 * (node[:, None] + 1), 3 * (node[None, :] + 1)
    both = rate + mu
    prior = gamma.pdf(rate, model.r, scale=1 / model.alpha) * gamma.pdf(mu, model.s, scale=1 / model.beta)

    def mean(values: Floats) -> float:
        return float((5 * width) @ (values * prior) @ (3 * width))

    alive = rate**x * np.exp(-both * t)
    likelihood = mean(alive + rate**x * mu / both * (np.exp(-both * t_x) - np.exp(-both * t)))
    h = Histories.of(x, t_x, t)
    assert model.log_density(h)[0] == pytest.approx(np.log(likelihood), abs=1e-7)
    assert model.probability_alive(h)[0] == pytest.approx(mean(alive) / likelihood, abs=1e-7)
    orders = mean(alive * rate / both * -np.expm1(-both * horizon)) / likelihood
    assert model.probability_to_order(h, horizon)[0] == pytest.approx(orders, abs=1e-7)
    expected = mean(alive * rate / mu * -np.expm1(-mu * horizon)) / likelihood
    assert model.expected_orders(h, horizon)[0] == pytest.approx(expected, abs=1e-7)


def test_expected_orders_of_bgnbd_are_those_of_equation_10() -> None:
    """Fader, Hardie, Lee (2005) with Gauss's 2F1, where that can be worked out."""
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    x, t_x, t = np.array([0.0, 1, 2, 7, 29]), np.array([0.0, 5, 30, 38, 38.5]), np.full(5, 38.86)
    for horizon in (1.0, 39.0, 400.0):
        z, moved = horizon / (alpha + t + horizon), alpha + t
        power = (moved / (moved + horizon)) ** (r + x)
        above = (a + b + x - 1) / (a - 1) * (1 - power * hyp2f1(r + x, b + x, a + b + x - 1, z))
        dead = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * (moved / (alpha + t_x)) ** (r + x), 0)
        got = BgNbd(r, alpha, a, b).expected_orders(Histories.of(x, t_x, t), horizon)
        np.testing.assert_allclose(got, above / (1 + dead), rtol=1e-8)


@laws
@given(models, histories)
def test_slopes_are_the_derivatives_of_the_likelihood(model: BuyTillYouDie, h: Histories) -> None:
    value, slopes = model._slopes(h)
    at = np.array(model.parameters)
    np.testing.assert_allclose(value, model.log_density(h), rtol=1e-12)
    for i, slope in enumerate(slopes):
        step = 1e-4 * at * np.eye(4)[i]
        up, down = (type(model)(*at + sign * step).log_density(h) for sign in (1, -1))
        scale = 1 + np.abs(value)
        np.testing.assert_allclose(slope * at[i] / scale, (up - down) / 2e-4 / scale, rtol=1e-4, atol=2e-6)


@every_example
def test_the_fit_is_a_maximum_and_finds_the_truth(model: BuyTillYouDie) -> None:
    age = np.random.default_rng(3).uniform(20, 80, 4_000)
    h = live(model, age, 0.0, seed=4).histories
    fitted = type(model).fit(h)
    at, best = np.array(fitted.parameters), fitted.log_density(h).sum()
    moved = [type(model)(*at * np.exp(step * np.eye(4)[i])) for i in range(4) for step in (-0.02, 0.02)]

    assert all(other.log_density(h).sum() < best for other in moved)
    assert best > model.log_density(h).sum()
    p, truth = (one.probability_to_order(h, 13) for one in (fitted, model))
    np.testing.assert_allclose(p, truth, atol=0.04)


@every_model
def test_a_shop_where_nobody_dies(kind: type[BuyTillYouDie]) -> None:
    h = live(BgNbd(r=1.2, alpha=6.0, a=1e-3, b=1e6), np.full(1500, 60.0), 0.0, seed=5).histories
    model = kind.fit(h)
    expected = (1.2 + h.frequency) / (6.0 + h.age) * 4

    assert max(model.parameters) < 1e4
    assert [model.r, model.alpha] == pytest.approx([1.2, 6.0], rel=0.1)
    assert np.median(model.probability_alive(h)) > 0.99
    assert np.quantile(np.abs(model.expected_orders(h, 4) / expected - 1), 0.99) < 0.1


@every_model
@pytest.mark.parametrize(
    "rows",
    [
        [(0.0, 0.0, float(age)) for age in range(1, 300)],  # everyone one-time
        [(0.0, 0.0, 10.0)],  # one customer
        [(0.0, 0.0, 0.0)],  # one that came today
        [(3.0, 9.0, 10.0)] * 2,
        [(364.0, 52.0, 52.0)] * 50,  # every day
        [(1.0, 1 / 7, age / 7) for age in range(1, 700)],  # all gone after the second order
        [(0.0, 0.0, 10.0)] * 999 + [(500.0, 499.0, 500.0)],  # one among a thousand comes back
    ],
    ids=["one-time", "one", "today", "two alike", "daily", "gone", "one comes back"],
)
def test_odd_shops_are_fitted(kind: type[BuyTillYouDie], rows: list[tuple[float, float, float]]) -> None:
    h = Histories.of(*np.array(rows).T)
    model = kind.fit(h)
    p, orders = model.probability_to_order(h, 4), model.expected_orders(h, 4)

    assert np.isfinite(model.log_density(h)).all()
    assert ((p >= 0) & (p <= 1) & (p <= orders + 1e-12)).all()
    assert (orders < 40).all()


@every_model
def test_who_never_came_back_orders_less_the_longer_the_silence(kind: type[BuyTillYouDie]) -> None:
    h = Histories.of(np.zeros(50), np.zeros(50), np.arange(1.0, 51))
    p = kind.fit(h).probability_to_order(h, 4)

    assert (p < 0.05).all()
    assert (np.diff(p) <= 0).all()


@laws
@given(models, histories)
def test_probabilities_are_probabilities_that_grow_with_the_horizon(model: BuyTillYouDie, h: Histories) -> None:
    alive = model.probability_alive(h)
    path = [model.probability_to_order(h, weeks) for weeks in (0, 1, 13, 500)]
    orders = [model.expected_orders(h, weeks) for weeks in (0, 1, 13, 500)]

    assert np.isfinite(model.log_density(h)).all()
    assert (path[0] == 0).all()
    assert (orders[0] == 0).all()
    small = 1e-9
    assert all((short <= long + small).all() for short, long in pairwise([*path, alive, np.ones_like(alive)]))
    assert all((short <= long * (1 + small)).all() for short, long in pairwise(orders))
    assert all((p <= expected * (1 + 1e-6) + small).all() for p, expected in zip(path, orders, strict=True))


@laws
@given(models, histories)
def test_another_unit_of_time_changes_nothing(model: BuyTillYouDie, h: Histories) -> None:
    scaled = {"alpha": 7 * model.alpha} | ({"beta": 7 * model.beta} if isinstance(model, ParetoNbd) else {})
    days = type(model)(**{name: getattr(model, name) for name in model.__dataclass_fields__} | scaled)
    other = Histories.of(h.frequency, 7 * h.recency, 7 * h.age)

    np.testing.assert_allclose(days.probability_to_order(other, 28), model.probability_to_order(h, 4), atol=1e-9)
    np.testing.assert_allclose(days.expected_orders(other, 28), model.expected_orders(h, 4), rtol=1e-8, atol=1e-12)


@settings(laws, max_examples=5)
@given(st.sampled_from(MODELS), st.lists(st.tuples(history, st.integers(1, 4)), min_size=1, max_size=6))
def test_weights_count_rows_and_the_order_of_rows_is_idle(
    kind: type[BuyTillYouDie], rows: list[tuple[tuple[float, float, float], int]]
) -> None:
    (x, t_x, t), counts = np.array([row for row, _ in rows]).T, np.array([count for _, count in rows])
    again = np.repeat(np.arange(len(x)), counts)[::-1]

    assert kind.fit(Histories.of(x, t_x, t, counts)) == kind.fit(Histories.of(x[again], t_x[again], t[again]))


@every_model
def test_a_sample_of_many_histories_says_what_all_do(
    kind: type[BuyTillYouDie], monkeypatch: pytest.MonkeyPatch
) -> None:
    h = live(EXAMPLES[MODELS.index(kind)], np.random.default_rng(6).uniform(5, 90, 6_000), 0.0, seed=7).histories
    everything = kind.fit(h)
    monkeypatch.setattr("training.baselines.btyd.model.MOST_ROWS", 1_500)
    sample = kind.fit(h)

    assert sample != everything
    lost = everything.log_density(h).mean() - sample.log_density(h).mean()
    assert 0 <= lost < 4 / (2 * 1_500)


@pytest.mark.parametrize(
    ("x", "t_x", "t"),
    [
        ([1.0], [3.0], [2.0]),
        ([0.0], [1.0], [2.0]),
        ([2.0], [0.0], [2.0]),
        ([0.5], [1.0], [2.0]),
        ([-1.0], [1.0], [2.0]),
        ([np.nan], [1.0], [2.0]),
        ([1.0], [1.0], [np.inf]),
        ([1.0, 2.0], [1.0], [2.0]),
    ],
)
def test_impossible_histories_are_refused(x: list[float], t_x: list[float], t: list[float]) -> None:
    with pytest.raises(DataError, match="allowed:"):
        Histories.of(x, t_x, t)


@pytest.mark.parametrize("weight", [[1.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf]])
def test_bad_weights_are_refused(weight: list[float]) -> None:
    with pytest.raises(DataError, match="bad weights"):
        Histories.of([0, 1], [0, 1], [2, 2], weight)


@every_model
@pytest.mark.parametrize("nothing", [Histories.of([], [], []), Histories.of([0], [0], [1], [0])], ids=["none", "zero"])
def test_nothing_cannot_be_fitted(kind: type[BuyTillYouDie], nothing: Histories) -> None:
    with pytest.raises(DataError, match="nothing to fit"):
        kind.fit(nothing)


@pytest.mark.parametrize("horizon", [-1.0, np.nan, np.inf])
@every_example
def test_a_horizon_that_is_no_length_of_time_is_refused(model: BuyTillYouDie, horizon: float) -> None:
    for forecast in (model.probability_to_order, model.expected_orders):
        with pytest.raises(DataError, match="finite weeks"):
            forecast(Histories.of(0, 0, 2), horizon)


@pytest.mark.slow
def test_a_million_customers_in_seconds() -> None:
    age = np.ceil(np.random.default_rng(0).uniform(0, 728, 1_000_000)) / 7
    lived = live(EXAMPLES[2], age, 0.0, seed=1).histories
    days = np.where(lived.frequency > 0, np.maximum(np.ceil(7 * lived.recency), 1), 0)
    h = Histories.of(lived.frequency, np.minimum(days / 7, age), age)

    began = process_time()
    rows = h.distinct()
    for kind in MODELS:
        model = kind.fit(rows)
        model.probability_to_order(h, 4)
        model.expected_orders(h, 4)
    assert process_time() - began < 30  # 6 CPU seconds when it was written
    np.testing.assert_allclose(model.parameters, EXAMPLES[2].parameters, rtol=0.1)
