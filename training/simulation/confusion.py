"""Confusion tables of true and said stages, and the scores that come from them."""

import numpy as np

from features.fixed import Floats, Ints
from features.stages.moves import STAGES, Stages
from training.bootstrap import DEFAULT, Interval, Resampling

KINDS = len(STAGES)


def confusion_of(true: Stages, said: Stages) -> Floats:
    """Number of rows by true stage, then said stage, shape (16,)."""
    return np.bincount(true.astype(np.int64) * KINDS + said, minlength=KINDS**2).astype(np.float64)


def confusions(customer: Ints, true: Stages, said: Stages) -> Ints:
    """Number of rows of each customer by true stage, then said stage, shape (customers, 16)."""
    code = np.unique(customer, return_inverse=True)[1]
    cell = (code * KINDS + true) * KINDS + said
    return np.bincount(cell, minlength=(code.max() + 1) * KINDS**2).reshape(-1, KINDS**2)


def macro_f1(counts: Ints, resampling: Resampling = DEFAULT) -> Interval:
    """Mean F1 over the stages that occur, whole customers being drawn; counts as `confusions` makes them."""
    floats = counts.astype(np.float64)
    drawn = [mean_f1((w[:, None] * floats).sum(axis=0)) for w in resampling.weights(len(counts))]
    return resampling.interval(mean_f1(floats.sum(axis=0)), drawn)


def mean_f1(confusion: Floats) -> float:
    """Mean F1 over the stages that are true or said of anybody; one table as `confusion_of` makes it."""
    return float(np.nanmean(f1_of(confusion[None])[0]))


def f1_of(confusion: Floats) -> Floats:
    """F1 of each stage, 2 TP / (true + said), from confusion tables of shape (k, 16); shape (k, 4)."""
    tables = confusion.reshape(-1, KINDS, KINDS)
    hit = np.diagonal(tables, axis1=1, axis2=2)
    return share(2 * hit, tables.sum(axis=1) + tables.sum(axis=2))


def share(part: np.ndarray, whole: np.ndarray) -> Floats:
    """Part over whole; NaN where there is no whole."""
    result = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
