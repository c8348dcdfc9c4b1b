"""What a training run keeps of the validity of its stages."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from features.errors import DataError
from features.stages.spec import StageSpec
from training.config import TrainingConfig
from training.log import Log
from training.validity.pictures import claims_figure, tradeoff_figure
from training.validity.report import Validity
from training.validity.run import judge_stages
from training.validity.span import Settings, given_span

_DRAWS_A_SHUFFLE = 50
_MOST_CUSTOMERS = 50_000  # a run's report tells a drift of the stages; `stagecast validity` measures more


def try_stages(log: Log, spec: StageSpec, end: int, config: TrainingConfig) -> Validity | None:
    """Validity of a spec at ticks after the orders it was fitted on, from the orders before `end`.

    Returns:
        None where the configuration asks for none, or too little came after the spec was fitted.
    """
    draws = config.validity_resamples
    if not draws:
        return None
    try:
        span = given_span(log, end, spec)
    except DataError:
        return None
    shuffles = -(-draws // _DRAWS_A_SHUFFLE)
    settings = Settings(resamples=draws, shuffles=shuffles, seed=config.seed, most=_MOST_CUSTOMERS)
    known = int(log.known([span.end])[0])
    return judge_stages(log.few(settings.most, span.end), span, settings, known=known)


def validity_tables(validity: Validity | None) -> dict[str, pd.DataFrame]:
    """Tables of a run, by name."""
    if validity is None:
        return {}
    return {"validity_claims": validity.claims, "validity_by_stage": validity.by_stage}


def validity_figures(validity: Validity | None) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture of a run."""
    if validity is not None:
        yield "validity_claims.png", claims_figure(validity.claims)
        yield "tradeoff.png", tradeoff_figure(validity.tradeoff)
