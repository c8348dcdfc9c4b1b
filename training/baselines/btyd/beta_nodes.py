"""Gauss's quadrature for a beta distribution."""

import numpy as np

from features.fixed import Floats

_NODES = 24
_SMALLEST = 1e-12


def beta_nodes(a: float, b: Floats) -> tuple[Floats, Floats]:
    """Nodes and weights that integrate over Beta(a, b) any polynomial of degree 47 exactly.

    Golub and Welsch (1969): nodes are the eigenvalues of the matrix of the recurrence of the
    polynomials that are orthogonal under the distribution (Jacobi's, moved to [0, 1]), and a
    weight is the square of the first component of the eigenvector.

    Args:
        a: first parameter.
        b: second parameters, shape (m,).

    Returns:
        Nodes in (0, 1) and weights that add up to 1, both of shape (m, 24).
    """
    k, both = np.arange(1, _NODES, dtype=np.float64), (a + b)[:, None]
    middle = np.empty((len(b), _NODES))
    middle[:, 0] = a / (a + b)
    twice = 2 * k + both
    middle[:, 1:] = (2 * k * (k + both - 1) + a * (both - 2)) / (twice * (twice - 2))
    square = k * (k + a - 1) * (k + b[:, None] - 1) * _ratio(k, both) / ((twice - 1) * (twice - 2) ** 2)
    matrix = np.zeros((len(b), _NODES, _NODES))
    place = np.arange(_NODES)
    matrix[:, place, place] = middle
    matrix[:, place[1:], place[:-1]] = np.sqrt(square)
    node, vector = np.linalg.eigh(matrix)
    return np.clip(node, _SMALLEST, 1.0), vector[:, 0, :] ** 2


def _ratio(k: Floats, both: Floats) -> Floats:
    """(k + a + b - 2) / (2k + a + b - 3), which is 1 at k = 1, also where both are 0 there."""
    return np.asarray(np.where(k == 1, 1.0, (k + both - 2) / np.where(k == 1, 1.0, 2 * k + both - 3)))
