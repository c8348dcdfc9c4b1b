"""All gates on one week."""

from collections.abc import Callable, Sequence

from serving.gates.busy import basket, hole, money, newcomers, orders, sources
from serving.gates.config import Action, GatesConfig
from serving.gates.facts import WeekFacts
from serving.gates.finding import Finding, Look
from serving.gates.fresh import fresh
from serving.gates.mix import scores, spec, stages
from serving.gates.past import customers, past

Gate = Callable[[WeekFacts, list[WeekFacts], GatesConfig], Look]

GATES: dict[str, Gate] = {
    "fresh": fresh,
    "orders": orders,
    "hole": hole,
    "basket": basket,
    "money": money,
    "newcomers": newcomers,
    "sources": sources,
    "past": past,
    "customers": customers,
    "spec": spec,
    "stages": stages,
    "scores": scores,
}
"""Every gate by its name in the settings, in the order in which a person would look."""


def judge(now: WeekFacts, before: Sequence[WeekFacts], config: GatesConfig) -> list[Finding]:
    """What each gate says of a week before it is published.

    Args:
        now: the week.
        before: facts of published weeks, in any order; only those earlier than it are looked at. None at the very
            first: it passes wherever there is nothing to compare with.
        config: what each gate does when it fails.

    Returns:
        One finding a gate that is not off. The week is held back if any says `stop`.
    """
    earlier = sorted((week for week in before if week.as_of < now.as_of), key=lambda week: week.as_of)[-config.weeks :]
    actions: dict[str, Action] = {name: getattr(config, name) for name in GATES}
    return [
        _finding(name, actions[name], gate(now, earlier, config))
        for name, gate in GATES.items()
        if actions[name] != "off"
    ]


def _finding(name: str, action: Action, look: Look) -> Finding:
    if look.fine or action == "off":
        return Finding(gate=name, verdict="pass", saw=look.saw, normal=look.normal)
    let_pass = f'; if it is right so, let it pass: {name} = "warn" in [serving.gates]' if action == "stop" else ""
    return Finding(gate=name, verdict=action, saw=look.saw, normal=look.normal, remedy=look.remedy + let_pass)
