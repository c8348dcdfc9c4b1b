"""Train: judge the recipe out of time, then fit it once more on the newest finished cut-offs."""

from dataclasses import dataclass

from features.history import History
from features.model.forecast import Model
from training.bench import Bench
from training.choose import choose
from training.chosen import Chosen, Wish
from training.config import Recipe
from training.fit import Step, require_customers
from training.judge import Judgement
from training.splits import Split, split
from training.validity.of_run import try_stages
from training.validity.report import Validity


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
        chosen: the model's stage spec, and why it is that one.
        validity: whether the stages of this spec are what the domain says;
            None where it was not asked for, or the log is too short for it.
    """

    model: Model
    judgement: Judgement
    judged: Split
    shipped: Split
    rows: int
    end: int
    chosen: Chosen
    validity: Validity | None = None


def train(history: History, as_of: int, recipe: Recipe, step: Step, wish: Wish | None = None) -> Trained:
    """Train on the orders before a cut-off, with finished label windows alone.

    The stage spec is fitted on the orders before the judged fit's calibration,
    so the labels that judge come from a definition known beforehand; a spec
    that is kept must not have seen more than those.

    Args:
        history: all orders; those at or after `as_of` are not looked at.
        as_of: tick; no label window goes beyond it, nor beyond the last order before it.
        recipe: how to train.
        step: told, in words, what is being done.
        wish: the stage spec to keep, if any; without it one is fitted.

    Raises:
        DataError: the log is too short or too small, or has no money for the spec to keep.
        UsageError: `leave_out` leaves nothing to learn from, or leaves out the
            stage; or the spec to keep has seen what is to judge.
    """
    last_day = int(history.day[history.day < as_of].max(initial=history.first_day))
    end = min(as_of, recipe.clock.floor(last_day + 1))
    judged = split(history.first_day, end, recipe.period_days, recipe.training)
    shipped = split(history.first_day, end, recipe.period_days, recipe.training, judge=0)
    require_customers(len(history.known(judged.fit[-1])), recipe.training)  # before it is asked what their spec is
    chosen = choose(wish or Wish(), history, judged.calibrate[0], recipe)
    bench = Bench(history, chosen.spec, recipe, end, step)
    judgement = bench.judge(judged)
    model, past = bench.fit(shipped)
    step("put the stages to the test")
    tested = try_stages(history, chosen.spec, end, recipe.training)
    return Trained(model, judgement, judged, shipped, len(past.fit), end, chosen, tested)
