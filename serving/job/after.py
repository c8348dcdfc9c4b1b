"""What is told of a week once it stands: who moved since the week before, and whether the model still fits."""

from collections.abc import Mapping, Sequence

from features.grade import KIND, Grade
from features.model.reference import Reference
from serving.drift import Drift, DriftConfig, drift
from serving.gates import WeekFacts
from serving.moved import COLUMNS, moved
from serving.store import Receipt, Store, document


def keep_moved(store: Store, receipt: Receipt, before: Receipt | None) -> None:
    """Keep who moved since the week before, where there is one whose stages follow the same spec."""
    if before is None or before.spec_hash != receipt.spec_hash:
        return
    weeks = before.as_of, receipt.as_of
    then, now = (store.read(week, COLUMNS) for week in weeks)
    store.keep("moved", receipt.as_of, moved(then, now, weeks).model_dump(mode="json"))


def keep_drift(
    store: Store, weeks: Sequence[WeekFacts], known: tuple[Reference, Mapping[str, str]], config: DriftConfig
) -> Drift:
    """Keep how far the newest week has drifted from training, and what follows from it.

    Args:
        store: where grades of earlier weeks are, and the drift goes.
        weeks: facts of weeks, oldest first, the newest last.
        known: what the world looked like in training, and what the features mean.
        config: when drift is told.
    """
    graded = (document(store, KIND, week.as_of, Grade) for week in weeks[:-1])
    found = drift(known[0], weeks, [grade for grade in graded if grade], known[1], config)
    store.keep("drift", weeks[-1].as_of, found.model_dump(mode="json"))
    return found
