"""The season of a year ago: how far the orders of a week's period were off, then, from those of the whole year."""

from datetime import date

import numpy as np
from pydantic import ConfigDict, Field

from features.clock import WEEK, to_day
from features.config import Strict
from features.fixed import Floats, Ints
from features.model.ahead import YEAR

WEEKS = YEAR // WEEK
"""A year is so many weeks, so that a cut-off and that of a year ago fall on the same day of the week."""


class Seasons(Strict):
    """What is added to the log odds of an order a year after each of some weekly cut-offs.

    Attributes:
        first: the oldest of these cut-offs, YYYY-MM-DD.
        shifts: one a week from there on.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    first: date
    shifts: tuple[float, ...] = Field(min_length=1)

    def at(self, cutoff: Ints | int) -> Floats:
        """What is added at each cut-off, in its shape; 0 where no week a whole number of years before is known.

        Of several such weeks the newest counts. A cut-off between two weeks has the earlier one's.
        """
        week = (np.asarray(cutoff, dtype=np.int64) - to_day(self.first)) // WEEK
        beyond = week - (len(self.shifts) - 1)
        ago = week - WEEKS * np.maximum(1, -(-beyond // WEEKS))
        return np.where(ago >= 0, np.asarray(self.shifts)[np.maximum(ago, 0)], 0.0)
