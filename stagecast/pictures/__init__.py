"""Pictures of a shop's stages, readable in print and by the colour-blind."""

from stagecast.pictures.mix import stage_mix

__all__ = ["stage_mix"]
