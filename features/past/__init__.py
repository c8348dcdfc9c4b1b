"""What is known at a cut-off, and how often it must be worked out."""

from features.past.past import Past
from features.past.snapshots import Snapshots

__all__ = ["Past", "Snapshots"]
