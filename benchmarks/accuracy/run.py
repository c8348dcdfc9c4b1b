"""Every accuracy table of the documentation: a rolling-origin backtest on each shared set, and the page rebuilt.

Forecasts are kept, so that a run that was stopped goes on where it stopped, and
only what changed is made again.

    python benchmarks/accuracy/run.py
    python benchmarks/accuracy/run.py --only cdnow --no-page  # prints the tables
"""

import argparse
import sys
import tempfile
from pathlib import Path

from horizon import half_year
from page import filled
from sets import DATA, SETS, Set
from tables import tables

from features.clock import to_day
from features.history import History
from features.model.forecast import Model
from stagecast import Config, check
from training.backtest.folder import save
from training.backtest.judged import backtest
from training.backtest.plan import plan
from training.backtest.report import Backtest
from training.fit import Step
from training.scorecard import Scorecard

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
KEPT = Path(tempfile.gettempdir()) / "stagecast-bench" / "accuracy"


def main() -> None:
    """Run the sets that are asked for, and rebuild the page from them."""
    asked = _asked()
    chosen = [one for one in SETS if asked.only is None or one.file in asked.only]
    found = {one.title: judged(one, asked) for one in chosen}
    half = _half_year(asked) if asked.only is None or "half-year" in asked.only else None
    controls = {one.title for one in chosen if one.unpredictable}
    made = tables(
        {title: one for title, one in found.items() if title not in controls},
        {title: one for title, one in found.items() if title in controls},
        half,
    )
    if asked.page:
        page = filled(PAGE.read_text(encoding="utf-8"), made, partly=asked.only is not None)
        PAGE.write_text(page, encoding="utf-8")
        print(f"The tables are in {PAGE}")
        return
    for name, table in made.items():
        print(f"\n{name}\n\n{table}")


def judged(one: Set, asked: argparse.Namespace) -> Backtest:
    """The backtest of one set; its report is kept beside its forecasts."""
    config = _with(one.config, asked)
    history, end = _history(one, config, asked)
    planned = plan(history, end, one.cutoffs, config.recipe)
    found = backtest(planned, asked.out / one.file, _told(one.title))
    report = save(found, planned.shelf(asked.out / one.file).folder / "report")
    print(f"{one.title}:", *found.lines(), f"report: {report}", sep="\n  ", flush=True)
    return found


def _half_year(asked: argparse.Namespace) -> Scorecard | None:
    if not hasattr(Model, "p_order_within"):
        print("CDNOW, half a year: left out, since models know no other horizon than their period", file=sys.stderr)
        return None
    config = _with(Config().overridden("clock", week_starts="thu"), asked)
    history, _ = _history(Set("cdnow", "CDNOW"), config, asked)
    return half_year(history, config, _told("CDNOW, half a year"))


def _with(config: Config, asked: argparse.Namespace) -> Config:
    return config.overridden("training", threads=asked.threads)


def _history(one: Set, config: Config, asked: argparse.Namespace) -> tuple[History, int]:
    clean = check(asked.data / f"{one.file}.parquet", config)
    return History.of(clean.log), config.the_clock.after(to_day(clean.report.last.date()))


def _told(title: str) -> Step:
    return lambda text: print(f"{title}: {text} ...", file=sys.stderr, flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the shared sets")
    parser.add_argument("--out", type=Path, default=KEPT, help="where forecasts and reports are kept")
    parser.add_argument("--only", nargs="*", help="files of some sets, or half-year; the page keeps the others' rows")
    parser.add_argument("--threads", type=int, default=0, help="of LightGBM")
    parser.add_argument("--no-page", dest="page", action="store_false", help="print the tables, leave the page alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
