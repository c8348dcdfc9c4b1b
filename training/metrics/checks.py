"""What a metric asks of its arrays: each check raises StagecastError with the value that is not allowed."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.errors import StagecastError
from features.fixed import Floats, Ints


def as_numbers(values: ArrayLike, dimensions: int = 1) -> Floats:
    """Finite numbers of so many dimensions, not empty."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != dimensions or found.size == 0:
        raise StagecastError("Not the shape of a forecast.", got=found.shape, allowed=f"{dimensions}-d, not empty")
    if not np.isfinite(found).all():
        odd = int((~np.isfinite(found)).sum())
        raise StagecastError("Missing or infinite found.", got=f"{odd} of {found.size}", allowed="finite numbers")
    return found


def as_outcomes(values: ArrayLike) -> Floats:
    """Numbers that are 0 or 1, shape (n,)."""
    y = as_numbers(values)
    if not ((y == 0) | (y == 1)).all():
        raise StagecastError("Outcomes that are not binary.", got=np.unique(y)[:5], allowed="0 and 1")
    return y


def as_probabilities(values: ArrayLike, dimensions: int = 1) -> Floats:
    """Numbers from 0 to 1."""
    p = as_numbers(values, dimensions)
    if p.min() < 0 or p.max() > 1:
        raise StagecastError("Not probabilities.", got=f"{p.min()} ... {p.max()}", allowed="0 ... 1")
    return p


def as_codes(values: ArrayLike, stages: int | None = None) -> Ints:
    """Whole numbers from 0 on, shape (n,), below `stages` where that is given."""
    found = as_numbers(values)
    top = np.inf if stages is None else stages - 1
    if (found % 1 != 0).any() or found.min() < 0 or found.max() > top:
        raise StagecastError("Not stage found.", got=f"{found.min()} ... {found.max()}", allowed=f"whole, 0 ... {top}")
    return found.astype(np.int64)


def require_same_rows(*arrays: NDArray[np.generic]) -> None:
    """All have the same length."""
    rows = [len(array) for array in arrays]
    if len(set(rows)) > 1:
        raise StagecastError("Truth and forecast differ in length.", got=rows, allowed="equal lengths")


def as_distributions(values: ArrayLike) -> Floats:
    """Probabilities of shape (n, k) whose rows sum to 1 within 1e-6."""
    p = as_probabilities(values, dimensions=2)
    sums = p.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-6:
        raise StagecastError("Probabilities that do not sum to 1.", got=sums[np.abs(sums - 1).argmax()], allowed="1")
    return p


def require_positive(name: str, value: int) -> None:
    """The number is 1 or more."""
    if value < 1:
        raise StagecastError(f"Too few {name}.", got=value, allowed=">= 1")
