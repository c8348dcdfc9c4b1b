"""Hold a later champion against a challenger that was trained before it, on the challenger's own orders."""

from dataclasses import replace

import numpy as np

from features.errors import DataError
from features.history import History
from features.past import Snapshots
from training.bench import Bench
from training.config import Recipe
from training.fit import Step
from training.gate.evidence import Evidence, said_by
from training.gate.standing import Ring, Standing, Stood, stand
from training.ladder import MODEL
from training.log import Log
from training.sampling import some_of


def judge_anew(
    champion: Standing, challenger: tuple[Standing, Evidence], history: History, recipe: Recipe, step: Step
) -> Stood:
    """Judge the present champion on the snapshots that a challenger was judged on.

    Args:
        champion: the present one.
        challenger: itself, and what its run kept.
        history: the orders it was trained on, with the tables beside them.
        recipe: clock, features and period; the settings of training are the challenger's own where its run says them.
        step: told, in words, what is being done.

    Raises:
        DataError: these orders make other snapshots.
    """
    itself, evidence = challenger
    cutoffs = evidence.forecasts.cutoffs
    end = itself.end if itself.end is not None else cutoffs[-1] + recipe.period_days
    mine = replace(recipe, training=itself.config or recipe.training)
    bench = Bench(Log.of(history), itself.model.spec, mine, end, step)
    _require_rows(evidence, some_of(history, cutoffs, bench.share(cutoffs)))
    return stand(champion, Ring(bench, cutoffs, said_by(evidence.forecasts, MODEL) or {}))


def require_orders(evidence: Evidence, digest: str) -> None:
    """Check that orders are those a challenger was trained on.

    Raises:
        DataError: they are others.
    """
    if digest != evidence.facts.data_digest:
        raise DataError(
            "these are not the orders that the version was trained on",
            got=f"digest {digest}",
            allowed=f"digest {evidence.facts.data_digest}: the orders before {evidence.facts.until}, unchanged",
            remedy="give those, under the same settings; or train again on these, which compares with the champion",
        )


def _require_rows(evidence: Evidence, snapshots: Snapshots) -> None:
    here = np.column_stack([snapshots.cutoff, snapshots.customer])
    if not np.array_equal(here, np.column_stack([evidence.forecasts.cutoff, evidence.forecasts.customer])):
        raise DataError(
            "these orders make other snapshots than those the version was judged on",
            got=f"{len(here):,} snapshots",
            allowed=f"{len(evidence.forecasts):,}, of the same customers",
            remedy="train again, which compares with the champion",
        )
