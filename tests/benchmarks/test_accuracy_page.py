"""The page of accuracy is filled by what the benchmark makes: every table has its place, nothing else is touched."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from features.fixed import Floats
from training import metrics
from training.backtest.report import Backtest
from training.bootstrap import Resampling
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
CUTOFFS = [14_000, 14_028]
ROWS = 200


def module(name: str) -> ModuleType:
    """A module of the benchmark, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"accuracy_{name}", ROOT / "benchmarks" / "accuracy" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def invented(money: bool = True) -> Forecasts:
    """Two cut-offs of customers whose future was drawn from what one of the baselines says."""
    rng = np.random.default_rng(3)
    rows = ROWS * len(CUTOFFS)
    p = rng.uniform(0.05, 0.95, rows)
    stages = rng.dirichlet(np.ones(4), rows)
    next_stage = np.array([rng.choice(4, p=one) for one in stages], dtype=np.int8)
    stage = rng.integers(0, 4, rows).astype(np.int8)

    def blurred(by: float) -> Floats:
        return np.asarray((1 - by) * p + by * 0.5)

    said = {
        "order": {MODEL: p, "base rate": np.full(rows, 0.5), "recency": blurred(0.9), "logistic RFM": blurred(0.5)},
        "regression": {MODEL: stages[:, 3], "base rate": np.full(rows, 0.25), "stage table": 0.5 * stages[:, 3]},
        "next stage": {MODEL: stages, "transition table": 0.5 * stages + 0.125},
    }
    if money:
        said["spend"] = {MODEL: 10 * p, "spend of 26 weeks": 10 * blurred(0.5)}
    return Forecasts(
        np.tile(np.arange(ROWS), len(CUTOFFS)),
        np.repeat(CUTOFFS, ROWS),
        stage,
        np.where(stage == 3, rng.integers(1, 4, rows), 0).astype(np.int8),
        rng.integers(1, 5, rows),
        next_stage,
        rng.random(rows) < p,
        rng.gamma(1, 10, rows) * p if money else np.full(rows, np.nan),
        said,
    )


def backtest(forecasts: Forecasts) -> Backtest:
    plan = SimpleNamespace(cutoffs=CUTOFFS, recipe=SimpleNamespace(period_days=28))
    return Backtest(plan, forecasts, judge_forecasts(forecasts, Judging(Resampling(50, seed=1))))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    titles = [(one.title, one.unpredictable) for one in module("sets").SETS]
    rich, poor = backtest(invented()), backtest(invented(money=False))
    sets = {title: poor if title == "grocery" else rich for title, random in titles if not random}
    return module("tables").tables(sets, {title: rich for title, random in titles if random}, rich.card)


def test_every_table_has_its_place_on_the_page(made: dict[str, str]) -> None:
    places = re.findall(r"<!-- begin (\S+) -->", PAGE)
    assert len(places) == len(set(places))
    assert set(places) == set(made)
    assert re.findall(r"<!-- end (\S+) -->", PAGE) == places


def test_only_what_is_between_the_marks_changes(made: dict[str, str]) -> None:
    page = module("page")
    once = page.filled(PAGE, made)
    assert all(table in once for table in made.values())
    assert page.filled(once, made) == once
    bare = re.compile(r"(<!-- begin \S+ -->\n).*?(<!-- end)", re.DOTALL)
    assert bare.sub(r"\1\2", once) == bare.sub(r"\1\2", PAGE)


def test_a_place_without_a_table_is_told() -> None:
    with pytest.raises(ValueError, match="not made: order"):
        module("page").filled("<!-- begin order -->\n<!-- end order -->", {})


def test_a_set_that_is_run_alone_changes_its_own_rows(made: dict[str, str]) -> None:
    places = re.compile(r"<!-- begin (\S+) -->\n(.*?)\n<!-- end", re.DOTALL)
    alone = module("tables").tables({"grocery": backtest(invented(money=False))}, {}, None)
    once = module("page").filled(PAGE, alone, partly=True)
    before, after = dict(places.findall(PAGE)), dict(places.findall(once))
    assert {"order", "better", "spend", "order-ladder-grocery"} <= set(alone) < set(before)
    for name, table in before.items():
        others = [row for row in table.splitlines() if not row.startswith("| grocery |")]
        if table.startswith("| set |"):
            assert [row for row in after[name].splitlines() if not row.startswith("| grocery |")] == others
        else:
            assert after[name] == alone.get(name, table).strip()
    for name in ("order", "regression", "next-stage"):
        assert alone[name].splitlines()[2] in after[name].splitlines()
    assert "| grocery | - | no money | - | - | - | - | - | - |" in after["spend"].splitlines()
    assert module("page").filled(once, made) == module("page").filled(PAGE, made)


def test_the_numbers_are_those_of_the_forecasts(made: dict[str, str]) -> None:
    forecasts = invented()
    losses = {name: metrics.log_loss(forecasts.ordered, p) for name, p in forecasts.said["order"].items()}
    (row,) = (line for line in made["order"].splitlines() if line.startswith("| CDNOW |"))
    assert f"| {losses[MODEL]:.4f} | logistic RFM {losses['logistic RFM']:.4f} |" in row
    assert f"| {losses[MODEL] - losses['logistic RFM']:+.4f} [" in row
    once = forecasts.only(forecasts.order_days == 1)
    assert f"| {metrics.log_loss(once.ordered, once.said['order'][MODEL]):.4f} |" in made["one-time"]
    (poor,) = (line for line in made["spend"].splitlines() if line.startswith("| grocery |"))
    assert "| no money |" in poor
    assert all(f"| {name} |" in made["order-ladder-cdnow"] for name in forecasts.said["order"])
    assert not any("nan" in table for table in made.values())
