"""From what was found to what is to be done.

The first rule that holds decides, since it explains the later ones away:

1. *investigate*: much of what the model uses jumped within one week, or is suddenly not known of
   many customers. A shop does not change like that; data do.
2. *retrain*: of the newest grades two say that the forecasts are worse than promised.
3. *retrain*: much of what the model uses is further from training than is normal after this time.
4. *retrain*: the newest customers that the model has seen are old.
5. *investigate*: the probabilities moved beyond normal, and much of what the model looks at did not.
6. *recalibrate*: of the newest grades two say that the level is off, in the same direction, be it
   of a week or of the weeks before it together.
7. *fine*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from features.grade import Grade, Promise
from serving.drift.config import DriftConfig
from serving.drift.drift import Decision, Moved

TWICE = 2
"""Grades that must agree: one week in twenty is off by chance."""


@dataclass(frozen=True)
class Evidence:
    """What was found of a week.

    Attributes:
        moved: share of the model's gain in features further from training than is normal.
        jumped: share of it in features that jumped since the week before.
        vanished: share of it in features that are suddenly not known of many customers.
        age: weeks since the newest cut-off that the model has seen.
        scores: the probabilities beside those in training.
        grades: the newest of this model version, oldest first.
    """

    moved: float
    jumped: float
    vanished: float
    age: float
    scores: Sequence[Moved]
    grades: Sequence[Grade]


def decide(found: Evidence, config: DriftConfig) -> tuple[Decision, str]:
    """The verdict, and why."""
    for verdict, rule in RULES:
        if why := rule(found, config):
            return verdict, why
    graded = "and grades are as promised" if found.grades else "no week of this model has been graded yet"
    return "fine", f"Nothing moved further than is normal after this time; {graded}."


def _jumped(found: Evidence, config: DriftConfig) -> str:
    most = max(found.jumped, found.vanished)
    if most < config.jump:
        return ""
    what = "are suddenly not known of many customers" if found.vanished >= found.jumped else "jumped"
    return (
        f"Features that bring {most:.0%} of the model's gain {what} within a week:"
        " look at the orders and tables of this week before you act on it."
    )


def _worse(found: Evidence, _config: DriftConfig) -> str:
    told = _often(found.grades, "log_loss_share")
    return told and f"{told} Train a new model and see whether it beats this one."


def _moved(found: Evidence, config: DriftConfig) -> str:
    return (
        f"Features that bring {found.moved:.0%} of the model's gain are further from training than is normal after"
        f" {found.age:.0f} weeks: customers behave in ways that the model has hardly seen."
        if found.moved >= config.share
        else ""
    )


def _old(found: Evidence, config: DriftConfig) -> str:
    told = f"The newest customers that the model has seen are {found.age:.0f} weeks old."
    return told if found.age > config.oldest else ""


def _odd(found: Evidence, _config: DriftConfig) -> str:
    odd = " and the ".join(one.words for one in found.scores if one.beyond)
    return odd and (
        f"The {odd} moved further than is normal, and further than what the model looks at:"
        " look at the customers whose risk changed most."
    )


def _off(found: Evidence, _config: DriftConfig) -> str:
    told = _often(found.grades, "observed") or _often(found.grades, "observed_lately")
    return told and f"{told} The ranking holds: train with newer weeks, so that the level is found anew."


RULES: tuple[tuple[Decision, Callable[[Evidence, DriftConfig], str]], ...] = (
    ("investigate", _jumped),
    ("retrain", _worse),
    ("retrain", _moved),
    ("retrain", _old),
    ("investigate", _odd),
    ("recalibrate", _off),
)
"""Each rule gives its reason in words, or nothing where it does not hold."""


def _often(grades: Sequence[Grade], metric: str) -> str:
    """What of a metric was off, in the same direction, in `TWICE` of the grades, in words; empty where nothing was."""
    for target in dict.fromkeys(promise.target for grade in grades for promise in grade.promises):
        found = [promise for grade in grades if (promise := grade.promise(target, metric))]
        for above in (True, False):
            off = [one for one in found if one.verdict == "worse" and (one.found > one.promised) == above]
            if len(off) >= TWICE:
                return _told(off[-1], f"{len(off)} of the last {len(found)} graded weeks were off")
    return ""


def _told(promise: Promise, when: str) -> str:
    together = ", each together with those before it" if promise.metric == "observed_lately" else ""
    what = f"{promise.target.capitalize()}: {when}{together}"
    if promise.metric.startswith("observed"):
        return f"{what}; {promise.found:.3g} came where {promise.promised:.3g} had been forecast."
    found, promised = (f"{100 * value:+.1f} %" for value in (promise.found, promise.promised))
    return f"{what}; the log loss was {found} of a plain table's where {promised} had been promised."
