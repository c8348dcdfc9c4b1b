"""The course of a study: which trial comes next, which is given up, and when it is enough."""

import time
from dataclasses import dataclass, field

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState

from features.errors import StagecastError
from training.tuning.journal import PRESENT, WHY, queue_again
from training.tuning.trial import Outcome

DONE = (TrialState.COMPLETE, TrialState.PRUNED)
"""States of a trial that told something."""

ROUNDS, PARTS, FOLDS, SECONDS = "rounds", "parts", "folds", "seconds"
"""What is noted down of a finished trial."""

_FAILURES = 5


@dataclass
class Course:
    """What is decided between trials; all of it from the journal, so that a killed study goes on as it would have.

    Attributes:
        study: the study.
        space: where parameters are looked for.
        seed: of the sampler.
        trials: how many are wanted in all.
        seconds: from `begin` on, after which no trial goes on; None for no limit.
    """

    study: optuna.Study
    space: dict[str, BaseDistribution]
    seed: int
    trials: int
    seconds: float | None = None
    _begun: float = 0.0
    _stopped: set[int] = field(default_factory=set)
    _failures: int = 0

    def begin(self) -> None:
        """Start the clock."""
        self._begun = time.monotonic()

    def next(self) -> Trial | None:
        """The next trial; None where there is to be none.

        The sampler begins anew for each trial, from the seed and the number of
        those before it. So with one worker a study that was killed and taken
        up again tries the same parameters as one that was not.
        """
        before = self.number(*DONE, TrialState.RUNNING)
        if not self.wants_more or (before and self._over):
            return None
        state = np.random.SeedSequence([self.seed, before]).generate_state(1)
        self.study.sampler = TPESampler(seed=int(state[0]), multivariate=True, constant_liar=True)
        return self.study.ask(self.space)

    def go_on(self, trial: Trial, step: int, loss: float) -> bool:
        """Note the loss after a step; say whether the trial is to go on.

        The present parameters are never given up: all others are compared with them.
        """
        trial.report(loss, step)
        if trial.user_attrs.get(PRESENT):
            return True
        if self._over:
            self._stopped.add(trial.number)
            return False
        return not trial.should_prune()

    def finish(self, trial: Trial, outcome: Outcome | None) -> None:
        """Close a trial: with what came of it, or given up; one that the time ended goes back into the queue."""
        self._failures = 0
        if trial.number in self._stopped:
            self.put_back(trial)
        elif outcome is None:
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            noted = {ROUNDS: outcome.rounds, PARTS: outcome.parts, FOLDS: outcome.folds, SECONDS: outcome.seconds}
            for name, value in noted.items():
                trial.set_user_attr(name, value)
            self.study.tell(trial, outcome.loss)

    def put_back(self, trial: Trial) -> None:
        """Close a trial that was broken off, and queue its parameters for the next session."""
        trial.set_user_attr(WHY, "broken off")
        queue_again(self.study, self.study.get_trials(deepcopy=False)[trial.number], {})
        self.study.tell(trial, state=TrialState.FAIL)

    def fail(self, trial: Trial, why: str) -> None:
        """Close a trial that went wrong.

        Raises:
            StagecastError: it was the present parameters, or too many went wrong one after another.
        """
        self._failures += 1
        trial.set_user_attr(WHY, why)
        first = bool(trial.user_attrs.get(PRESENT))
        if first:
            queue_again(self.study, self.study.get_trials(deepcopy=False)[trial.number], {})
        self.study.tell(trial, state=TrialState.FAIL)
        if first or self._failures >= _FAILURES:
            raise StagecastError(
                "the present parameters cannot be tried" if first else "trials fail one after another",
                got=why,
                remedy="set what it speaks of right, and run the same command again: the study goes on",
            )

    def number(self, *states: TrialState) -> int:
        """Trials in some states."""
        return len(self.study.get_trials(deepcopy=False, states=states))

    @property
    def wants_more(self) -> bool:
        """Whether fewer trials are finished or running than are wanted."""
        return self.number(*DONE, TrialState.RUNNING) < self.trials

    @property
    def left(self) -> float | None:
        """Seconds that are left; None for no limit."""
        return None if self.seconds is None else self.seconds - (time.monotonic() - self._begun)

    @property
    def _over(self) -> bool:
        return self.left is not None and self.left <= 0


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that were judged to the end, in their order."""
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def present_trial(study: optuna.Study) -> FrozenTrial | None:
    """The trial of the present parameters, once it is finished."""
    return next((trial for trial in finished(study) if trial.user_attrs.get(PRESENT)), None)
