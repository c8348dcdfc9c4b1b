"""One thread for linear algebra on tiny matrices."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[object]:
    """While it lasts, BLAS has one thread.

    SciPy's L-BFGS-B, and scikit-learn's logistic regression with it, call BLAS for matrices of a
    few numbers; with several threads these spin while they wait for each other, and a fit took 25
    times as long on a busy machine.
    """
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
