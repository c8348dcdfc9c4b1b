"""Choose the stage spec of a training run: fit one, or make sure that the one to keep may be kept."""

from features.clock import Clock, to_date
from features.errors import DataError, UsageError
from features.stages.spec import StageSpec
from training.chosen import Chosen, Wish, owner
from training.config import Recipe
from training.log import Log

_REFIT = "--refit-spec fits the spec anew on these orders"


def choose(wish: Wish, log: Log, before: int, recipe: Recipe) -> Chosen:
    """The spec to train under.

    Args:
        wish: the spec to keep, if any.
        log: all orders; those on or after `before` are not looked at.
        before: tick at which the calibration of the judged fit begins; a spec
            that has seen orders from there on knows part of the answers.
        recipe: clock, constants and period of a spec that is fitted.

    Raises:
        UsageError: the spec to keep has seen too much, or has another clock or period.
        DataError: it measures money, and the orders have none.
    """
    if wish.spec is None:
        fitted = log.fit_spec(before, recipe.period_days, recipe.stages, recipe.clock)
        return Chosen(fitted, wish, fitted)
    spec = wish.spec
    _require_time(wish, spec, recipe)
    _require_blind(wish, spec, before)
    _require_money(wish, spec, log)
    present = log.fit_spec(before, spec.hold_days, spec.constants, Clock(spec.week_starts))
    return Chosen(spec, wish, present, later=to_date(log.first_day).isoformat() >= spec.fitted_before)


def _require_time(wish: Wish, spec: StageSpec, recipe: Recipe) -> None:
    theirs, ours = (spec.week_starts, spec.hold_days), (recipe.clock.week_starts, recipe.period_days)
    if theirs != ours:
        raise UsageError(
            f"the stage spec of {owner(wish.origin)} has another clock or period",
            got=f"weeks from {ours[0]}, periods of {ours[1]} days",
            allowed=f"weeks from {theirs[0]}, periods of {theirs[1]} days",
            remedy=f"leave clock and period to the spec; or {_REFIT}",
        )


def _require_blind(wish: Wish, spec: StageSpec, before: int) -> None:
    """A spec that saw what judges was made with the answers at hand."""
    latest = to_date(before).isoformat()
    if spec.fitted_before > latest:
        raise UsageError(
            f"the stage spec of {owner(wish.origin)} has seen orders that are to judge the model",
            got=f"spec {spec.hash}, fitted on orders before {spec.fitted_before}",
            allowed=f"fitted before {latest} or earlier, where calibration and judging begin",
            remedy=f"{_REFIT}; or give a later --as-of, so that they begin later",
        )


def _require_money(wish: Wish, spec: StageSpec, log: Log) -> None:
    if spec.level_measure == "net" and "amount" not in log.has:
        raise DataError(
            f"the stage spec of {owner(wish.origin)} measures a customer's level in money, and these orders have none",
            got=f"optional columns {', '.join(sorted(log.has)) or 'none'}",
            allowed="orders with a column 'amount'",
            remedy=f"map the column under [orders] columns; or {_REFIT}, by order-days",
        )
