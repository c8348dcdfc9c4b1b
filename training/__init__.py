"""The only code that may look at the future: labels, splits, models, judging, tracking, promotion."""

import features  # noqa: F401  before LightGBM: it sets how its threads wait
