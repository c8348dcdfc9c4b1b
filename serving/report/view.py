"""What the page shows, worked out from what it is given: no number is computed in a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.grade import Beside, Decile, Promise
from serving.contract import FAVOUR
from serving.drift import Moved as Shift
from serving.gates import Finding
from serving.report.graded import Outcome, outcomes
from serving.report.input import ReportInput, Sums
from serving.report.numbers import weeks
from serving.report.words import KINDS, kind_of

REGRESSION = "regression"


@dataclass(frozen=True)
class Row:
    """A stage: its sums, its share of all, the change since the week before, and its course over the weeks."""

    stage: str
    sums: Sums
    share: float
    change: int | None
    later: float
    course: Sequence[int]


@dataclass(frozen=True)
class Move:
    """Customers who went from one stage to another, and how many that is of the most that made any move."""

    before: str
    now: str
    customers: int
    share: float


@dataclass(frozen=True)
class Reason:
    """One reason in the customer's own terms, and whether it raises the risk or lowers it."""

    words: str
    raises: bool


@dataclass(frozen=True)
class View:
    """The week and all that follows from it."""

    week: ReportInput

    @cached_property
    def period(self) -> str:
        """How far is looked ahead, in words."""
        return weeks(self.week.period_days) if self.week.period_days else "one period"

    @cached_property
    def customers(self) -> int:
        """All known customers."""
        return sum(sums.customers for sums in self.week.stages.values())

    @cached_property
    def active(self) -> Mapping[str, Sums]:
        """The stages of customers who are still here."""
        return {stage: sums for stage, sums in self.week.stages.items() if stage != REGRESSION}

    @cached_property
    def here(self) -> int:
        """Customers who are not in regression."""
        return sum(sums.customers for sums in self.active.values())

    @cached_property
    def here_change(self) -> int | None:
        """The change of these since the week before."""
        before = self.week.before
        return self.here - _here(before.stages) if before else None

    @cached_property
    def leaving(self) -> float:
        """How many of these are expected in regression one period later."""
        return sum(sums.next_stages.get(REGRESSION, 0.0) for sums in self.active.values())

    @cached_property
    def at_risk(self) -> float | None:
        """The value at risk of these; None without money."""
        return _total([sums.at_risk for sums in self.active.values()])

    @cached_property
    def at_risk_change(self) -> float | None:
        """The change of this since the week before."""
        before = self.week.before.at_risk if self.week.before else None
        return None if before is None or self.at_risk is None else self.at_risk - before

    @cached_property
    def ordering(self) -> float:
        """How many of all customers are expected to order."""
        return sum(sums.ordering for sums in self.week.stages.values())

    @cached_property
    def spend(self) -> float | None:
        """What all are expected to spend; None without money."""
        return _total([sums.spend for sums in self.week.stages.values()])

    @cached_property
    def rows(self) -> list[Row]:
        """The stages in their order."""
        return [self._row(stage, sums) for stage, sums in self.week.stages.items()]

    @cached_property
    def course(self) -> list[int]:
        """Customers still here, week by week."""
        return [*(_here(past.stages) for past in self.week.past), self.here]

    def _row(self, stage: str, sums: Sums) -> Row:
        before = self.week.before
        change = sums.customers - before.stages.get(stage, 0) if before else None
        later = sum(other.next_stages.get(stage, 0.0) for other in self.week.stages.values())
        course = [*(past.stages.get(stage, 0) for past in self.week.past), sums.customers]
        return Row(stage, sums, sums.customers / max(self.customers, 1), change, later, course)

    @cached_property
    def moves(self) -> dict[str, list[Move]]:
        """Moves between stages since the week before by their direction, most customers first."""
        flow = self.week.moved.flow if self.week.moved else {}
        pairs = [(was, now, n) for was, row in flow.items() for now, n in row.items() if n and was != now]
        most = max((n for _, _, n in pairs), default=1)
        moves = [Move(was, now, n, n / most) for was, now, n in sorted(pairs, key=lambda pair: -pair[2])]
        found = {kind: [move for move in moves if kind_of(move.before, move.now) == kind] for kind in KINDS}
        return {kind: several for kind, several in found.items() if several}

    @cached_property
    def stayed(self) -> int:
        """Customers of both weeks who stand where they stood."""
        return sum(row.get(stage, 0) for stage, row in (self.week.moved.flow if self.week.moved else {}).items())

    @cached_property
    def loud(self) -> list[Finding]:
        """The checks that did not pass, those that stopped first."""
        checks = [check for check in self.week.checks or () if check.verdict != "pass"]
        return sorted(checks, key=lambda check: check.verdict != "stop")

    @cached_property
    def quiet(self) -> list[Finding]:
        """The checks that passed."""
        return [check for check in self.week.checks or () if check.verdict == "pass"]

    @cached_property
    def shifts(self) -> list[Shift]:
        """What has moved most since training: scores first, then features."""
        drift = self.week.drift
        return [*drift.scores, *drift.features] if drift else []

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What was forecast of the graded week beside what came."""
        return outcomes(self.week.graded) if self.week.graded else []

    @cached_property
    def deciles(self) -> list[Decile]:
        """Tenths of the graded customers by their probability to order, highest first."""
        return [one for one in self.week.graded.deciles if one.target == "order"][::-1] if self.week.graded else []

    @cached_property
    def promises(self) -> list[Promise]:
        """What else the model had promised of the graded week: how sharp its forecasts are."""
        promises = self.week.graded.promises if self.week.graded else []
        return [one for one in promises if one.metric != "observed"]

    @cached_property
    def ladder(self) -> list[Beside]:
        """The model beside the best of the simple ways."""
        return self.week.graded.ladder if self.week.graded else []


def _here(stages: Mapping[str, int]) -> int:
    return sum(customers for stage, customers in stages.items() if stage != REGRESSION)


def _total(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def reasons(text: str) -> list[Reason]:
    """The reasons of a score row, one by one."""
    several = [one for one in text.split("; ") if one]
    return [Reason(one.removeprefix(FAVOUR), not one.startswith(FAVOUR)) for one in several]
