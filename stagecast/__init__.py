"""stagecast: where every customer stands, where each will stand next, and how likely each is to regress.

The verbs of the command line, on files or DataFrames:
`check`, `stages`, `explain`, `journey`, `features`, `write_features`, `validity`, `train`, `promote`, `score`,
`backtest`, `grade`, `forget`, `simulate`, `recovery`, `tune`.
"""

from importlib import import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.feature import Feature
    from features.laws import assert_point_in_time
    from features.sets.declared import FeatureSet
    from features.sets.own import feature
    from features.tables.config import Events, EventsConfig, Profile, ProfileConfig
    from features.transformer import LifecycleFeatures
    from stagecast.beside import with_tables
    from stagecast.config import Config
    from stagecast.describe import check, explain, features, journey, stage_spec, stages
    from stagecast.erasing import forget
    from stagecast.feature_file import write_features
    from stagecast.grading import grade
    from stagecast.models import promote, rollback, train
    from stagecast.rolling import backtest
    from stagecast.scoring import score
    from stagecast.shops import recovery, simulate
    from stagecast.studies import tune
    from stagecast.validate import validity

__all__ = [
    "Config",
    "Events",
    "EventsConfig",
    "Feature",
    "FeatureSet",
    "LifecycleFeatures",
    "Profile",
    "ProfileConfig",
    "assert_point_in_time",
    "backtest",
    "check",
    "explain",
    "feature",
    "features",
    "forget",
    "grade",
    "journey",
    "promote",
    "recovery",
    "rollback",
    "score",
    "simulate",
    "stage_spec",
    "stages",
    "train",
    "tune",
    "validity",
    "with_tables",
    "write_features",
]
__version__ = _version("stagecast")


def __getattr__(name: str) -> Any:
    """Load a verb when it is first used, so that importing stagecast costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'stagecast' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


_HOME = {
    "Config": "stagecast.config",
    "Events": "features.tables.config",
    "EventsConfig": "features.tables.config",
    "Feature": "features.feature",
    "FeatureSet": "features.sets.declared",
    "LifecycleFeatures": "features.transformer",
    "Profile": "features.tables.config",
    "ProfileConfig": "features.tables.config",
    "assert_point_in_time": "features.laws",
    "feature": "features.sets.own",
    "with_tables": "stagecast.beside",
    "check": "stagecast.describe",
    "stage_spec": "stagecast.describe",
    "stages": "stagecast.describe",
    "explain": "stagecast.describe",
    "features": "stagecast.describe",
    "write_features": "stagecast.feature_file",
    "journey": "stagecast.describe",
    "validity": "stagecast.validate",
    "train": "stagecast.models",
    "backtest": "stagecast.rolling",
    "forget": "stagecast.erasing",
    "grade": "stagecast.grading",
    "promote": "stagecast.models",
    "rollback": "stagecast.models",
    "score": "stagecast.scoring",
    "simulate": "stagecast.shops",
    "recovery": "stagecast.shops",
    "tune": "stagecast.studies",
}
