"""BG/NBD against published fits, a simulation of its own story, and brute-force integration."""

from importlib.metadata import PackageNotFoundError, distribution
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta, gamma
from sklearn.metrics import log_loss, roc_auc_score

from features.errors import DataError
from training.baselines.btyd import BgNbd, fit_bgnbd

Floats = NDArray[np.float64]
Days = NDArray[np.int64]

laws = settings(deadline=None, derandomize=True, max_examples=40)


def cdnow(name: str, columns: list[str]) -> pd.DataFrame:
    try:
        path = Path(str(distribution("lifetimes").locate_file(f"lifetimes/datasets/{name}")))
    except PackageNotFoundError:
        pytest.skip("CDNOW comes with the distribution `lifetimes`, which is not installed")
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    rows = [row for row in lines if row and row[0].isdigit()]
    orders = pd.DataFrame(rows, columns=columns)[["customer", "date"]].drop_duplicates()
    days = orders["date"].str.replace(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", regex=True).to_numpy("datetime64[D]")
    return orders.assign(day=days.astype(np.int64))


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def histories(orders: pd.DataFrame, last: int) -> tuple[pd.Index, Floats, Floats, Floats]:
    """Customers and their frequency, recency and age in weeks, from the days up to and including `last`."""
    days = orders[orders["day"] <= last].groupby("customer")["day"].agg(["min", "max", "count"])
    first, latest, count = (days[column].to_numpy(np.float64) for column in ("min", "max", "count"))
    return days.index, count - 1, (latest - first) / 7, (last - first) / 7


def simulate(model: BgNbd, age: Floats, horizon: float, seed: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Live the model's story, order by order: frequency, recency and whether an order falls in (T, T + horizon]."""
    rng = np.random.default_rng(seed)
    rate, mortality = rng.gamma(model.r, 1 / model.alpha, len(age)), rng.beta(model.a, model.b, len(age))
    frequency, recency, later = np.zeros(len(age)), np.zeros(len(age)), np.zeros(len(age), dtype=bool)
    now, alive = np.zeros(len(age)), np.arange(len(age))
    while len(alive):
        now[alive] += rng.exponential(size=len(alive)) / rate[alive]
        alive = alive[now[alive] <= age[alive] + horizon]
        before = alive[now[alive] <= age[alive]]
        frequency[before] += 1
        recency[before] = now[before]
        later[alive] |= now[alive] > age[alive]
        alive = alive[rng.random(len(alive)) >= mortality[alive]]
    return frequency, recency, later


def test_the_fit_of_the_paper_on_the_cdnow_sample() -> None:
    orders = cdnow("CDNOW_sample.txt", ["master", "customer", "date", "discs", "dollars"])
    _, x, t_x, t = histories(orders, last=day("1997-01-01") + 39 * 7 - 1)
    model = fit_bgnbd(x, t_x, t)
    assert len(x) == 2357
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_the_published_forecast_on_all_of_cdnow() -> None:
    orders = cdnow("CDNOW_master.txt", ["customer", "date", "discs", "dollars"])
    customers, x, t_x, t = histories(orders, last=day("1997-12-31"))
    again = customers.isin(orders.loc[orders["day"] >= day("1998-01-01"), "customer"])
    p = fit_bgnbd(x, t_x, t).probability_to_order(x, t_x, t, horizon=181 / 7)
    assert again.sum() == 5374
    assert roc_auc_score(again, p) == pytest.approx(0.7882, abs=1e-4)
    assert log_loss(again, p) == pytest.approx(0.4244, abs=1e-4)


def test_probability_to_order_agrees_with_the_simulated_story() -> None:
    model, horizon = BgNbd(r=0.6, alpha=4.0, a=0.8, b=2.5), 13.0
    age = np.random.default_rng(1).uniform(10, 40, 200_000)
    frequency, recency, later = simulate(model, age, horizon, seed=2)
    p = model.probability_to_order(frequency, recency, age, horizon)
    cell = np.minimum(frequency, 3) * 4 + np.floor(3.999 * recency / age)
    seen = pd.DataFrame({"cell": cell, "later": later, "p": p, "var": p * (1 - p)}).groupby("cell")
    error = (seen["later"].mean() - seen["p"].mean()) / np.sqrt(seen["var"].mean() / seen.size())
    assert len(error) == 13
    assert error.abs().max() < 3.5


@pytest.mark.parametrize(("x", "t_x", "t"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 18.0, 20.0)])
def test_likelihood_agrees_with_integration_over_rate_and_mortality(x: int, t_x: float, t: float) -> None:
    model = BgNbd(r=2.0, alpha=5.0, a=2.0, b=3.0)
    node, width = np.polynomial.legendre.leggauss(200)
    p, rate = (node[:, None] + 1) / 2, 5 * (node[None, :] + 1)
    alive = rate**x * (1 - p) ** x * np.exp(-rate * t)
    dead = rate**x * p * (1 - p) ** (x - 1) * np.exp(-rate * t_x) if x else 0.0
    prior = gamma.pdf(rate, model.r, scale=1 / model.alpha) * beta.pdf(p, model.a, model.b)
    integral = width / 2 @ ((alive + dead) * prior) @ (5 * width)
    assert model.log_density(x, t_x, t)[0] == pytest.approx(np.log(integral), abs=1e-9)


def test_the_fit_is_a_maximum_and_finds_the_truth() -> None:
    truth, age = BgNbd(r=0.8, alpha=3.0, a=0.7, b=2.0), np.random.default_rng(3).uniform(20, 80, 8_000)
    frequency, recency, _ = simulate(truth, age, 0.0, seed=4)
    model = fit_bgnbd(frequency, recency, age)
    fitted = np.array([model.r, model.alpha, model.a, model.b])
    best = model.log_density(frequency, recency, age).sum()
    moved = [BgNbd(*fitted * np.exp(step * np.eye(4)[i])) for i in range(4) for step in (-0.02, 0.02)]
    assert fitted == pytest.approx([truth.r, truth.alpha, truth.a, truth.b], rel=0.2)
    assert model.log_likelihood == pytest.approx(best, rel=1e-12)
    assert all(other.log_density(frequency, recency, age).sum() < best for other in moved)


def test_a_shop_where_nobody_dies_is_fitted_without_overflow() -> None:
    age = np.full(3000, 60.0)
    immortal = BgNbd(r=1.2, alpha=6.0, a=1e-3, b=1e6)
    frequency, recency, _ = simulate(immortal, age, 0.0, seed=5)
    model = fit_bgnbd(frequency, recency, age)
    assert model.a / (model.a + model.b) < 0.001
    assert max(model.a, model.b, model.r, model.alpha) < 1e4
    assert [model.r, model.alpha] == pytest.approx([1.2, 6.0], rel=0.1)
    assert np.median(model.probability_alive(frequency, recency, age)) > 0.99


history = st.tuples(st.integers(0, 400), st.floats(0.15, 1), st.floats(1, 500)).map(
    lambda h: (float(h[0]), h[1] * h[2] if h[0] else 0.0, h[2])
)
parameter = st.floats(-9, 9).map(np.exp)
models = st.builds(BgNbd, parameter, parameter, parameter, parameter)


@laws
@given(models, st.lists(history, min_size=1, max_size=8))
def test_probabilities_are_probabilities_that_grow_with_the_horizon(
    model: BgNbd, rows: list[tuple[float, float, float]]
) -> None:
    x, t_x, t = np.array(rows).T
    alive = model.probability_alive(x, t_x, t)
    path = [model.probability_to_order(x, t_x, t, weeks) for weeks in (0, 1, 13, 500)]
    assert np.isfinite(model.log_density(x, t_x, t)).all()
    assert (path[0] == 0).all()
    assert (alive[x == 0] == 1).all()
    assert all((shorter <= longer).all() for shorter, longer in pairwise([*path, alive, np.ones_like(alive)]))


@settings(laws, max_examples=5)
@given(st.lists(st.tuples(history, st.integers(1, 4)), min_size=1, max_size=6))
def test_weights_count_rows_and_the_order_of_rows_is_idle(
    rows: list[tuple[tuple[float, float, float], int]],
) -> None:
    (x, t_x, t), counts = np.array([row for row, _ in rows]).T, np.array([count for _, count in rows])
    again = np.repeat(np.arange(len(x)), counts)[::-1]
    weighted, plain = fit_bgnbd(x, t_x, t, counts), fit_bgnbd(x[again], t_x[again], t[again])
    assert np.isfinite(plain.log_likelihood)
    assert weighted == plain


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
        ([], [], []),
    ],
)
def test_impossible_histories_are_refused(x: list[float], t_x: list[float], t: list[float]) -> None:
    with pytest.raises(DataError, match="allowed:"):
        fit_bgnbd(x, t_x, t)


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan]])
def test_bad_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(DataError, match="bad weights"):
        fit_bgnbd([0, 1], [0, 1], [2, 2], weights)


@pytest.mark.parametrize("horizon", [-1.0, np.nan, np.inf])
def test_a_horizon_that_is_no_length_of_time_is_refused(horizon: float) -> None:
    with pytest.raises(DataError, match="finite weeks"):
        BgNbd(1, 1, 1, 1).probability_to_order(0, 0, 2, horizon)
