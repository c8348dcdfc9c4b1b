"""Stages under one spec, or under one for each cut-off."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from features.errors import UsageError
from features.fixed import Ints
from features.history import Codes, History
from features.stages.machine import StageState, run_stages
from features.stages.spec import Specs, StageSpec


def hold_days_of(specs: Specs) -> int:
    """The period that all specs share, in days.

    Raises:
        UsageError: they have several.
    """
    if isinstance(specs, StageSpec):
        return specs.hold_days
    periods = sorted({spec.hold_days for spec in specs.values()})
    if len(periods) != 1:
        raise UsageError(
            "stage specs of one table must have one period",
            got=", ".join(f"{days} days" for days in periods) or "no spec",
            allowed="the same period for all cut-offs",
            remedy="fit them with one configuration",
        )
    return periods[0]


def run_all_stages(history: History, specs: Specs, customers: Codes, cutoffs: Ints) -> StageState:
    """State of each customer at its cut-off, each under the spec of that cut-off.

    Args:
        history: all orders; those on or after a cut-off never touch its state.
        specs: the frozen spec, or one for each cut-off.
        customers: customer codes, shape (n,), sorted, each known at its cut-off.
        cutoffs: tick of each snapshot, shape (n,), ascending within a customer.

    Raises:
        DataError: the orders lack the money that a spec's level is measured in.
    """
    if isinstance(specs, StageSpec):
        return run_stages(history, specs, customers, cutoffs)
    found: StageState | None = None
    for spec, ticks in _ticks_of(specs).items():
        places = np.flatnonzero(np.isin(cutoffs, ticks))
        state = run_stages(history, spec, customers[places], cutoffs[places])
        found = found or _empty_like(state, len(customers))
        for field in fields(StageState):
            getattr(found, field.name)[places] = getattr(state, field.name)
    assert found is not None, "a spec for each cut-off"
    return found


def _ticks_of(specs: Mapping[int, StageSpec]) -> dict[StageSpec, list[int]]:
    """The cut-offs of each spec: equal ones walk once."""
    ticks: dict[StageSpec, list[int]] = {}
    for cutoff, spec in specs.items():
        ticks.setdefault(spec, []).append(cutoff)
    return ticks


def _empty_like(state: StageState, number: int) -> StageState:
    made = {field.name: np.empty(number, getattr(state, field.name).dtype) for field in fields(StageState)}
    return StageState(**made)
