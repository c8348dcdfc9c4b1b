"""The weekly hazard beside the model of the period: python -m benchmarks.models.hazard DATA KEPT [SHOP ...].

- weekly hazard: a booster of an order within one week, on every week of the past, told of every
  feature of a customer who goes on ordering nothing, week by week; 1 - p is the product of the weeks.
- one way, two ways: the model of the period, carried on by `features.model.horizon` without and with
  what comes after a silent period.
- direct: a booster of the long window itself, where such windows are finished.
"""

import sys
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from benchmarks.models.compare import Ground, sigmoid
from benchmarks.models.rows import Rows
from benchmarks.models.shops import Shop
from benchmarks.models.silent import Silent
from benchmarks.models.structure import names_of
from benchmarks.models.trials import BTYD, CHOSEN, grounds
from benchmarks.models.variants import BASE, say, thin
from features.clock import WEEK
from features.fixed import Floats
from features.model.horizon import Horizon
from features.model.onward import Seen
from features.model.waiting import Waiting
from training import metrics
from training.baselines.btyd.beta_geometric import MbgNbd
from training.baselines.btyd.by_cutoff import histories_of
from training.baselines.btyd.pareto import ParetoNbd
from training.bootstrap import Resampling, paired_auroc_interval, paired_interval
from training.calibrate import fit_blend, seasons, shift
from training.onward import fit_slopes

CASES = {
    "cdnow": [("1997-06-30", 182), ("1997-08-11", 84), ("1997-09-08", 84), ("1997-10-06", 84)],
    "online_retail_2": [("2010-07-12", 182), ("2010-08-23", 84), ("2010-09-20", 84), ("2010-10-18", 84)],
    "btydplus_grocery": [("2006-12-04", 182), ("2007-01-15", 182), ("2007-02-12", 84), ("2007-04-09", 84)],
}
"""Cut-offs and days; every window ends before the first reported cut-off, those of CDNOW before 1998."""


def ordered(shop: Shop, facts: pd.DataFrame, days: int) -> np.ndarray:
    """Whether each row's customer orders within so many days of its cut-off."""
    customer, cutoff = facts["customer"].to_numpy(), facts["cutoff"].to_numpy()
    order_days, history = shop.history.totals("order_day"), shop.history
    return np.asarray(
        order_days[history.before(customer, cutoff + days)] > order_days[history.before(customer, cutoff)]
    )


def booster(rows: Rows, y: np.ndarray, start: Floats) -> lgb.Booster:
    """A booster of something that happens or not."""
    fixed = {"objective": "binary", "bagging_freq": 1, "seed": 1, "num_threads": 1, "deterministic": True}
    data = lgb.Dataset(rows.features[names_of(rows)], y, init_score=start)
    return lgb.train({**BASE, **fixed, "force_row_wise": True, "verbosity": -1}, data, 200)


def hazards(ground: Ground, shop: Shop, cutoff: int) -> tuple[lgb.Booster, float]:
    """The booster of a week, and where it begins."""
    every = np.unique(ground.rows.facts["cutoff"])
    fit = thin(ground.rows, [c for c in every if cutoff - 52 * WEEK < c <= cutoff - WEEK])
    y = ordered(shop, fit.facts, WEEK)
    start, middle = seasons(fit.facts["cutoff"].to_numpy(), y, _mbg(fit.facts, fit.facts, WEEK))
    return booster(fit, y, start), middle


def along(model: tuple[lgb.Booster, float], silent: Silent, customers: np.ndarray, days: int) -> Floats:
    """Log odds of an order within so many days, week by week."""
    log_none = np.zeros(len(customers))
    for begin in range(0, days, WEEK):
        features = silent.features(begin, customers)[model[0].feature_name()]
        log_none -= np.logaddexp(0, np.asarray(model[0].predict(features, raw_score=True)) + model[1])
    p = np.clip(-np.expm1(log_none), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p) - np.log1p(-p))


def direct(ground: Ground, shop: Shop, cutoff: int, days: int) -> Floats | None:
    """Log odds of a booster of the long window; None without finished ones."""
    every = np.unique(ground.rows.facts["cutoff"])
    cutoffs = [c for c in every if cutoff - 52 * WEEK < c <= cutoff - days]
    if len(cutoffs) < 4:
        return None
    fit, later = thin(ground.rows, cutoffs), ground.rows.at([cutoff])
    y = ordered(shop, fit.facts, days)
    start, middle = seasons(fit.facts["cutoff"].to_numpy(), y, _mbg(fit.facts, fit.facts, days))
    made = booster(fit, y, start)
    return np.asarray(made.predict(later.features[made.feature_name()], raw_score=True)) + middle


