"""All gates on one week."""

from collections.abc import Sequence

from serving.gates.config import GatesConfig
from serving.gates.facts import WeekFacts
from serving.gates.finding import Finding


def judge(now: WeekFacts, before: Sequence[WeekFacts], config: GatesConfig) -> list[Finding]:
    """What each gate says of a week before it is published.

    Args:
        now: the week.
        before: facts of published weeks earlier than it, oldest first; none at the very first.
        config: what each gate does when it fails.

    Returns:
        One finding a gate that is not off. The week is held back if any says `stop`.
    """
    first = "this is the first week: there is nothing to compare with"
    return [Finding(gate="first", verdict="pass", saw=f"{now.counts.rows:,} customers", normal=first)]
