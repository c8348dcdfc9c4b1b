"""Grading: what was published of a week beside what then came, once its period has passed.

`week` is what was published; `outcome` joins it with the orders of its period; `known` is what
baselines could learn from at its cut-off; `promise` what the model's own judgement leads to
expect; `grade` makes of all this a `features.grade.Grade`; `trend` puts grades into MLflow.
"""
