"""Configuration of the gates."""

from typing import Literal

from pydantic import Field

from features.config import Strict

Action = Literal["stop", "warn", "off"]


class GatesConfig(Strict):
    """What each gate does when it fails, and how far from normal that is.

    Attributes:
        fresh: orders end too early.
        orders: a day, a week or a source has far fewer or far more order lines than is normal.
        past: days that last week's scores knew have other orders now.
        customers: customers went missing.
        newcomers: far more or far fewer new customers than is normal.
        spec: stages follow another stage spec than last week's.
        stages: the stage mix moved farther than is normal in a week.
        scores: so did the distribution of a probability.
        source: a column of the orders that says where a line comes from (a country, a till, a feed);
            lines are then watched for each of its values.
        width: how many times the normal spread is still normal.
        weeks: published weeks that normal is learnt from, at most.
    """

    fresh: Action = "stop"
    orders: Action = "stop"
    past: Action = "stop"
    customers: Action = "stop"
    newcomers: Action = "warn"
    spec: Action = "warn"
    stages: Action = "stop"
    scores: Action = "warn"
    source: str | None = Field(default=None, min_length=1)
    width: float = Field(default=6.0, gt=0)
    weeks: int = Field(default=26, ge=2)
