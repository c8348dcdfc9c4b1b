"""Tables of the course of life cycles: days in each stage, pace of moves, survival in a stage."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.clock import WEEK
from features.history import Codes, History
from features.stages.moves import Stage
from features.stages.spells import Spells
from features.stages.survival import Survival
from training.validity.amounts import STAGE_GROUPS
from training.validity.stays import FOLLOWED_WEEKS, Waits, restricted_mean, stay_lengths

_MARKS = (4, 13, 26, 52)


def stays_table(spells: Spells) -> pd.DataFrame:
    """Days in each stage and sub-state.

    Returns:
        A row a group: `stays`, `customers`, `still_there`, `median_days`
        (Kaplan-Meier; NaN where fewer than half have left), `mean_days_52w`
        (restricted), `stayed_4w` ... `stayed_52w` (share there longer; NaN beyond the longest stay).
    """
    rows = []
    for group in STAGE_GROUPS:
        if group.startswith("everyone") or "without" in group:
            continue
        waits = stay_lengths(spells, group)
        rows.append({"group": group} | _told(waits))
    return pd.DataFrame(rows)


def pace_table(spells: Spells, history: History) -> pd.DataFrame:
    """How fast customers move on.

    Returns:
        A row a course (`move`): `customers` at its beginning, `arrived`,
        `median_weeks` of those who arrived, `within_13w` ... (Kaplan-Meier share that arrived by then).
    """
    rows = []
    for name, waits in _courses(spells, history):
        curve, arrived = waits.curve(), waits.days[waits.seen]
        median = float(np.median(arrived)) / WEEK if len(arrived) else float("nan")
        shares = {f"within_{weeks}w": 1 - share for weeks, share in _marks(waits, curve)}
        row = {"move": name, "customers": len(np.unique(waits.customer)), "arrived": len(arrived)}
        rows.append({**row, "median_weeks": median, **shares})
    return pd.DataFrame(rows)


def survival_table(spells: Spells) -> pd.DataFrame:
    """Share of stays that last longer than so many weeks, by stage: `group`, `weeks`, `still_there`, `at_risk`."""
    parts = []
    for group in (*(stage.label for stage in Stage),):
        waits = stay_lengths(spells, group)
        curve = waits.curve()
        at_risk = len(waits.days) - np.searchsorted(np.sort(waits.days), curve.times)
        columns = {"weeks": curve.times / WEEK, "still_there": curve.waiting, "at_risk": at_risk}
        parts.append(pd.DataFrame({"group": group, **columns}))
    return pd.concat(parts, ignore_index=True)


def _told(waits: Waits) -> dict[str, float]:
    curve = waits.curve()
    below = np.flatnonzero(curve.waiting <= 0.5)
    return {
        "stays": len(waits.days),
        "customers": len(np.unique(waits.customer)),
        "still_there": int((~waits.seen).sum()),
        "median_days": float(curve.times[below[0]]) if len(below) else float("nan"),
        "mean_days_52w": restricted_mean(waits, np.ones(len(waits.days)), FOLLOWED_WEEKS),
        **{f"stayed_{weeks}w": share for weeks, share in _marks(waits, curve)},
    }


def _marks(waits: Waits, curve: Survival) -> Iterator[tuple[int, float]]:
    """Share still waiting after each mark; NaN where nobody was followed for so long."""
    for weeks in _MARKS:
        k = int(np.searchsorted(curve.times, weeks * WEEK, side="right"))
        known = len(waits.days) and waits.days.max() >= weeks * WEEK
        yield weeks, (float(curve.waiting[k - 1]) if k else 1.0) if known else float("nan")


def _courses(spells: Spells, history: History) -> Iterator[tuple[str, Waits]]:
    """From the first order to formative and to stable; from regression back to formative or examination."""
    last = int(spells.end.max(initial=WEEK)) - WEEK
    customers = np.unique(spells.customer)
    first = history.first_order_day[customers]
    for stage in (Stage.FORMATIVE, Stage.STABLE):
        arrived = np.full(len(history.customers), np.iinfo(np.int64).max)
        inside = spells.stage == stage
        np.minimum.at(arrived, spells.customer[inside], spells.begin[inside])
        seen = arrived[customers] <= last
        yield f"first order to {stage.label}", Waits(customers, np.where(seen, arrived[customers], last) - first, seen)
    yield "regression to recovery", stay_lengths(spells, "regression")
    ever = np.unique(spells.customer[spells.stage == Stage.REGRESSION])
    yield "first regression to recovery", _first_of_each(stay_lengths(spells, "regression"), ever)


def _first_of_each(waits: Waits, customers: Codes) -> Waits:
    rows = np.searchsorted(waits.customer, customers)
    return Waits(waits.customer[rows], waits.days[rows], waits.seen[rows])
