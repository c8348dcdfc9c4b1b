"""Train: judge the recipe out of time, then fit it once more on the newest finished cut-offs."""

from dataclasses import dataclass, field, replace

from features.model.forecast import Model
from training.bench import Bench, judging_by
from training.choose import choose
from training.chosen import Chosen, Wish
from training.config import Recipe, TrainingConfig
from training.fit import Step, require_customers
from training.forecasts import Forecasts
from training.gate.evidence import said_by, with_champion
from training.gate.standing import Ring, Standing, Stood, stand
from training.gate.verdict import Verdict, judge_challenger
from training.judge import Judgement
from training.ladder import MODEL
from training.log import Log
from training.reference import reference_of
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
        share: of the customers that anything is made from at most, drawn by their ids.
        end: tick up to which orders were used.
        chosen: the model's stage spec, and why it is that one.
        verdict: of the gate, beside the ladder and the champion of the day.
        stood: how that champion did; None without one.
        validity: whether the stages of this spec are what the domain says;
            None where it was not asked for, or the log is too short for it.
    """

    model: Model
    judgement: Judgement
    judged: Split
    shipped: Split
    rows: int
    share: float
    end: int
    chosen: Chosen
    verdict: Verdict
    stood: Stood | None = None
    validity: Validity | None = None


@dataclass(frozen=True)
class Before:
    """What there was before this training: the stage spec to keep, and the champion to be held against, if any."""

    wish: Wish = field(default_factory=Wish)
    champion: Standing | None = None


def train(log: Log, as_of: int, recipe: Recipe, step: Step, before: Before | None = None) -> Trained:
    """Train on the orders before a cut-off, with finished label windows alone.

    The stage spec is fitted on the orders before the judged fit's calibration,
    so the labels that judge come from a definition known beforehand; a spec
    that is kept must not have seen more than those.

    Args:
        log: all orders; those at or after `as_of` are not looked at.
        as_of: tick; no label window goes beyond it, nor beyond the last order before it.
        recipe: how to train.
        step: told, in words, what is being done.
        before: the stage spec to keep, and the champion to be held against, if any.

    Raises:
        DataError: the log is too short or too small, or has no money for the spec to keep.
        UsageError: `leave_out` leaves nothing to learn from, or leaves out the
            stage; or the spec to keep has seen what is to judge.
    """
    end = min(as_of, recipe.clock.floor(log.last_day(as_of) + 1))
    judged = split(log.first_day, end, recipe.period_days, recipe.training)
    shipped = split(log.first_day, end, recipe.period_days, recipe.training, judge=0)
    require_customers(int(log.known([judged.fit[-1]])[0]), recipe.training)  # before it is asked what their spec is
    before = before or Before()
    chosen = choose(before.wish, log, judged.calibrate[0], recipe)
    bench = Bench(log, chosen.spec, recipe, end, step)
    judgement = bench.judge(judged)
    stood = _stood(before.champion, bench, judged, judgement.forecasts)
    verdict = _verdict(judgement.forecasts, stood, recipe.training)
    model, rows = _shipped(bench, shipped)
    step("put the stages to the test")
    tested = try_stages(log, chosen.spec, end, recipe.training)
    return Trained(model, judgement, judged, shipped, rows, bench.most, end, chosen, verdict, stood, tested)


def _shipped(bench: Bench, cutoffs: Split) -> tuple[Model, int]:
    model, past = bench.fit(cutoffs)
    reference = reference_of(model, (past.fit, past.calibrate), bench.recipe.training.threads)
    return replace(model, reference=reference), past.rows


def _stood(champion: Standing | None, bench: Bench, judged: Split, forecasts: Forecasts) -> Stood | None:
    if champion is None:
        return None
    return stand(champion, Ring(bench, judged.judge, said_by(forecasts, MODEL) or {}))


def _verdict(forecasts: Forecasts, stood: Stood | None, config: TrainingConfig) -> Verdict:
    if stood and stood.said:
        forecasts = with_champion(forecasts, stood.said)
    return judge_challenger(forecasts, stood.words if stood else None, judging_by(config), config.fewest_customers)
