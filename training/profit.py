"""What a retention campaign earns that is addressed by a forecast: EMPC, profit curve, and profit of acting on it.

A campaign contacts customers who are said to leave. With value V of a kept customer,
contact cost f, incentive d and success rate g, a contacted customer earns

    g (V - d) - f   when about to leave,     -(d + f)   when not,

and nothing is earned where nobody is contacted. Verbraken, Verbeke and Baesens (2013),
"A novel profit maximizing metric for measuring classification performance of customer
churn prediction models", IEEE TKDE 25(5); profits here are per customer addressed.
"""

import numpy as np
from scipy.special import betainc
from sklearn.isotonic import isotonic_regression

from features.fixed import Floats
from features.stages.moves import Booleans
from training.config import Costs
from training.ranked import Ranked


def earned(left: Booleans, p: Floats, costs: Costs) -> Floats:
    """What each customer earns, in money, shape (n,), when the forecast is taken at its word.

    Whoever has an expected profit above zero is contacted, at the mean success
    rate. So a forecast that ranks well and is not honest loses money here.

    Args:
        left: whether the customer left, shape (n,).
        p: probability of that, shape (n,).
        costs: of the campaign.
    """
    of_one, of_zero = _stakes(costs)
    return np.where(p * of_one + (1 - p) * of_zero > 0, np.where(left, of_one, of_zero), 0.0)


def most_earned(ranked: Ranked, costs: Costs) -> Floats:
    """Expected maximum profit by customer: its mean is the EMPC of the paper.

    For each success rate the best border is known in hindsight, and the rate
    follows its Beta distribution; so only the ranking counts. Borders are
    corners of the ROC curve's convex hull, which are found as the steps of an
    isotonic regression of outcomes on scores (Fawcett, Niculescu-Mizil, 2007):
    a customer whose step has the rate r is contacted from the success rate

        g* = (f + (1 - r) d) / (r (V - d))

    on, and the integrals over g >= g* are incomplete beta functions.

    Returns:
        Shape (n,), in the order of the rows. Drawing customers anew, the mean of
        the drawn is the EMPC of these borders: the derivative of a maximum
        does not feel its own argument, so this is exact to first order.
    """
    rates = isotonic_regression(ranked.ones / ranked.rows, sample_weight=ranked.rows.astype(np.float64))
    new = np.concatenate([[True], np.diff(rates) > 0])
    rate, step = rates[new], np.cumsum(new) - 1
    alpha, beta = costs.success
    cost, gain = costs.contact + (1 - rate) * costs.incentive, rate * (costs.value - costs.incentive)
    start = np.minimum(np.divide(cost, gain, out=np.ones_like(rate), where=gain > 0), 1.0)
    contacted = 1 - betainc(alpha, beta, start)
    kept = alpha / (alpha + beta) * (1 - betainc(alpha + 1, beta, start))
    of_one = kept * (costs.value - costs.incentive) - contacted * costs.contact
    of_zero = -contacted * (costs.incentive + costs.contact)
    values = np.empty(len(ranked.order))
    place = step[ranked.block]
    values[ranked.order] = np.where(ranked.y, of_one[place], of_zero[place])
    return values


def profit_curve(ranked: Ranked, costs: Costs, shares: Floats) -> Floats:
    """Profit by customer addressed when the share of them that is ranked highest is contacted, at the mean success.

    Args:
        ranked: customers by forecast.
        costs: of the campaign.
        shares: from 0 to 1, shape (k,).
    """
    of_one, of_zero = _stakes(costs)
    rows, ones = ranked.found_upto
    return np.asarray(np.interp(shares * rows[-1], rows, ones * of_one + (rows - ones) * of_zero) / rows[-1])


def _stakes(costs: Costs) -> tuple[float, float]:
    """What is earned by contacting one who leaves and one who stays, at the mean success rate."""
    success = costs.success[0] / sum(costs.success)
    return success * (costs.value - costs.incentive) - costs.contact, -(costs.incentive + costs.contact)
