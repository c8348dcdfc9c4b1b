"""How the experiment of the grades looks in MLflow's UI: one run a model version, one point a week."""

from training.grading.lately import LATELY
from training.views import Chart, View, course

KEY = "stagecast-how-good-it-was"
"""Name of the view in addresses: `...&viewStateShareKey=stagecast-how-good-it-was`."""

NOTE = """\
How good were the scores? Open *Views* > *How good it was*, as charts: each line is a model version, each point a \
published week, graded once its period had passed.

`*/log_loss_share` is the log loss less that of a plain table of shares, relative to it: below 0 is better, and a line \
that crosses `*_worst` raised an alarm, which the run's description puts into words. `*/observed` should lie between \
`*_low` and `*_high`, and so should `*/observed_lately`, which takes the weeks of a quarter together.
"""

_TARGETS = ("order", "regression", "next_stage")
_LEVELS = ("order", "regression", "spend")


def how_good_it_was() -> View:
    """The view of the grades."""
    charts: dict[str, list[Chart]] = {
        "Log loss beside the worst promised": [
            course((f"{target}/log_loss_share", f"{target}/log_loss_share_worst"), _titled(target))
            for target in _TARGETS
        ],
        "What came, between low and high": [_level(target, "observed") for target in _LEVELS],
        "The same, weeks together": [_level(target, LATELY) for target in _LEVELS],
        "Log loss: lower is better": [course((f"{target}/log_loss",), _titled(target)) for target in _TARGETS],
        "Ranking: higher is better": [
            course(("order/auroc",), "AUROC of order"),
            course(("regression/auroc",), "AUROC of regression"),
            course(("spend/gini",), "normalised Gini of spend"),
        ],
    }
    columns = ("tags.`alarm`", "tags.`as_of`", "metrics.`weeks`", "metrics.`alarms`", *_columns())
    return View(KEY, "How good it was", NOTE, columns, charts)


def _level(target: str, name: str) -> Chart:
    return course(tuple(f"{target}/{each}" for each in (name, f"{name}_low", f"{name}_high")), _titled(target))


def _columns() -> list[str]:
    return [f"metrics.`{target}/log_loss_share`" for target in _TARGETS] + ["metrics.`order/auroc`"]


def _titled(target: str) -> str:
    return target.replace("_", " ")
