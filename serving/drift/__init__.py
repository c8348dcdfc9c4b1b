"""Drift: the week against training, as a decision."""

from serving.drift.drift import Decision, Drift, Moved

__all__ = ["Decision", "Drift", "Moved"]
