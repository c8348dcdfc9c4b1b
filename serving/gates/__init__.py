"""Gates: what a week is compared with before it is published."""

from serving.gates.config import GatesConfig
from serving.gates.days import OrderDays
from serving.gates.facts import COUNTED, FACTS, Counts, WeekFacts
from serving.gates.finding import Finding, Verdict
from serving.gates.judge import GATES, judge
from serving.gates.sources import source_days

__all__ = [
    "COUNTED",
    "FACTS",
    "GATES",
    "Counts",
    "Finding",
    "GatesConfig",
    "OrderDays",
    "Verdict",
    "WeekFacts",
    "judge",
    "source_days",
]
