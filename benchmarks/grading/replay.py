"""How often does grading raise an alarm? Models frozen at a date score the weeks after it; then faults are planted.

Nothing is wrong with the weeks as they are, so each alarm there is a false one, or the shop has changed. The planted
faults should be found. `python benchmarks/grading/replay.py --sets cdnow btydplus_grocery --out replay.csv`
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

import stagecast
from benchmarks.accuracy.sets import DATA
from benchmarks.models.shops import PERIODS
from features.clock import WEEK, Clock, to_date
from features.grade import Promise
from features.history import History
from features.model.forecast import Model
from features.stages.moves import STAGES
from stagecast import Config, check
from training.baselines.next_stage import transition_table
from training.baselines.shares import by_stage
from training.bench import Bench
from training.choose import choose
from training.chosen import Wish
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, Forecasts, Said
from training.grading.known import known_then
from training.grading.lately import QUARTER, Earlier
from training.grading.outcome import outcome
from training.grading.promise import promises
from training.grading.week import P_STAGES, Scorer, Week
from training.ladder import BINARY, MODEL
from training.log import Log
from training.splits import split
from training.table import Table

WEEKS = 13
"""Weeks that a frozen model scores."""

Fault = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def shuffled(scores: pd.DataFrame, rng: np.random.Generator, share: float = 0.2) -> pd.DataFrame:
    """Some customers get each other's scores, as after a join that went wrong; stages stay."""
    some = np.flatnonzero(rng.random(len(scores)) < share)
    columns = [*P_STAGES, "p_order", "expected_spend"]
    wrong = scores.copy()
    wrong.loc[some, columns] = scores.loc[rng.permutation(some), columns].to_numpy()
    return wrong


