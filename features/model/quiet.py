"""Keep MLflow's chatter from users who never called MLflow."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings, log lines and printed lines of MLflow and its libraries; errors are still raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow.utils import logging_utils

        stream = logging_utils.MLFLOW_LOGGING_STREAM
        loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
        enabled, levels = stream.enabled, [logger.level for logger in loggers]
        stream.enabled = False
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            stream.enabled = enabled
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
