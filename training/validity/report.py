"""The result: tables, and words for people."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.validity.verdicts import FAILS, HOLDS, OPEN, effects_in_words

_COUNTS = ("snapshots", "customers")


@dataclass(frozen=True)
class Validity:
    """Whether the stages are what the domain says.

    Attributes:
        by_stage: a row a group (stages, sub-states of regression, with and
            without the lost), a column a measure.
        claims: a row a claim: effect, interval, verdict; see `verdicts.claims_table`.
        stays: days in each stage; see `course.stays_table`.
        pace: how fast customers move on; see `course.pace_table`.
        survival: share of stays that last longer; see `course.survival_table`.
        moves: moves from one period to the next; see `moves.moves_table`.
        tradeoff: what the sensitivity knob does; see `tradeoff.tradeoff`.
        words: measure in words, by its column in `by_stage`.
        notes: what was judged and what was left out, a sentence a line.
    """

    by_stage: pd.DataFrame
    claims: pd.DataFrame
    stays: pd.DataFrame
    pace: pd.DataFrame
    survival: pd.DataFrame
    moves: pd.DataFrame
    tradeoff: pd.DataFrame
    words: dict[str, str]
    notes: list[str]

    def lines(self) -> list[str]:
        """The claims as plain text, the notes, and a last line with the number of each verdict."""
        shown = self.claims.assign(effect=list(effects_in_words(self.claims)))
        width = int(shown["effect"].str.len().max())
        told = [f"{row['verdict']:<13} {row['effect']:<{width}}  {_sentence(row)}" for row in shown.to_dict("records")]
        return [*told, "", *self.notes, self.verdict]

    @property
    def verdict(self) -> str:
        """How many claims hold, do not hold, cannot be told."""
        counts = self.claims["verdict"].value_counts()
        said = ", ".join(f"{counts.get(name, 0)} {_PLURAL[name]}" for name in (HOLDS, FAILS, OPEN))
        return f"Of {len(self.claims)} claims {said}."

    def to_markdown(self, title: str = "Are the stages what the domain says?") -> str:
        """The whole report as Markdown."""
        shown = ["stage", "says", "compared", "effect", "customers", "verdict", "why"]
        claims = self.claims.assign(effect=list(effects_in_words(self.claims)))[shown]
        parts = [
            f"# {title}",
            "\n".join(f"- {note}" for note in self.notes),
            f"## Claims\n\n{self.verdict} {_HOW}",
            markdown(claims),
            "## By stage",
            markdown(self._turned()),
            "## Days in stage",
            markdown(self.stays),
            "## Pace",
            markdown(self.pace),
            "## Moves, from one period to the next (share of those who stood there)",
            markdown(_wide(self.moves)),
            "## The knob Q: early warning against false alarms",
            markdown(self.tradeoff),
        ]
        return "\n\n".join(parts) + "\n"

    def _turned(self) -> pd.DataFrame:
        """Measures as rows, for there are more of them than groups."""
        turned = self.by_stage.set_index("group").T
        names = [self.words.get(str(name), str(name)) for name in turned.index]
        return pd.concat([pd.Series(names, index=turned.index, name="measure"), turned], axis=1)


_PLURAL = {HOLDS: "hold", FAILS: "do not hold", OPEN: "cannot be told"}
_HOW = (
    "Effects are ratios, turned so that above 1 is what is claimed (shares: above 0); in brackets the 95 % interval "
    "over customers. Where a customer is compared with itself, the effect is taken over that of shuffled lives: the "
    "same orders in random order, which the stage rules would tell apart by chance too."
)


def _sentence(row: dict[Hashable, object]) -> str:
    return f"{row['stage']}: {row['says']}" + (f" ({row['why']})" if row["why"] else "")


def markdown(table: pd.DataFrame, decimals: int | None = None) -> str:
    """A table as Markdown: three significant digits, or so many decimals; a dash for what is missing."""
    head = [" | ".join(map(str, table.columns)), " | ".join("---" for _ in table.columns)]
    rows = [" | ".join(_cell(value, decimals) for value in row) for row in table.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in head + rows)


def _cell(value: object, decimals: int | None) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if isinstance(value, float | np.floating):
        return "-" if np.isnan(value) else _number(float(value)) if decimals is None else f"{value:,.{decimals}f}"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return str(value).replace("|", "/")


def _number(value: float) -> str:
    if value and value == round(value) and abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _wide(moves: pd.DataFrame) -> pd.DataFrame:
    places = list(dict.fromkeys(moves["now"]))
    shares = moves["share"].to_numpy().reshape(len(places), len(places))
    return pd.concat([pd.Series(places, name="now"), pd.DataFrame(shares, columns=places)], axis=1)
