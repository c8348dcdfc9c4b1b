"""Drift: the week against training, as a decision."""

from serving.drift.config import DriftConfig
from serving.drift.decide import drift
from serving.drift.drift import Decision, Drift, Moved

__all__ = ["Decision", "Drift", "DriftConfig", "Moved", "drift"]