def said(ground: Ground, shop: Shop, folder: Path, cutoff: int, days: int) -> tuple[dict, dict]:
    """Log odds of each way, in the period and within so many days."""
    period = ground.period
    newest, later = ground.rows.at([cutoff - period]), ground.rows.at([cutoff])
    model, plain = (say(ground.rows, cutoff, period, v) for v in (CHOSEN, BTYD))
    outcome = newest.facts["ordered"].to_numpy() > 0
    first = fit_blend(sigmoid(model.newest), plain.newest, outcome, model.level, 0.3)
    logit = first.logit(sigmoid(model.later), plain.later)
    week = hazards(ground, shop, cutoff)
    before = ground.judged[0] - period
    path, older = (Silent.of(folder, shop, c, before) for c in (cutoff, cutoff - period))
    who, who_then = (rows.facts["customer"].to_numpy() for rows in (later, newest))
    weekly = {h: along(week, path, who, h) for h in (period, days)}
    blend = fit_blend(sigmoid(along(week, older, who_then, period)), plain.newest, outcome, 0.0, 0.3)
    pareto = ParetoNbd.fit(histories_of(later.facts).distinct())
    far = pareto.probability_to_order(histories_of(later.facts), days / WEEK)
    horizon = _horizon(ground, shop, cutoff, logit, days)
    beside = blend.logit(sigmoid(weekly[period]), plain.later)
    period_said = {"period": logit, "weekly hazard": weekly[period], "weekly hazard with MBG/NBD": beside}
    far_said = {
        "two ways": horizon.logit(days),
        "one way": replace(horizon, onward=None).logit(days),
        "Pareto/NBD": np.log(far) - np.log1p(-far),
        "weekly hazard": weekly[days],
        "weekly hazard, carried on": logit + weekly[days] - weekly[period],
    }
    if (long := direct(ground, shop, cutoff, days)) is not None:
        far_said["direct"] = long
    return period_said, far_said


def _mbg(facts: pd.DataFrame, known: pd.DataFrame, days: int) -> Floats:
    newest = known[known["cutoff"] == known["cutoff"].max()]
    found = MbgNbd.fit(histories_of(newest).distinct())
    waiting = Waiting(r=found.r, alpha=found.alpha, a=found.a, b=found.b)
    columns = (facts[name].to_numpy(float) for name in ("recency", "tenure", "order_days"))
    return waiting.logit(*columns, days)


def _seen(facts: pd.DataFrame) -> Seen:
    value = facts["order_day_value"].to_numpy(float) if "order_day_value" in facts else None
    return Seen(*(facts[name].to_numpy(float) for name in ("recency", "tenure", "order_days")), value)


def _horizon(ground: Ground, shop: Shop, cutoff: int, logit: Floats, days: int) -> Horizon:
    period, facts = ground.period, ground.rows.facts
    found = MbgNbd.fit(histories_of(facts[facts["cutoff"] == cutoff - period]).distinct())
    waiting = Waiting(r=found.r, alpha=found.alpha, a=found.a, b=found.b)
    past = facts[facts["cutoff"].isin(range(cutoff - period, cutoff - 53 * WEEK, -period))]
    past = past[past["recency"] >= period]
    onward = fit_slopes(_seen(past), past["ordered"].to_numpy() > 0, waiting, period)
    return Horizon(logit, period, days, _seen(facts[facts["cutoff"] == cutoff]), waiting, onward)


def table(said: dict[str, list[Floats]], y: list[np.ndarray], who: list[np.ndarray], first: str) -> pd.DataFrame:
    """Mean over cut-offs of log loss and AUROC; the difference from the first way with its interval over customers."""
    outcome, customer = np.concatenate(y).astype(float), np.concatenate(who)
    reference = np.concatenate(said[first])
    made = []
    for way, logits in said.items():
        if len(logits) < len(y):
            continue
        p = sigmoid(np.concatenate(logits))
        losses, beside = metrics.log_losses(outcome, p), metrics.log_losses(outcome, sigmoid(reference))
        loss = paired_interval(losses, beside, customer, Resampling(200, seed=1))
        rank = paired_auroc_interval(outcome, np.concatenate(logits), reference, customer, Resampling(200, seed=1))
        within = np.mean([metrics.auroc(a, b) for a, b in zip(y, logits, strict=True)])
        level = np.mean([shift(b, a) for a, b in zip(y, logits, strict=True)])
        made.append((way, losses.mean(), str(loss), within, str(rank), level))
    return pd.DataFrame(made, columns=["way", "log loss", "less", "AUROC within", "AUROC less", "level off"])


def main() -> None:
    """Print, for each shop and horizon, a table."""
    folder, kept, *names = sys.argv[1:]
    for ground in grounds(Path(folder), Path(kept), names or list(CASES)):
        shop = Shop.read(Path(folder), ground.name)
        found: dict[int, tuple[dict, list, list]] = {}
        for date, days in CASES[ground.name]:
            cutoff = int(np.datetime64(date, "D").astype(int))
            facts = ground.rows.at([cutoff]).facts
            for horizon, ways in zip(
                (ground.period, days), said(ground, shop, Path(folder), cutoff, days), strict=True
            ):
                kept_ways, y, who = found.setdefault(horizon, ({}, [], []))
                for way, logit in ways.items():
                    kept_ways.setdefault(way, []).append(logit)
                y.append(ordered(shop, facts, horizon))
                who.append(facts["customer"].to_numpy())
        for horizon, (ways, y, who) in sorted(found.items()):
            print(f"\n{ground.name}, {horizon} days, {len(y)} cut-offs, {np.concatenate(y).mean():.3f}", flush=True)
            print(table(ways, y, who, next(iter(ways))).to_string(index=False, float_format=lambda v: f"{v:.4f}"))


if __name__ == "__main__":
    main()
