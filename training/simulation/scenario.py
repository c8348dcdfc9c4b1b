"""What may differ from one simulated shop to the next, and the shops that have a name."""

from datetime import date

from pydantic import ConfigDict, Field, field_validator

from features.clock import to_day
from features.config import Strict
from features.errors import UsageError


class Scenario(Strict):
    """A simulated shop. The defaults are an ordinary one; a named scenario changes a few of them.

    The defaults were set so that orders look like those of Online Retail II,
    CDNOW and the grocery of BTYDplus: half to two thirds order again, a third
    reach a fourth order, gaps have a median near 30 days, their logarithms
    differ by 0.8 within and 0.5 between customers (0.8 to 1.2 and 0.5 to 0.7
    in the real shops), log order values by 0.55 and 0.65.

    Attributes:
        begins: first day; a Monday, and the day the shop opens.
        weeks: length of the log.
        growth: factor a year by which new customers grow in number.
        wave: yearly wave of demand, as a share of the mean; high in November.
        christmas: demand added in the four weeks before Christmas, as a share.
        promotion_every: weeks from one promotion week to the next; 0 for none.
        promotion_lift: demand added in such a week, as a share.
        promotion_discount: share off every price in such a week.
        business: share of customers who buy for a business: often, much, never at a weekend.
        weekly_orders: mean over consumers of the orders a week at the own peak.
        rate_shape: shape of their gamma distribution; high means all alike.
        regularity: shape of the gamma gaps between needs; 1 is random, high is clockwork.
        leaves_trial: chance that a customer on trial buys elsewhere at its next need.
        leaves_growing: the same while the relationship grows.
        stable_weeks: mean weeks in the stable stage.
        slips: share of those who regress later than on trial that fall off bit by bit, not at once.
        comes_back: share of the silent that will order once more.
        returns: share of orders of which something is sent back.
        shock_week: week in which prices rise or goods are recalled; 0 for never.
        price_rise: share by which all prices rise then.
        recalled: share of the orders of the eight weeks before it that are sent back.
        shock_leaves: chance that the news makes a customer turn away.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    begins: date = date(2022, 1, 3)
    weeks: int = Field(default=156, ge=4, le=520)
    growth: float = Field(default=1.0, gt=0, le=100)
    wave: float = Field(default=0.1, ge=0, lt=1)
    christmas: float = Field(default=0.3, ge=0, le=10)
    promotion_every: int = Field(default=13, ge=0)
    promotion_lift: float = Field(default=0.5, ge=0, le=10)
    promotion_discount: float = Field(default=0.15, ge=0, lt=1)
    business: float = Field(default=0.03, ge=0, le=1)
    weekly_orders: float = Field(default=0.2, gt=0, le=7)
    rate_shape: float = Field(default=4.0, gt=0)
    regularity: float = Field(default=2.5, ge=1, le=1000)
    leaves_trial: float = Field(default=0.4, ge=0, lt=1)
    leaves_growing: float = Field(default=0.08, ge=0, lt=1)
    stable_weeks: float = Field(default=100.0, gt=0)
    slips: float = Field(default=0.4, ge=0, le=1)
    comes_back: float = Field(default=0.2, ge=0, lt=1)
    returns: float = Field(default=0.05, ge=0, lt=1)
    shock_week: int = Field(default=0, ge=0)
    price_rise: float = Field(default=0.0, gt=-1, le=10)
    recalled: float = Field(default=0.0, ge=0, le=1)
    shock_leaves: float = Field(default=0.0, ge=0, le=1)

    @field_validator("begins")
    @classmethod
    def _monday(cls, begins: date) -> date:
        if begins.weekday():
            raise ValueError("a simulated shop opens on a Monday")
        return begins

    @property
    def begin(self) -> int:
        """Day number of the first day."""
        return to_day(self.begins)

    @property
    def days(self) -> int:
        """Length of the log, in days."""
        return 7 * self.weeks

    @property
    def end(self) -> int:
        """Day number of the first day after the log."""
        return self.begin + self.days

    @property
    def shock_day(self) -> int:
        """Day since the beginning on which the news breaks; past the end where it never does."""
        return 7 * self.shock_week if self.shock_week else self.days


SCENARIOS: dict[str, Scenario] = {
    "steady": Scenario(regularity=4.0, rate_shape=6.0, wave=0.0, christmas=0.0, promotion_every=0),
    "growth": Scenario(growth=3.0),
    "holiday": Scenario(christmas=3.0, wave=0.25),
    "recall": Scenario(shock_week=100, recalled=0.25, shock_leaves=0.15),
    "price-rise": Scenario(shock_week=100, price_rise=0.15, shock_leaves=0.08),
    "young-shop": Scenario(weeks=26, weekly_orders=0.5),
    "subscription-like": Scenario(regularity=25.0, rate_shape=20.0, leaves_trial=0.15, slips=0.15, christmas=0.0),
}
"""The named scenarios; each changes what its name says and leaves the rest as it is.

`steady` is the calm one: nothing happens but the lives of its customers, whose
rhythms are more even than a real shop's. `young-shop` opened half a year ago,
so that a spec fitted on its first half knows three months; its customers order
more often than elsewhere, or there would be nothing to see in that time.
`subscription-like` runs like clockwork, and few leave on trial.
"""


def find_scenario(name: str) -> Scenario:
    """The scenario of a name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in SCENARIOS:
        raise UsageError(
            "there is no such scenario",
            got=repr(name),
            allowed=", ".join(SCENARIOS),
            remedy="name one of these, or make a Scenario of your own in Python",
        )
    return SCENARIOS[name]
