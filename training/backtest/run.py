"""Forecast every cut-off of a backtest: what is on the shelf is kept, what another process is at is waited for."""

import time
from dataclasses import replace

import numpy as np

from features.clock import to_date
from features.errors import DataError
from features.history import History
from training.backtest.key import settings
from training.backtest.origins import Origin
from training.backtest.plan import Plan
from training.backtest.shelf import Shelf
from training.bench import Bench
from training.fit import Step
from training.forecasts import Forecasts
from training.log import Log
from training.sampling import drawn, share_at

PAUSE = 1.0
"""Seconds between two looks at what another process is at."""


def forecast_all(plan: Plan, shelf: Shelf, step: Step) -> list[Forecasts]:
    """What model and ladder say at every cut-off, oldest first.

    Started again after a crash it goes on where it stopped; several processes
    at once share the cut-offs among them.

    Args:
        plan: what to forecast.
        shelf: where forecasts are kept.
        step: told, in words, what is being done.

    Raises:
        DataError: too few customers or outcomes to learn from at a cut-off.
        StagecastError: the forecasts cannot be kept.
    """
    shelf.open(settings(plan.recipe))
    found: dict[int, Forecasts] = {}
    waits = False
    while waiting := [origin for origin in plan.origins if origin.cutoff not in found]:
        before = len(found)
        for origin in waiting:
            forecasts = _at(plan, origin, shelf, _with_place(step, plan, origin))
            if forecasts is not None:
                found[origin.cutoff] = _drawn(plan, forecasts)
        waited, waits = waits, len(found) == before
        if waits:
            if not waited:
                step("wait for another process, which is at the same cut-offs")
            time.sleep(PAUSE)
    return [found[cutoff] for cutoff in plan.cutoffs]


def _at(plan: Plan, origin: Origin, shelf: Shelf, step: Step) -> Forecasts | None:
    """The forecasts of one cut-off, from the shelf or made now; None while another process is at it."""
    kept = shelf.read(origin.cutoff)
    if kept is not None:
        step("was forecast before")
        return kept
    with shelf.claim(origin.cutoff) as mine:
        if not mine:
            return None
        kept = shelf.read(origin.cutoff)  # whoever held the claim until now may have made it
        if kept is None:
            kept = forecast(plan, origin, step)
            shelf.write(origin.cutoff, kept)
        return kept


def forecast(plan: Plan, origin: Origin, step: Step) -> Forecasts:
    """Fit a model at a cut-off as it would have been fitted then, and forecast all customers known.

    Raises:
        DataError: too few customers or outcomes to learn from.
    """
    log, recipe = Log.of(as_then(plan.history, origin.cutoff)), plan.recipe
    try:
        model, past = Bench(log, plan.spec, recipe, origin.cutoff, step).fit(origin.past)
    except DataError as error:
        raise DataError(
            f"cut-off {to_date(origin.cutoff)}: {error.problem}",
            got=error.got,
            allowed=error.allowed,
            remedy=f"{error.remedy}; or ask for fewer --cutoffs, which begin later",
        ) from error
    step("forecast beside the baselines")
    later = Bench(log, plan.spec, recipe, origin.cutoff + recipe.period_days, step).table([origin.cutoff])
    said = model.at(origin.cutoff).forecast(later.features, recipe.training.threads)
    return Forecasts.of(said, past.known, later, recipe.period_days)


def as_then(history: History, cutoff: int) -> History:
    """The history without the order columns that nobody had filled in by then: nobody could have learnt from them."""
    return replace(history, since={name: day for name, day in history.since.items() if day < cutoff})


def _with_place(step: Step, plan: Plan, origin: Origin) -> Step:
    place = f"{plan.origins.index(origin) + 1} of {len(plan.origins)}, {to_date(origin.cutoff)}"
    return lambda text: step(f"cut-off {place}: {text}")


def _drawn(plan: Plan, forecasts: Forecasts) -> Forecasts:
    """The forecasts of all customers or, where these are far too many to judge, of some, the same at each cut-off."""
    customers = drawn(plan.history.customers, share_at(plan.history, plan.cutoffs))
    return forecasts if customers is None else forecasts.only(np.isin(forecasts.customer, customers))
