"""Configuration of the gates."""

from typing import Literal

from pydantic import Field

from features.config import Strict

Action = Literal["stop", "warn", "off"]


class GatesConfig(Strict):
    """What each gate does when it fails, and how far from normal that is; `[serving.gates]`.

    Attributes:
        fresh: orders end too early.
        orders: far fewer customers ordered in the week than was to be expected, or far more.
        hole: days running have next to nothing.
        basket: an order has far fewer lines than is normal, or far more: lines were lost, or came twice.
        money: an order brings far less money than is normal, or far more: amounts came in cents.
        newcomers: far fewer new customers than was to be expected, or far more.
        sources: a source has far fewer lines than was to be expected, in the week or on days running.
        past: days that last week's scores knew have other lines now.
        customers: customers went missing, or turned up in the past.
        spec: stages follow another stage spec than last week's.
        stages: the stage mix moved further than is normal.
        scores: so did the probabilities.
        source: a column of the orders that says where a line comes from (a country, a till, a feed);
            lines are then watched for each of its values.
        width: how many robust standard deviations from what is typical are still normal.
        rewritten: share of the lines of past days that may change from one week to the next.
        weeks: published weeks that normal is learnt from, at most.
    """

    fresh: Action = "stop"
    orders: Action = "stop"
    hole: Action = "warn"
    basket: Action = "stop"
    money: Action = "stop"
    newcomers: Action = "warn"
    sources: Action = "stop"
    past: Action = "stop"
    customers: Action = "stop"
    spec: Action = "warn"
    stages: Action = "stop"
    scores: Action = "warn"
    source: str | None = Field(default=None, min_length=1)
    width: float = Field(default=4.0, gt=0)
    rewritten: float = Field(default=0.05, gt=0, lt=1)
    weeks: int = Field(default=26, ge=2)
