"""How well the stage machine finds the true stages of a simulated shop.

The spec is fitted on the first half of the log, as a company would fit it, and
judged at every tick after that, over the customers known then.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import WEEK, Clock
from features.config import StageConfig
from features.fixed import Floats, Ints
from features.history import History
from features.stages.fit import fit_spec
from features.stages.machine import run_stages
from features.stages.moves import STAGES, Stage, Stages
from features.stages.survival import Survival, kaplan_meier
from training.bootstrap import DEFAULT, Interval, Resampling
from training.simulation.confusion import KINDS, confusions, f1_of, macro_f1, share
from training.simulation.stream import Simulated
from training.simulation.truth import Truth


@dataclass(frozen=True)
class Sightings:
    """Customers at ticks of the second half, by customer, then tick; every array has shape (n,).

    Attributes:
        customer: customer code.
        tick: day number of the tick.
        true: stage that is true.
        said: stage that the machine says.
    """

    customer: Ints
    tick: Ints
    true: Stages
    said: Stages


@dataclass(frozen=True)
class Recovery:
    """How well the stages were found.

    Attributes:
        confusion: customer-ticks by true stage (rows) and said stage (columns), shape (4, 4).
        macro_f1: mean F1 over the stages that occur, with its interval over customers.
        delay: weeks from a true move into regression to the first tick at
            which the machine says so, as a Kaplan-Meier curve: where the truth
            moved on or the log ended before, the customer counts as not found yet.
        moves: number of these true moves.
    """

    confusion: Ints
    macro_f1: Interval
    delay: Survival
    moves: int

    @property
    def table(self) -> pd.DataFrame:
        """Shares of all customer-ticks, true stages as rows, said ones as columns."""
        return pd.DataFrame(self.confusion / self.confusion.sum(), index=list(STAGES), columns=list(STAGES))

    def found_within(self, weeks: int) -> float:
        """Share of the true moves into regression that are noticed within some weeks."""
        place = int(np.searchsorted(self.delay.times, weeks, side="right"))
        return float(1 - self.delay.waiting[place - 1]) if place else 0.0

    def weeks_to_find(self, part: float) -> float:
        """Weeks after which a part of the true moves into regression is noticed; infinite where it never is."""
        place = int(np.searchsorted(1 - self.delay.waiting, part - 1e-12))
        return float(self.delay.times[place]) if place < len(self.delay.times) else float("inf")

    @property
    def precision(self) -> Floats:
        """Share of what is said of each stage that is true, shape (4,); NaN where it is never said."""
        return share(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def recall(self) -> Floats:
        """Share of what is true of each stage that is said, shape (4,); NaN where it never is true."""
        return share(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def f1(self) -> Floats:
        """Harmonic mean of both for each stage, shape (4,); NaN where the stage is neither true nor said."""
        return np.asarray(f1_of(self.confusion.astype(np.float64))[0])


def recover(simulated: Simulated, constants: StageConfig, hold_days: int, resampling: Resampling = DEFAULT) -> Recovery:
    """Fit the spec on the first half of a simulated shop and compare the stages after it with the truth."""
    seen = sightings(simulated, constants, hold_days)
    counts = confusions(seen.customer, seen.true, seen.said)
    waited, caught = delays(seen, Truth.of(simulated.truth))
    return Recovery(
        counts.sum(axis=0).reshape(KINDS, KINDS),
        macro_f1(counts, resampling),
        kaplan_meier(waited, caught),
        len(waited),
    )


def sightings(simulated: Simulated, constants: StageConfig, hold_days: int) -> Sightings:
    """Every known customer at every tick of the second half, by truth and by machine.

    Customer codes of the orders are positions in the truth too: everybody has
    an order and a truth, and both are sorted by customer.
    """
    scenario, clock = simulated.scenario, Clock()
    history, truth = History.of(simulated.orders), Truth.of(simulated.truth)
    middle = clock.after(scenario.begin + scenario.days // 2 - 1)
    spec = fit_spec(history, middle, hold_days, constants, clock)
    ticks = np.arange(middle, scenario.end + 1, WEEK)
    first = history.first_order_day
    known = np.flatnonzero(first < ticks[-1])
    customer, tick = np.repeat(known, len(ticks)), np.tile(ticks, len(known))
    kept = tick > first[customer]
    customer, tick = customer[kept], tick[kept]
    said = run_stages(history, spec, customer, tick).stage
    # the instant after the log's last one has no row of the truth of its own: the last row stands for it
    return Sightings(customer, tick, truth.stage[truth.rows_at(customer, tick)], said)


def delays(seen: Sightings, truth: Truth) -> tuple[Ints, np.ndarray]:
    """How long each true move into regression of the second half stays unnoticed.

    Returns:
        Weeks from the first tick at which it is true to the first one at which
        the machine says so, or at which the truth has moved on or the log
        ends; and whether the machine said so. Both of shape (moves,), by
        customer, then time.
    """
    row = truth.rows_at(seen.customer, seen.tick)
    stay = np.cumsum(_begins_stay(truth))[row]
    begins = np.flatnonzero(np.append(True, stay[1:] != stay[:-1]) & (seen.true == Stage.REGRESSION))
    # what regressed before the second half began is not watched from its beginning
    begins = begins[(begins > 0) & (seen.customer[begins] == seen.customer[begins - 1])]
    ends = np.append(np.flatnonzero(stay[1:] != stay[:-1]) + 1, len(stay))
    end = ends[np.searchsorted(ends, begins, side="right")]
    found = np.append(np.flatnonzero(seen.said == Stage.REGRESSION), len(stay))
    detected = found[np.searchsorted(found, begins, side="left")]
    caught = detected < end
    return np.where(caught, detected, end) - begins, caught


def _begins_stay(truth: Truth) -> np.ndarray:
    begins = np.ones(len(truth.stage), dtype=bool)
    begins[1:] = truth.stage[1:] != truth.stage[:-1]
    begins[truth.starts[:-1]] = True
    return begins
