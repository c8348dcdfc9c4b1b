"""The only code that may look at the future: labels, splits, models, judging, tracking, promotion."""
