"""Pictures of a shop's stages, readable in print and by the colour-blind."""

from stagecast.pictures.files import save
from stagecast.pictures.flow import stage_flow
from stagecast.pictures.journey import customer_journey
from stagecast.pictures.mix import stage_mix
from stagecast.pictures.shop import shop_pictures
from stagecast.pictures.survival import stage_survival
from stagecast.pictures.transitions import stage_transitions
from training.validity.pictures import claims_figure, tradeoff_figure

__all__ = [
    "claims_figure",
    "customer_journey",
    "save",
    "shop_pictures",
    "stage_flow",
    "stage_mix",
    "stage_survival",
    "stage_transitions",
    "tradeoff_figure",
]
