"""Every measure of the stages, by name and in words."""

from dataclasses import dataclass

from training.validity import makers
from training.validity.makers import Maker, ahead, events, money, ordered, recent


@dataclass(frozen=True)
class Measure:
    """A measure in words, with a function that makes its evidence.

    Attributes:
        name: as in tables.
        words: what it is.
        make: evidence, or the reason why there is none.
    """

    name: str
    words: str
    make: Maker


MEASURES = (
    Measure("orders_recent", "order-days a week, last 13 weeks", recent("order_day")),
    Measure("spend_recent", "net spend a week, last 13 weeks", money(recent("net"))),
    Measure("orders_next", "order-days a week, next 13 weeks", ahead("order_day")),
    Measure("spend_next", "net spend a week, next 13 weeks", money(ahead("net"))),
    Measure(
        "peak_held", "share of own peak level held in the next 13 weeks, each customer at most 1", makers.peak_held
    ),
    Measure("against_peak", "level of the next 13 weeks over own peak level, sum over sum", makers.against_peak),
    Measure("order_value", "money of an order-day placed in the stage", money(makers.order_value)),
    Measure("relative_price", "unit price over the product's usual, placed in the stage", makers.relative_price),
    Measure("growth_recent", "net spend, last 13 weeks over the 13 before", money(makers.growth_recent)),
    Measure("growth_spend", "growth after entry: spend, still buying", money(makers.after_entry("net", True))),
    Measure("growth_orders", "growth after entry: order-days, still buying", makers.after_entry("order_day", True)),
    Measure("course_spend", "growth after entry: spend, everybody", money(makers.after_entry("net", False))),
    Measure("course_orders", "growth after entry: order-days, everybody", makers.after_entry("order_day", False)),
    Measure("return_share", "returned over gross money, last 13 weeks", money(makers.return_share)),
    Measure("referrals", "referrals a year, next period", events("referral")),
    Measure("cost_to_serve", "cost to serve by order-day, next period", events("cost_to_serve")),
    Measure("ordered_4w", "probability to order in 4 weeks", ordered(4)),
    Measure("ordered_13w", "probability to order in 13 weeks", ordered(13)),
    Measure("ordered_26w", "probability to order in 26 weeks", ordered(26)),
    Measure("to_regression", "in regression one period later", makers.to_regression),
)
"""What the table by stage shows."""

COMPARISONS = (
    Measure("spend_within", "own net spend a week while stable, and elsewhere", money(makers.spend_within)),
    Measure("value_within", "own order value while stable, and elsewhere", money(makers.value_within)),
    Measure("value_ahead", "net spend a week, next 13 weeks, by length", money(makers.by_length(ahead("net")))),
    Measure("value_so_far", "net spend so far, by length of the life cycle", money(makers.by_length(makers.so_far))),
    Measure("days_in_stage", "mean days in the stage, of the first 52 weeks", makers.days_in_stage),
)
"""What only claims use."""
