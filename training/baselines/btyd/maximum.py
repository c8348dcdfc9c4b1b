"""Maximum likelihood of a few positive parameters."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from features.fixed import Floats
from training.baselines.blas import one_blas_thread

BOUND = 9.0
"""Every parameter stays in [e^-9, e^9]: where nobody dies, the likelihood is flat in how seldom."""

_ROUGHLY = 1e-7

Slopes = Callable[[Floats], tuple[Floats, Floats]]
"""Of the parameters (k,): the log likelihood of each row (n,), and its derivatives by the parameters (k, n)."""


def climb(slopes: Slopes, weight: Floats, start: Floats, precision: float = 1e-13) -> tuple[Floats, float]:
    """Climb from some parameters to the maximum of the weighted mean log likelihood.

    L-BFGS-B on the log parameters, with the exact gradient.

    Args:
        slopes: the log likelihood with its derivatives.
        weight: of each row, (n,).
        start: parameters to start from, (k,).
        precision: relative gain of a step at which to stop.

    Returns:
        The parameters (k,) and the sum of the log likelihood there.
    """

    def loss(log_parameters: Floats) -> tuple[float, Floats]:
        parameters = np.exp(log_parameters)
        value, derivatives = slopes(parameters)
        return -float(weight @ value) / total, -(derivatives @ weight) * parameters / total

    total = float(weight.sum())
    box = [(-BOUND, BOUND)] * len(start)
    options = {"ftol": precision, "gtol": 1e-8, "maxiter": 500}
    begin = np.clip(np.log(start), -BOUND, BOUND)
    with one_blas_thread():
        end = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=box, options=options)
    return np.exp(end.x), -float(end.fun) * total


def highest(slopes: Slopes, weight: Floats, starts: Sequence[Floats]) -> Floats:
    """The best end of all climbs, roughly, (k,)."""
    ends = [climb(slopes, weight, start, _ROUGHLY) for start in starts]
    return max(ends, key=lambda end: end[1])[0]
