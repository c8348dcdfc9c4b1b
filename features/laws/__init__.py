"""The laws of point-in-time data, and one call that puts a feature, a query or a pipeline to them all."""

from features.laws.check import assert_point_in_time

__all__ = ["assert_point_in_time"]
