"""Rolling-origin backtest: at each of the last cut-offs a model is fitted as it would have been then, and judged after.

`origins` says which cut-offs there are and what each may learn from; `run` forecasts them, one
file a cut-off in a `shelf` named by the `key` of all that a forecast depends on; `report` judges
them together and apart.
"""
