"""The verb of every week for a shop whose orders lie in Spark."""

from typing import TYPE_CHECKING

from features.orders.gate import Whole
from features.orders.limits import terms
from serving.registered import Registered
from stagecast.config import Config
from stagecast.cutoffs import days_before
from stagecast.scoring import the_week

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from serving.spark import SparkScores


def score_on_spark(
    orders: "DataFrame",
    as_of: str | None = None,
    config: Config | None = None,
    model: str | Registered | None = None,
    partitions: int | None = None,
) -> "SparkScores":
    """Score every customer known at a cut-off where Spark holds the orders; the rows are those of `score`, bit for bit.

    The model is fetched and checked here and travels to Spark's workers, which
    need this package and the versions of the lock. Gates, the store, the report
    and MLflow's record of the week are left to `stagecast score`.

    Args:
        orders: a frame of Spark 4 with the columns of an order source; read twice.
        as_of: a tick of the model's clock, YYYY-MM-DD; by default the last one.
        config: settings; the champion's name is one of them.
        model: `NAME@ALIAS`, `NAME/VERSION`, or a model fetched before.
        partitions: in so many parts; a part must fit into the memory of a task. By default Spark's settings say.

    Raises:
        UsageError: `as_of` is no tick of the model's clock, or the settings ask for another one.
        DataError: the orders cannot be used, or nobody is known.
        ModelError: no such model, damaged files, a contract that does not fit, or workers with other versions.
    """
    from serving.spark import score_frame
    from serving.spark.lines import Cleaner

    week = the_week(as_of, (config or Config()).overridden("serving", threads=1), model)
    allowed = terms(week.config.orders, week.config.clock, span=days_before(week.day, week.config))
    cleaner = Cleaner(allowed, week.registered.model.contract.columns, Whole())
    return score_frame(orders, week.scorer(orders), cleaner, partitions)
