"""Forecasts to be judged: snapshots of any cut-offs, what everybody said of them, and what came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import StagecastError
from features.fixed import Floats, Ints
from features.model.forecast import Forecast
from features.stages.moves import STAGES, Booleans, Stages
from training.ladder import MODEL, binary_ladder, spend_ladder, stage_ladder
from training.table import Table

ORDER, REGRESSION, NEXT_STAGE, SPEND = "order", "regression", "next stage", "spend"
TARGETS = (ORDER, REGRESSION, NEXT_STAGE, SPEND)

Said = Mapping[str, Floats]
"""What each predictor said, shape (n,), or (n, 4) of the next stage: in the order of the ladder, the model first."""

_BETWEEN = ": "


@dataclass(frozen=True)
class Forecasts:
    """Rows are snapshots, in any order; every array has shape (n,).

    Attributes:
        customer: what names the customer at every cut-off: codes of one
            history, or ids.
        cutoff: tick of each.
        stage: stage now, as `Stage`.
        sub_state: as `SubState`.
        order_days: order-days so far.
        next_stage: stage one period later.
        ordered: whether there was an order in the period.
        spend: net spend in it; NaN without money.
        said: by target of `TARGETS`, not necessarily all of them, what each
            predictor said: probabilities, distributions, money.
    """

    customer: npt.NDArray[Any]
    cutoff: Ints
    stage: Stages
    sub_state: Stages
    order_days: Ints
    next_stage: Stages
    ordered: Booleans
    spend: Floats
    said: Mapping[str, Said]

    def __post_init__(self) -> None:
        """Raise StagecastError for what cannot be judged.

        That is: no rows, arrays of other lengths, unknown targets, a number
        that is missing, infinite or no probability.
        """
        _require_rows(self)
        for target, said in self.said.items():
            for predictor, p in said.items():
                _require_forecast(target, predictor, p, len(self))

    @classmethod
    def of(cls, forecast: Forecast, past: Table, later: Table, period_days: int) -> "Forecasts":
        """What a model said of later snapshots, beside the whole ladder.

        Args:
            forecast: what the model said of `later`.
            past: snapshots the baselines are fitted on: those of the model's fit and calibration.
            later: snapshots to judge on.
            period_days: length of the label window.
        """
        said = {ORDER: forecast.p_order, REGRESSION: forecast.p_regression, NEXT_STAGE: forecast.stages}
        money = np.isfinite(forecast.expected_spend).all()
        return cls.laddered({**said, SPEND: forecast.expected_spend} if money else said, past, later, period_days)

    @classmethod
    def laddered(cls, said: Said, past: Table, later: Table, period_days: int) -> "Forecasts":
        """What was said of later snapshots, by target, beside the whole ladder. Arguments as those of `of`."""
        ladder: dict[str, Callable[[], Said]] = {
            ORDER: lambda: binary_ladder(ORDER, past, later, period_days),
            REGRESSION: lambda: binary_ladder(REGRESSION, past, later, period_days),
            NEXT_STAGE: lambda: stage_ladder(past, later),
            SPEND: lambda: spend_ladder(later, period_days, past),
        }
        return cls.about(later, {target: {MODEL: p, **ladder[target]()} for target, p in said.items()})

    @classmethod
    def about(cls, later: Table, said: Mapping[str, Said]) -> "Forecasts":
        """What was said of snapshots, beside what came of them."""
        return cls(
            later.snapshots.customer,
            later.snapshots.cutoff,
            later.now.stage,
            later.now.sub_state,
            later.facts["order_days"].to_numpy(),
            later.labels.next_stage,
            later.labels.ordered,
            later.labels.spend,
            said,
        )

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def cutoffs(self) -> list[int]:
        """The cut-offs, ascending."""
        return [int(cutoff) for cutoff in np.unique(self.cutoff)]

    def each(self) -> Iterator[tuple[str, str]]:
        """Each target with each of its predictors."""
        return ((target, predictor) for target, said in self.said.items() for predictor in said)

    def only(self, inside: Booleans) -> "Forecasts":
        """The rows inside, of which there must be one at least."""
        facts = {name: getattr(self, name)[inside] for name in _FACTS}
        said = {target: {name: p[inside] for name, p in said.items()} for target, said in self.said.items()}
        return Forecasts(**facts, said=said)

    def beside(self, target: str, predictor: str, p: Floats) -> "Forecasts":
        """The same with one more predictor of a target, the last of its ladder."""
        return replace(self, said={**self.said, target: {**self.said.get(target, {}), predictor: p}})

    @classmethod
    def stack(cls, parts: Sequence["Forecasts"]) -> "Forecasts":
        """The rows of several, in their order.

        Raises:
            StagecastError: they are of other targets or predictors.
        """
        first = parts[0]
        ladders = [{target: list(said) for target, said in part.said.items()} for part in parts]
        if other := [ladder for ladder in ladders if ladder != ladders[0]]:
            raise StagecastError("Forecasts of other targets or predictors.", got=other[0], allowed=ladders[0])
        facts = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _FACTS}
        said = {
            target: {name: np.concatenate([part.said[target][name] for part in parts]) for name in ladder}
            for target, ladder in first.said.items()
        }
        return cls(**facts, said=said)

    def frame(self) -> pd.DataFrame:
        """One row a snapshot: the attributes, then `target: predictor`, and `...: stage` where it is a distribution."""
        columns: dict[str, npt.NDArray[Any]] = {name: getattr(self, name) for name in _FACTS}
        for target, said in self.said.items():
            for predictor, p in said.items():
                name = f"{target}{_BETWEEN}{predictor}"
                parts = {name: p} if p.ndim == 1 else {f"{name}{_BETWEEN}{s}": p[:, k] for k, s in enumerate(STAGES)}
                columns |= parts
        return pd.DataFrame(columns)

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> "Forecasts":
        """What `frame` was made from, bit for bit, also when it was a Parquet file in between."""
        said: dict[str, dict[str, Floats]] = {}
        for column in frame.columns.drop(list(_FACTS)):
            target, predictor = column.split(_BETWEEN)[:2]
            if predictor not in said.setdefault(target, {}):
                said[target][predictor] = _said(frame, target, predictor)
        return cls(**{name: frame[name].to_numpy() for name in _FACTS}, said=said)


_FACTS = tuple(field.name for field in fields(Forecasts) if field.name != "said")


def _said(frame: pd.DataFrame, target: str, predictor: str) -> Floats:
    name = f"{target}{_BETWEEN}{predictor}"
    columns = [f"{name}{_BETWEEN}{stage}" for stage in STAGES] if target == NEXT_STAGE else name
    return frame[columns].to_numpy()


def _require_rows(forecasts: Forecasts) -> None:
    rows = {name: len(getattr(forecasts, name)) for name in _FACTS}
    if set(rows.values()) != {len(forecasts)} or not len(forecasts):
        raise StagecastError("Snapshots that cannot be judged.", got=rows, allowed="equal lengths, one row at least")
    if unknown := set(forecasts.said) - set(TARGETS):
        raise StagecastError("Forecasts of unknown targets.", got=sorted(unknown), allowed=", ".join(TARGETS))
    if SPEND in forecasts.said and not np.isfinite(forecasts.spend).all():
        raise StagecastError("A forecast of spend where the spend is not known.", got="NaN", allowed="finite numbers")


def _require_forecast(target: str, predictor: str, p: Floats, rows: int) -> None:
    shape = (rows, len(STAGES)) if target == NEXT_STAGE else (rows,)
    what = f"The forecast of {target} by '{predictor}'"
    if _BETWEEN in predictor:
        raise StagecastError(f"{what} cannot be kept.", got=predictor, allowed=f"a name without '{_BETWEEN}'")
    if p.shape != shape or not np.isfinite(p).all():
        got = f"shape {p.shape}, {int((~np.isfinite(p)).sum())} not finite"
        raise StagecastError(f"{what} cannot be judged.", got=got, allowed=f"finite numbers of shape {shape}")
    if target != SPEND and (p.min() < 0 or p.max() > 1):
        raise StagecastError(f"{what} is no probability.", got=f"{p.min()} ... {p.max()}", allowed="0 ... 1")
    if target == NEXT_STAGE and np.abs(p.sum(axis=1) - 1).max() > 1e-6:
        raise StagecastError(f"{what} does not sum to 1.", got=f"{p.sum(axis=1).min()} ... {p.sum(axis=1).max()}")
