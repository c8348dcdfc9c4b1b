"""How each measure is made: its amounts by customer and place, or why there are none."""

from collections.abc import Callable

import numpy as np

from features.clock import WEEK
from features.stages.moves import Stage
from training.validity.amounts import LONGER, SHORTER, Amounts, Evidence
from training.validity.around import QUARTER, Around
from training.validity.judged import Judged
from training.validity.placed import within
from training.validity.stays import Lengths

NO_MONEY = "the orders have no money (amount)"
NO_PRICES = "the orders have no products with unit prices"
YEAR_WEEKS = 52

Made = Evidence | str
"""Evidence, or why there is none."""

Maker = Callable[[Judged], Made]

_ELSEWHERE = tuple(place for place in range(6) if place != Stage.STABLE)


def money(make: Callable[[Judged], Amounts]) -> Maker:
    """A maker for orders with money alone."""
    return lambda judged: make(judged) if judged.span.spec.level_measure == "net" else NO_MONEY


def recent(measure: str) -> Callable[[Judged], Amounts]:
    """A measure a week over the last 13 weeks."""
    return lambda judged: judged.amounts(judged.around.total(measure, -QUARTER, 0), QUARTER / WEEK)


def ahead(measure: str) -> Callable[[Judged], Amounts]:
    """A measure a week over the next 13 weeks."""
    return lambda judged: judged.after(measure, QUARTER, QUARTER / WEEK)


def ordered(weeks: int) -> Callable[[Judged], Amounts]:
    """Whether there is an order-day in the next weeks."""

    def make(judged: Judged) -> Amounts:
        found = judged.after("order_day", weeks * WEEK, 1.0)
        return found.with_top(np.minimum(found.top, 1.0))

    return make


def growth_recent(judged: Judged) -> Amounts:
    """The last 13 weeks over the 13 before, of customers who were there all the while."""
    now, before = (judged.around.total("net", begin, begin + QUARTER) for begin in (-QUARTER, -2 * QUARTER))
    return judged.amounts(now, before, judged.around.tenure >= 2 * QUARTER)


def return_share(judged: Judged) -> Amounts:
    """Money returned over money spent."""
    returned, gross = (judged.around.total(name, -QUARTER, 0) for name in ("returned", "gross"))
    return judged.amounts(returned, gross, gross > 0)


def against_peak(judged: Judged) -> Amounts:
    """Sum of the levels of the next 13 weeks over the sum of the customers' own highest levels."""
    highest, after, known = judged.peaks
    return judged.amounts(after, highest, known & (highest > 0), int((~known).sum()))


def peak_held(judged: Judged) -> Amounts:
    """A mean of quotients that each count as one at most: a tiny peak is soon exceeded a hundredfold."""
    highest, after, known = judged.peaks
    held = np.clip(np.divide(after, highest, out=np.zeros(len(after)), where=highest > 0), 0, 1)
    return judged.amounts(held, 1.0, known & (highest > 0), int((~known).sum()))


def order_value(judged: Judged) -> Amounts:
    """Money of order-days by the stage they were placed in."""
    return judged.placed.value()


def relative_price(judged: Judged) -> Made:
    """Unit price against the product's usual, by the stage the order was placed in."""
    return judged.placed.relative_price() if "relative_price" in judged.history.columns else NO_PRICES


def after_entry(measure: str, still_buying: bool) -> Callable[[Judged], Amounts]:
    """The second two periods after a stage was entered over the first two, whatever stage followed.

    The entry looks at the past alone, so a customer with a steady rate scores
    1: no selection by how the stage ended. `still_buying` keeps the customers
    who order in the two periods after these four. Whoever left is not among
    them, and since that window lies apart from the two compared, a steady rate
    scores 1 there too.
    """

    def make(judged: Judged) -> Amounts:
        stays, days = judged.spells.stays(), 2 * judged.period
        entered = stays.only(stays.begin >= judged.span.ticks[0])
        around = Around(judged.history, entered.customer, entered.begin, judged.span.end)
        known = around.finished((2 + still_buying) * days)
        kept = known & (around.total("order_day", 2 * days, 3 * days) > 0) if still_buying else known
        first, second = (np.where(kept, around.total(measure, begin, begin + days), 0.0) for begin in (0, days))
        return Amounts(entered.customer, entered.place, second, first, left_out=int((~known).sum()))

    return make


def spend_within(judged: Judged) -> Amounts:
    """Own spend of the period that follows, at ticks in stable and at others."""
    return within(judged.after("net", judged.period, judged.period / WEEK), Stage.STABLE, _ELSEWHERE)


def value_within(judged: Judged) -> Amounts:
    """Own order value of orders placed in stable, and of others."""
    return within(judged.placed.value(), Stage.STABLE, _ELSEWHERE)


def to_regression(judged: Judged) -> Amounts:
    """Whether the customer stands in regression one period later."""
    known, place = judged.later
    regressed = np.zeros(len(known))
    regressed[known] = place >= Stage.REGRESSION
    return judged.amounts(regressed, 1.0, known, int((~known).sum()))


def by_length(make: Callable[[Judged], Amounts]) -> Callable[[Judged], Amounts]:
    """Amounts of the customers whose life cycle so far is longer than the median one, and of the others."""

    def split(judged: Judged) -> Amounts:
        length = judged.around.length
        return make(judged).with_place(np.where(length > np.median(length), LONGER, SHORTER))

    return split


def so_far(judged: Judged) -> Amounts:
    """Net spend since the first order."""
    everything = judged.around.tick.max(initial=judged.history.first_day) - judged.history.first_day
    return judged.amounts(judged.around.total("net", -int(everything), 0), 1.0)


def events(kind: str) -> Maker:
    """Referrals a year, or cost to serve by order-day, in the period that follows."""

    def make(judged: Judged) -> Made:
        if judged.events is None or not judged.events.has(kind):
            return f"no events of the kind '{kind}' were given"
        known, around = judged.around.finished(judged.period), judged.around
        window = (around.tick, np.minimum(around.tick + judged.period, around.end))
        top = judged.events.total(judged.history, kind, around.customer, window)
        years = judged.period / WEEK / YEAR_WEEKS
        bottom = years if kind == "referral" else around.total("order_day", 0, judged.period)
        return judged.amounts(top, bottom, known, int((~known).sum()))

    return make


def days_in_stage(judged: Judged) -> Made:
    """Mean days from entering a stage to leaving it, within 52 weeks."""
    return Lengths(judged.spells)
