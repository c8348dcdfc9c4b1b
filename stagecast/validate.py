"""The verb `validity`: are the stages what the domain says?"""

import os
from typing import TYPE_CHECKING

import pandas as pd

from features.history import History
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders, check, orders_before
from stagecast.progress import tell

if TYPE_CHECKING:
    from training.validity.report import Validity


def validity(
    orders: Orders,
    as_of: str,
    config: Config | None = None,
    spec: StageSpec | None = None,
    events: str | os.PathLike[str] | pd.DataFrame | None = None,
) -> "Validity":
    """Measure the stages on an order log and put each claim of the domain to the test.

    Args:
        orders: a source of orders, or clean ones.
        as_of: a tick, YYYY-MM-DD; orders at or after it are not looked at.
        config: settings; `[training] resamples` and `seed` are those of the intervals.
        spec: a frozen spec; it judges only at ticks after the orders it was
            fitted on. Without one the spec is fitted on the first half of the
            log, and the second half judges.
        events: referrals and cost to serve: a Parquet or CSV file, or a table,
            with `customer_id`, `at`, `kind` (`referral`, `cost_to_serve`) and `value`.

    Raises:
        UsageError: `as_of` is no tick of the clock, or there is no such file.
        DataError: the log is too short, or events cannot be right.
    """
    from training.log import Log
    from training.validity.events import read_events
    from training.validity.run import judge_stages
    from training.validity.span import Settings, given_span, new_span

    config = config or Config()
    config = config.under(spec) if spec else config
    end = config.the_clock.tick(as_of)
    happened = None if events is None else read_events(events, config.clock.timezone)
    used, day = orders_before(check(orders, config, end), as_of, config)
    history = History.of(used)
    constants = (config.stages, config.period_days, config.the_clock)
    log = Log.of(history)
    span = given_span(log, day, spec) if spec else new_span(log, day, constants)
    tell("measure the stages and test the claims")
    settings = Settings(resamples=config.training.resamples, seed=config.training.seed)
    return judge_stages(history, span, settings, happened)
