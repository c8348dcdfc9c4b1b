"""All pictures of a shop at once: its customers are walked a single time."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.pictures.course import Course
from stagecast.pictures.flow import draw_flow
from stagecast.pictures.mix import draw_mix
from stagecast.pictures.survival import draw_survival
from stagecast.pictures.transitions import draw_transitions


def shop_pictures(
    orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None
) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each picture of a shop: mix, flow, transitions, survival.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    course = Course.of(orders, as_of, config, spec)
    yield "mix", draw_mix(course)
    yield "flow", draw_flow(course)
    yield "transitions", draw_transitions(course)
    yield "survival", draw_survival(course)
