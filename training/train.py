"""Train: judge the recipe out of time, then fit it once more on the newest finished cut-offs."""

from dataclasses import dataclass

from features.history import History
from features.model.forecast import Model
from features.stages.fit import fit_spec
from training.bench import Bench
from training.config import Recipe
from training.fit import Step
from training.judge import Judgement
from training.splits import Split, split


@dataclass(frozen=True)
class Trained:
    """What training made.

    Attributes:
        model: fitted on the newest finished cut-offs; this is what is shipped.
        judgement: of the same recipe fitted on older ones, on later cut-offs.
        judged: cut-offs of the judged fit.
        shipped: cut-offs of the shipped fit.
        rows: rows the shipped boosters were fitted on.
        end: tick up to which orders were used.
    """

    model: Model
    judgement: Judgement
    judged: Split
    shipped: Split
    rows: int
    end: int


def train(history: History, as_of: int, recipe: Recipe, step: Step) -> Trained:
    """Train on the orders before a cut-off, with finished label windows alone.

    The stage spec is fitted on the orders before the judged fit's calibration,
    so the labels that judge come from a definition known beforehand.

    Args:
        history: all orders; those at or after `as_of` are not looked at.
        as_of: tick; no label window goes beyond it, nor beyond the last order before it.
        recipe: how to train.
        step: told, in words, what is being done.

    Raises:
        DataError: the log is too short or too small.
        UsageError: `leave_out` leaves nothing to learn from, or leaves out the stage.
    """
    last_day = int(history.day[history.day < as_of].max(initial=history.first_day))
    end = min(as_of, recipe.clock.floor(last_day + 1))
    judged = split(history.first_day, end, recipe.period_days, recipe.training)
    shipped = split(history.first_day, end, recipe.period_days, recipe.training, judge=0)
    spec = fit_spec(history, judged.calibrate[0], recipe.period_days, recipe.stages, recipe.clock)
    bench = Bench(history, spec, recipe, end, step)
    judgement = bench.judge(judged)
    model, past = bench.fit(shipped)
    return Trained(model, judgement, judged, shipped, len(past.fit), end)
