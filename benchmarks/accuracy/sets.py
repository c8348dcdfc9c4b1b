"""The order sets that accuracy is reported on, each at its last six cut-offs, and shops where there is none to find."""

from dataclasses import dataclass
from pathlib import Path

from stagecast.config import Config

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Where the sets are: a folder beside the repository."""


@dataclass(frozen=True)
class Set:
    """An order set.

    Attributes:
        file: its name without the suffix.
        title: its name in tables.
        period: length of a period.
        cutoffs: how many judge.
        unpredictable: whether its customer ids were dealt at random.
        bad_rows: share of bad rows that is put up with.
    """

    file: str
    title: str
    period: str = "28d"
    cutoffs: int = 6
    unpredictable: bool = False
    bad_rows: float | None = None

    @property
    def config(self) -> Config:
        """The defaults, with this set's period."""
        return Config().overridden("training", period=self.period).overridden("orders", max_bad_share=self.bad_rows)


SETS = (
    Set("online_retail_2", "Online Retail II"),
    Set("cdnow", "CDNOW"),
    Set("completejourney", "The Complete Journey"),
    Set("btydplus_grocery", "grocery"),
    Set("completejourney", "The Complete Journey, 14 days", period="14d"),
    Set("rfm_trad_flow", "rfm_trad_flow, 14 days", period="14d", unpredictable=True, bad_rows=0.1),
    Set("groceries_dataset", "groceries_dataset", unpredictable=True),
    Set("superstore", "superstore", unpredictable=True),
)
