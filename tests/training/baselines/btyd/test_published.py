"""The published fits and forecasts of CDNOW, digit by digit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from training.baselines.btyd import BgNbd, BuyTillYouDie, GammaGamma, Histories, MbgNbd, ParetoNbd


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def histories(orders: pd.DataFrame, last: int) -> tuple[pd.Index, Histories]:
    """Customers and their histories from the days up to and including `last`."""
    days = orders[orders["day"] <= last].groupby("customer")["day"].agg(["min", "max", "count"])
    first, latest, count = (days[column].to_numpy(np.float64) for column in ("min", "max", "count"))
    return days.index, Histories.of(count - 1, (latest - first) / 7, (last - first) / 7)


@pytest.fixture(scope="session")
def tenth(cdnow_tenth: pd.DataFrame) -> Histories:
    """39 weeks of the tenth that the papers fit."""
    _, h = histories(cdnow_tenth, day("1997-01-01") + 39 * 7 - 1)
    assert len(h) == 2357
    return h


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        (BgNbd, [0.243, 4.414, 0.793, 2.426], -9582.4),  # Fader, Hardie, Lee (2005)
        (MbgNbd, [0.525, 6.183, 0.891, 1.614], -9582.1),  # the R package BTYDplus
        (ParetoNbd, [0.553, 10.578, 0.606, 11.669], -9595.0),  # Fader, Hardie, Lee (2005)
    ],
)
def test_the_fits_of_the_papers(
    model: type[BuyTillYouDie], parameters: list[float], log_likelihood: float, tenth: Histories
) -> None:
    fitted = model.fit(tenth)

    assert fitted.parameters == pytest.approx(parameters, abs=6e-4)
    assert fitted.log_density(tenth).sum() == pytest.approx(log_likelihood, abs=0.05)


def test_the_values_in_the_manual_of_btyd(tenth: Histories) -> None:
    model = ParetoNbd.fit(tenth)

    assert model.probability_alive(Histories.of(0, 0, 39))[0] == pytest.approx(0.2942, abs=2e-4)
    assert model.expected_orders(Histories.of(26, 30.86, 31), 52)[0] == pytest.approx(25.46, abs=0.01)


def test_gamma_gamma_of_the_paper(cdnow_tenth: pd.DataFrame) -> None:
    days = cdnow_tenth[cdnow_tenth["day"] < day("1997-01-01") + 39 * 7]
    repeat = days[days["customer"].duplicated()].groupby("customer")["dollars"].agg(["count", "mean"])
    model = GammaGamma.fit(repeat["count"], repeat["mean"])

    assert len(repeat) == 946
    assert [model.p, model.q, model.gamma] == pytest.approx([6.25, 3.74, 15.44], abs=6e-3)


@pytest.mark.parametrize(
    ("model", "auroc", "loss"), [(BgNbd, 0.7882, 0.4244), (MbgNbd, 0.7931, 0.42265), (ParetoNbd, 0.7998, 0.4208)]
)
def test_the_forecasts_of_all_of_cdnow(
    model: type[BuyTillYouDie], auroc: float, loss: float, cdnow_all: pd.DataFrame
) -> None:
    customers, h = histories(cdnow_all, day("1997-12-31"))
    again = customers.isin(cdnow_all.loc[cdnow_all["day"] >= day("1998-01-01"), "customer"])
    p = model.fit(h).probability_to_order(h, 181 / 7)

    assert again.sum() == 5374
    assert roc_auc_score(again, p) == pytest.approx(auroc, abs=6e-5)
    assert log_loss(again, p) == pytest.approx(loss, abs=6e-5)