def lifted(scores: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """Odds of an order doubled, as after a calibration that went wrong."""
    odds = 2 * scores["p_order"] / (1 - scores["p_order"])
    return scores.assign(p_order=odds / (1 + odds))


def flat(scores: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """Everybody in a stage gets the same, as where features are missing."""
    columns = [*P_STAGES, "p_order"]
    return scores.assign(**{name: scores.groupby("stage")[name].transform("mean") for name in columns})


FAULTS: dict[str, Fault] = {"none": lambda scores, _: scores, "shuffled": shuffled, "lifted": lifted, "flat": flat}


@dataclass(frozen=True)
class Shop:
    """A shop that is replayed: its orders, the length of its period, and the dates at which models are frozen."""

    name: str
    history: History
    period: str
    trained: list[int]

    @property
    def days(self) -> int:
        """Length of the period."""
        return int(self.period.removesuffix("d"))

    @property
    def end(self) -> int:
        """Tick up to which orders are known."""
        return Clock().floor(self.history.last_day + 1)


def shops(names: list[str], fewer: int, models: int) -> Iterator[Shop]:
    """The shops of some names; `steady1`, `steady2`, ... are simulated ones in which nothing ever changes."""
    for name in names:
        if name.startswith("steady"):
            orders = stagecast.simulate("steady", 1500, int(name.removeprefix("steady") or 1)).orders
            history, period = History.of(check(orders).log), 28
        else:
            clean = check(str(DATA / f"{name}.parquet"), Config())
            orders = clean.orders
            if name == "cdnow":
                orders = orders[orders["customer_id"].isin(orders["customer_id"].unique()[::fewer])]
            history, period = History.of(orders.reset_index(drop=True)), PERIODS[name]
        end = Clock().floor(history.last_day + 1)
        newest = end - period - (WEEKS - 1) * WEEK
        yield Shop(name, history, f"{period}d", [newest - k * WEEKS * WEEK for k in range(models)][::-1])


def replayed(shop: Shop, threads: int) -> Iterator[dict[str, object]]:
    """A row a graded week, as it is and with each fault."""
    config = Config().overridden("training", period=shop.period, threads=threads, resamples=100)
    for as_of in shop.trained:
        scorer, model, bench = frozen(shop, as_of, config)
        rng, graded = np.random.default_rng(0), {name: dict[int, list[Promise]]() for name in FAULTS}
        for day in range(as_of, as_of + WEEKS * WEEK, WEEK):
            week = Week(day, scorer, "", scored(model, bench, day))
            came, past = outcome(week, shop.history, shop.end), known_then(week, shop.history, config.training)
            assert past is not None
            for name, fault in FAULTS.items():
                wrong = replace(week, scores=fault(week.scores, rng))
                before = Earlier({at: of for at, of in graded[name].items() if at > day - QUARTER}, shop.days)
                kept = promises(beside(wrong.said(came.places), past, came.table), scorer.judged, before)
                graded[name][day] = kept
                yield {"set": shop.name, "trained": str(to_date(as_of)), "week": week.as_of, "fault": name} | told(kept)


def beside(said: Said, past: Table, later: Table) -> Forecasts:
    """What was said beside the rungs that a promise is measured by; the rest of the ladder is not needed here."""
    rungs = {
        ORDER: {"stage table": by_stage(past, later, BINARY[ORDER])},
        REGRESSION: {"stage table": by_stage(past, later, BINARY[REGRESSION])},
        NEXT_STAGE: {"transition table": transition_table(past, later)},
    }
    return Forecasts.about(later, {target: {MODEL: p, **rungs.get(target, {})} for target, p in said.items()})


def frozen(shop: Shop, as_of: int, config: Config) -> tuple[Scorer, Model, Bench]:
    """A model trained on the orders before a date, its promise, and a bench for the weeks after it."""
    recipe, history = config.recipe, shop.history
    judged = split(history.first_day, as_of, recipe.period_days, recipe.training)
    shipped = split(history.first_day, as_of, recipe.period_days, recipe.training, judge=0)
    spec = choose(Wish(), Log.of(history), judged.calibrate[0], recipe).spec
    bench = Bench(Log.of(history), spec, recipe, as_of, lambda _: None)
    judgement, (model, _) = bench.judge(judged), bench.fit(shipped)
    scorer = Scorer(shop.name, 1, spec, tuple(sorted(history.has)), judgement.forecasts)
    return scorer, model, replace(bench, end=shop.end)


def scored(model: Model, bench: Bench, day: int) -> pd.DataFrame:
    """What a model says of everybody at a cut-off, as it would be published."""
    table = bench.table([day])
    forecast = model.at(day).forecast(table.features, 1)
    return pd.DataFrame(
        {
            "customer_id": bench.history.customers[table.snapshots.customer],
            "stage": np.asarray(STAGES, dtype=object)[table.now.stage],
            **{name: forecast.stages[:, k] for k, name in enumerate(P_STAGES)},
            "p_order": forecast.p_order,
            "expected_spend": forecast.expected_spend,
        }
    )


def told(kept: list[Promise]) -> dict[str, object]:
    """Whether there would be an alarm, and each promise with what came."""
    row: dict[str, object] = {"alarm": any(one.verdict == "worse" for one in kept)}
    for one in kept:
        name = f"{one.target} {one.metric}"
        row |= {name: one.found, f"{name} promised": one.promised, f"{name} low": one.low, f"{name} high": one.high}
        row[f"{name} verdict"] = one.verdict
    return row


def main() -> None:
    """Replay the sets and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sets", nargs="+", default=["cdnow", "btydplus_grocery", "completejourney", "online_retail_2"]
    )
    parser.add_argument("--models", type=int, default=3, help="dates at which a model is frozen")
    parser.add_argument("--fewer", type=int, default=4, help="every so many of CDNOW's customers")
    parser.add_argument("--out", type=Path, default=Path("replay.csv"))
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    for shop in shops(given.sets, given.fewer, given.models):
        for row in replayed(shop, 1):
            rows.append(row)
            print(row["set"], row["trained"], row["week"], row["fault"], "ALARM" if row["alarm"] else "", flush=True)
        pd.DataFrame(rows).to_csv(given.out, index=False)
    found = pd.DataFrame(rows)
    print(found.groupby(["set", "fault"])["alarm"].agg(["sum", "count"]).to_string())


if __name__ == "__main__":
    main()
