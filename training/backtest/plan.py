"""What a backtest does, before anything is fitted: its cut-offs, and one stage spec for all of them."""

from dataclasses import dataclass
from pathlib import Path

from features.clock import to_date
from features.history import History
from features.stages.spec import StageSpec
from training.backtest.key import key
from training.backtest.origins import Origin, origins
from training.backtest.shelf import Shelf
from training.choose import choose
from training.chosen import Chosen, Wish
from training.config import Recipe
from training.fit import require_customers
from training.log import Log


@dataclass(frozen=True)
class Plan:
    """What a backtest does.

    Attributes:
        history: all orders up to the cut-off that the backtest is made at.
        recipe: how a model is trained at each cut-off.
        chosen: the stage spec, and why it is that one.
        origins: the cut-offs, oldest first.
        end: tick up to which orders are known.
        wanted: number of cut-offs that were asked for.
    """

    history: History
    recipe: Recipe
    chosen: Chosen
    origins: list[Origin]
    end: int
    wanted: int

    @property
    def spec(self) -> StageSpec:
        """The stage spec: one for all cut-offs, so that a stage means the same at each."""
        return self.chosen.spec

    @property
    def cutoffs(self) -> list[int]:
        """The cut-offs, oldest first."""
        return [origin.cutoff for origin in self.origins]

    def shelf(self, out: Path) -> Shelf:
        """Where the forecasts are kept: a folder of `out`, named by all that they depend on."""
        return Shelf(out / key(self.history, self.spec, self.recipe), self.history.customers)

    def notes(self) -> list[str]:
        """What a reader must know, a sentence or two a line."""
        spec, first = self.spec, to_date(self.cutoffs[0])
        notes = [f"Stage spec {spec.hash}, fitted on the orders before {spec.fitted_before}, holds at all cut-offs."]
        if len(self.origins) < self.wanted:
            notes.append(
                f"Note: {self.wanted} cut-offs were asked for; the log has room for {len(self.origins)},"
                f" the first at {first}."
            )
        return notes


def plan(history: History, as_of: int, wanted: int, recipe: Recipe, wish: Wish | None = None) -> Plan:
    """Choose the cut-offs and the stage spec.

    The spec is fitted on the orders before the first model's calibration, as
    in training; one that is given must not have seen more.

    Args:
        history: all orders before `as_of`.
        as_of: tick; no label window goes beyond it, nor beyond the last order before it.
        wanted: number of cut-offs.
        recipe: how a model is trained at each.
        wish: the stage spec to keep, if any.

    Raises:
        DataError: the log is too short or too small, or has no money for the spec to keep.
        UsageError: no cut-off is wanted, or the spec to keep has seen too much.
    """
    end = min(as_of, recipe.clock.floor(int(history.day.max()) + 1))
    found = origins(history.first_day, end, wanted, recipe)
    first = found[0].past
    require_customers(len(history.known(first.fit[-1])), recipe.training)
    return Plan(
        history, recipe, choose(wish or Wish(), Log.of(history), first.calibrate[0], recipe), found, end, wanted
    )
