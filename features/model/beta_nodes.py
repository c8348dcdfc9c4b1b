"""Quadrature for a beta distribution, of functions that may change quickly near 0."""

import numpy as np
from scipy.special import betainc, betaincc, betainccinv, betaincinv, betaln, expit, logit

from features.fixed import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_TAIL = 1e-9
_LEAST_RELATIVE = 1e-7


def beta_nodes(a: float, b: Floats, scale: float | Floats) -> tuple[Floats, Floats]:
    """Nodes and weights to integrate over Beta(a, b) what is flat below `scale` and smooth in log p above.

    The density is log-concave in v = log(p / (1 - p)) and is summed there with 80 nodes of Gauss and
    Legendre; one more node at either end stands for all beyond it. Gauss's own nodes for the beta
    distribution would need many more where the function bends far below its mean.

    Args:
        a: first parameter.
        b: second parameters, shape (m,).
        scale: below a small part of it a function of p counts as constant; of each b, or of all.

    Returns:
        Nodes in (0, 1) and weights that add up to 1, both of shape (m, 82); means are good to six digits.
    """
    low = np.clip(betaincinv(a, b, _TAIL), np.minimum(_LEAST_RELATIVE * scale, 0.5), 0.5)
    high = np.clip(betainccinv(a, b, _TAIL), low, 1 - _TAIL)
    begin, end = logit(low)[:, None], logit(high)[:, None]
    v = (begin + end) / 2 + (end - begin) / 2 * _NODES
    node = np.hstack([low[:, None], expit(v), high[:, None]])
    log_density = -a * np.logaddexp(0, -v) - b[:, None] * np.logaddexp(0, v) - betaln(a, b)[:, None]
    between = _WEIGHTS * (end - begin) / 2 * np.exp(log_density)
    weight = np.hstack([betainc(a, b, low)[:, None], between, betaincc(a, b, high)[:, None]])
    return node, weight / weight.sum(axis=1, keepdims=True)
