"""Settings of the weekly report."""

from pydantic import Field

from features.config import Strict


class ReportConfig(Strict):
    """What the report shows.

    Attributes:
        shop: whose customers these are; stands above the title.
        currency: put before amounts, as in "$".
        top: customers that a list holds at most; half as many whose risk rose, and whose risk fell.
        weeks: earlier weeks that trends are drawn from, at most.
    """

    shop: str = Field(default="", max_length=80)
    currency: str = Field(default="", max_length=8)
    top: int = Field(default=10, ge=0, le=100)
    weeks: int = Field(default=12, ge=1, le=104)
