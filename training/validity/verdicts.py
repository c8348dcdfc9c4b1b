"""Measure each claim, and say what can be said: holds, does not hold, cannot tell."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.stages.moves import Booleans
from training.bootstrap import Resampling
from training.validity.amounts import Evidence
from training.validity.claims import CLAIMS, Claim
from training.validity.makers import Made
from training.validity.questions import Question, ask
from training.validity.span import Settings

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot tell"
_LEVEL = 0.95
_MOST_UNDEFINED = 0.05
_NEAR_ONE = 0.005
_LARGEST = 1000


def claims_table(
    made: Mapping[str, Made], chance: Mapping[str, Evidence], known: Booleans, settings: Settings
) -> pd.DataFrame:
    """What can be said of each claim, in their order; all are judged on the same draws of customers.

    Of several comparisons the one whose interval reaches lowest is told.

    Args:
        made: evidence of each measure, or why there is none.
        chance: evidence of the same measures in shuffled lives.
        known: which of the customers are to be drawn: those who ordered before the end, shape (customers,).
        settings: draws, and the fewest customers of a group.

    Returns:
        `claim`, `stage`, `says`, `measure`, `compared`, `null`, `effect`,
        `low`, `high` (95 % interval over customers), `customers`, `rows`
        (snapshots, orders or stays), `verdict`, `why`.
    """
    asked = [ask(claim, made[claim.measure], chance.get(claim.measure), settings.fewest) for claim in CLAIMS]
    questions = [question for question in asked if isinstance(question, Question)]
    draws = [[question.effects(weights) for question in questions] for weights in _weights(known, settings)]
    estimates = [question.effects(known.astype(np.float64)) for question in questions]
    columns = (np.array(column) for column in zip(*draws, strict=True))
    told = map(_told, questions, estimates, columns)
    rows = [
        next(told) if isinstance(question, Question) else _untold(claim, question)
        for claim, question in zip(CLAIMS, asked, strict=True)
    ]
    return pd.DataFrame(rows)


def effects_in_words(table: pd.DataFrame) -> Iterator[str]:
    """Each effect as text: `1.42 [1.31, 1.55]`, or a dash."""
    for effect, low, high in table[["effect", "low", "high"]].to_numpy(dtype=np.float64):
        digits = 3 if np.min(np.abs(np.array([effect, low, high]) - 1)) < _NEAR_ONE else 2
        said, lowest, highest = (f"{x:.{digits}f}" if x < _LARGEST else f">{_LARGEST}" for x in (effect, low, high))
        yield "-" if np.isnan(effect) else said + ("" if np.isnan(low) else f" [{lowest}, {highest}]")


def verdict(estimates: Floats, draws: Floats, null: float) -> tuple[str, str]:
    """Whether all effects lie above `null`, and the reason where that cannot be told.

    The claim holds if every interval does (an intersection of alternatives
    needs no correction: Berger 1982, "Multiparameter hypothesis testing and
    acceptance sampling", Technometrics 24). It fails if any interval lies
    below, at a level corrected for their number (Bonferroni), for the worst of
    several comparisons looks bad by chance alone.

    Args:
        estimates: effects on everybody, shape (k,).
        draws: effects on drawn customers, shape (draws, k).
        null: the effect if the claim is empty.
    """
    if np.isnan(estimates).any() or np.isnan(draws).any(axis=1).mean() > _MOST_UNDEFINED:
        return OPEN, "the amounts compared are not all positive"
    alone, corrected = (1 - _LEVEL) / 2, (1 - _LEVEL) / 2 / len(estimates)
    if (np.nanquantile(draws, alone, axis=0) > null).all():
        return HOLDS, ""
    if (np.nanquantile(draws, 1 - corrected, axis=0) < null).any():
        return FAILS, ""
    covers = np.nanquantile(draws, 1 - alone, axis=0).min() >= null
    return OPEN, f"the interval covers {null:g}" if covers else "no more than the worst of several shows by chance"


def _weights(known: Booleans, settings: Settings) -> Iterator[Floats]:
    """How often each customer was drawn; one who is not known never is, and changes nobody else's number."""
    for drawn in Resampling(settings.resamples, settings.seed).weights(int(known.sum())):
        weights = np.zeros(len(known))
        weights[known] = drawn
        yield weights


def _told(question: Question, estimates: Floats, draws: Floats) -> dict[str, object]:
    found, why = verdict(estimates, draws, question.claim.null)
    hardest, (low, high) = _hardest(estimates, draws)
    return {
        **_said(question.claim, hardest),
        "effect": float(estimates[hardest]),
        "low": low,
        "high": high,
        "customers": question.evidence.present_customers,
        "rows": int(question.evidence.rows.sum()),
        "verdict": found,
        "why": "; ".join(part for part in (why, question.left_out) if part),
    }


def _hardest(estimates: Floats, draws: Floats) -> tuple[int, tuple[float, float]]:
    """The comparison whose interval reaches lowest, and this interval; without intervals the lowest effect."""
    undefined = np.isnan(draws).any(axis=1).mean() > _MOST_UNDEFINED
    if undefined or np.isnan(estimates).any():
        return int(np.argmin(estimates)), (float("nan"), float("nan"))
    low, high = np.nanquantile(draws, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2], axis=0)
    hardest = int(np.argmin(low))
    return hardest, (float(low[hardest]), float(high[hardest]))


def _untold(claim: Claim, why: str) -> dict[str, object]:
    unknown = dict.fromkeys(("effect", "low", "high"), float("nan"))
    return {**_said(claim), **unknown, "customers": 0, "rows": 0, "verdict": OPEN, "why": why}


def _said(claim: Claim, hardest: int | None = None) -> dict[str, object]:
    said = {name: getattr(claim, name) for name in ("stage", "says", "measure")}
    return {"claim": claim.name, **said, "compared": claim.compared(hardest), "null": claim.null}
