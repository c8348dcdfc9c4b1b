"""What `stagecast stages` shows besides its table: one customer's journey, and pictures of the shop."""

from dataclasses import dataclass
from pathlib import Path

from features.errors import UsageError
from features.ids import shown
from features.orders import CleanOrders
from features.stages.spec import StageSpec
from stagecast import describe
from stagecast.config import Config
from stagecast.progress import Step


@dataclass(frozen=True)
class Views:
    """What is asked for: a customer, a file for its picture, a folder for the shop's pictures."""

    customer: str | None = None
    draw: Path | None = None
    pictures: Path | None = None

    def __bool__(self) -> bool:
        return self.customer is not None or self.pictures is not None

    def check(self) -> None:
        """Check the paths before the work.

        Raises:
            UsageError: a path cannot be what it should become, or `--draw` lacks its customer.
        """
        if self.draw and self.customer is None:
            raise UsageError(
                "--draw draws one customer",
                remedy="name one with --customer ID, or draw the shop with --pictures FOLDER",
            )
        if not (self.draw or self.pictures):
            return
        from stagecast.pictures.files import require_folder, require_picture

        if self.draw:
            require_picture(self.draw)
        if self.pictures:
            require_folder(self.pictures)

    def made(self, clean: CleanOrders, as_of: str, settings: tuple[Config, StageSpec], step: Step) -> list[str]:
        """Draw what is asked for; the lines to print, the last one saying what is where."""
        lines = self._journey(clean, as_of, settings, step) if self.customer is not None else []
        if self.pictures:
            lines += _draw_shop(clean, as_of, settings, (self.pictures, step))
        return lines

    def _journey(self, clean: CleanOrders, as_of: str, settings: tuple[Config, StageSpec], step: Step) -> list[str]:
        step("follow the customer")
        told = describe.journey(clean, str(self.customer), as_of, *settings)
        lines = [*told.lines(), ""]
        if not self.draw:
            return [*lines, f"This is the journey of customer {shown(told.customer)} up to {as_of}"]
        from stagecast.pictures.files import save
        from stagecast.pictures.journey import draw_journey

        step("draw")
        save(draw_journey(told), self.draw)
        return [*lines, f"The journey of customer {shown(told.customer)} up to {as_of} is drawn in {self.draw}"]


def _draw_shop(
    clean: CleanOrders, as_of: str, settings: tuple[Config, StageSpec], where: tuple[Path, Step]
) -> list[str]:
    from stagecast.pictures import save, shop_pictures

    folder, step = where
    step("draw")
    names = []
    for name, figure in shop_pictures(clean, as_of, *settings):
        save(figure, folder / f"{name}.png")
        names.append(f"{name}.png")
    return [f"Pictures of the shop at {as_of} are in {folder}: {', '.join(names)}"]
