"""Forgetting a customer: out of everything that is kept, and the proof that nothing is left there."""

from serving.erasure.erasing import Erased, Kept, erase
from serving.erasure.who import Who

__all__ = ["Erased", "Kept", "Who", "erase"]
