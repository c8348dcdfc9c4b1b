"""The verdict of the gate, in words: whether the challenger has won, over whom and by how much."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import to_date
from training.forecasts import Forecasts
from training.gate.compare import BETTER, BY_STAGE, FEW, LADDER, OVERALL, WORSE, compare
from training.judge import Judging


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a challenger.

    Attributes:
        table: every difference, as `training.gate.compare.compare` returns it.
        champion: who the champion is and how it was judged, in words; None where there was none.
        judged: on what, in words.
        few: why nothing can be told, where too few customers were judged; else empty.
    """

    table: pd.DataFrame
    champion: str | None
    judged: str
    few: str = ""

    @property
    def passed(self) -> bool:
        """Whether the challenger has won."""
        return not self.failures

    @property
    def failures(self) -> list[str]:
        """What speaks against the challenger, a clause each."""
        if self.few:
            return [self.few]
        said = [*self._worse_than_champion(), *self._worse_than_ladder()]
        if not self.ahead:
            said.append("not better than the whole ladder in log loss, for any target")
        if self.champion and self._of(OVERALL).empty:
            said.append(self.champion)
        elif self.champion and not (self._of(OVERALL)["outcome"] == BETTER).any():
            said.append("not better than the champion in anything")
        return said

    def _worse_than_champion(self) -> list[str]:
        numbers = [_what(row) for _, row in self._worse(OVERALL).iterrows()]
        stages = [str(name) for name in self._worse(BY_STAGE)["group"].unique()]
        said = [f"worse than the champion in {', '.join(numbers)}"] if numbers else []
        return [*said, *([f"worse than the champion among customers in {', '.join(stages)}"] if stages else [])]

    def _worse_than_ladder(self) -> list[str]:
        by_target = self._worse(LADDER).groupby("target", sort=False)["against"]
        return [f"worse than {', '.join(rungs)} in log loss of {target}" for target, rungs in by_target]

    def _worse(self, question: str) -> pd.DataFrame:
        rows = self._of(question)
        return rows[rows["outcome"] == WORSE]

    @property
    def ahead(self) -> list[str]:
        """Targets in which the challenger is better than every rung of the ladder."""
        ladder = self._of(LADDER)
        return [
            str(target) for target, rows in ladder.groupby("target", sort=False) if (rows["outcome"] == BETTER).all()
        ]

    def told(self) -> str:
        """The verdict, as Markdown."""
        lines = [self._headline(), "", *(f"- {line}" for line in self._lines()), "", self._how()]
        return "\n".join(lines)

    def _headline(self) -> str:
        if not self.passed:
            return f"**Gate failed.** {_sentence('; '.join(self.failures))}"
        whom = "the champion and " if self.champion else ""
        return f"**Gate passed.** Better than {whom}the ladder, and worse than neither beyond chance."

    def _lines(self) -> list[str]:
        if self.champion is None:
            return ["There was no champion to beat.", self._against_ladder()]
        if self._of(OVERALL).empty:
            return [f"{_sentence(self.champion)}", self._against_ladder()]
        told = [f"{_what(row)}: {_size(row)}, {row['outcome']}" for _, row in self._of(OVERALL).iterrows()]
        return [f"Against {self.champion}: {'; '.join(told)}.", self._by_stage(), self._against_ladder()]

    def _by_stage(self) -> str:
        rows = self._of(BY_STAGE)
        few = rows[rows["outcome"] == FEW].drop_duplicates("group")
        enough = [str(name) for name in rows.loc[rows["outcome"] != FEW, "group"].unique()]
        worse = [str(name) for name in rows.loc[rows["outcome"] == WORSE, "group"].unique()]
        said = f"By stage: worse in {_listed(worse)}" if worse else f"By stage: no worse in {_listed(enough)}"
        left_out = "".join(
            f"; {row['group']} has too few customers ({row['customers']:,})" for _, row in few.iterrows()
        )
        return f"{said}{left_out}."

    def _against_ladder(self) -> str:
        rows = self._of(LADDER)
        nearest = [_nearest(part) for _, part in rows.groupby("target", sort=False)]
        told = [f"{_what(row)}: {_size(row)} beside {row['against']}, {row['outcome']}" for row in nearest]
        return f"Against the ladder, beside its best rung: {'; '.join(told)}."

    def _how(self) -> str:
        return (
            f"{self.judged} Differences are challenger less the other, with intervals over customers that hold"
            " together, for all numbers of a line, with 95 %."
        )

    def _of(self, question: str) -> pd.DataFrame:
        return self.table[self.table["question"] == question]


def judge_challenger(forecasts: Forecasts, champion: str | None, judging: Judging, fewest: int) -> Verdict:
    """Hold a challenger against champion and ladder, and say who won.

    It has won if beyond chance it is better than every rung of the ladder in
    the log loss of one target at least, and worse than no rung in any; and,
    where there is a champion, better in one of log loss, profit and Gini of
    the spend, worse in none of them, and worse in log loss on no stage that has
    enough customers.

    Args:
        forecasts: of challenger, ladder and, if `champion` is given, champion.
        champion: who the champion is and how it was judged, in words.
        judging: how to draw customers, and the costs of a campaign.
        fewest: customers that are enough, of a stage and in all.
    """
    days = [str(to_date(cutoff)) for cutoff in forecasts.cutoffs]
    customers = len(np.unique(forecasts.customer))
    judged = f"Judged on {len(forecasts):,} snapshots of {customers:,} customers at {', '.join(days)}."
    few = f"too few customers to tell: {customers:,} were judged, {fewest:,} are needed" if customers < fewest else ""
    return Verdict(compare(forecasts, judging, fewest), champion, judged, few)


def _nearest(rows: pd.DataFrame) -> pd.Series:
    """The rung of a target with the lowest log loss."""
    return rows.iloc[int(rows["theirs"].to_numpy().argmin())]


def _what(row: pd.Series) -> str:
    return f"{row['metric']} of {row['target']}"


def _size(row: pd.Series) -> str:
    return f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "any stage, since none has enough customers"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
