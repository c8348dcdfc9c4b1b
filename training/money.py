"""Fit what a model knows of money beside its booster: usual order values, spreads, and what regression costs."""

from dataclasses import dataclass, replace

import numpy as np

from features.fixed import UNIT, Floats
from features.history import History
from features.model.ahead import YEAR
from features.model.forecast import Model
from features.model.money import COLUMNS, Money, Year
from features.model.spread import Spread
from features.past import Snapshots
from features.stages.moves import Booleans, Stage
from training.table import Table

FEWEST = 100
"""Fewest orders that a group of a spread is made from, where there are so many at all."""

_GROUPS = 4
_LEVELS = np.linspace(0, 1, 41)
_FURTHEST = 2.0
"""Furthest that a level goes from 1, up or down (.95 to 1.21 on four shops): one absurd order must not lift all."""

_KEPT_BEFORE, _CUSTOMERS_BEFORE = 0.5, 5.0
"""What is thought of `Year.kept` before anything is seen, and how many customers that counts as."""


def fit_spread(p: Floats, expected: Floats, spend: Floats, ordered: Booleans) -> Spread:
    """How far spend strays, in up to four groups with equally many orders by how likely an order was.

    Args:
        p: probability of an order, shape (n,).
        expected: expected spend, shape (n,), above 0.
        spend: what came, shape (n,).
        ordered: whether there was an order, shape (n,), for some of them.
    """
    p, multiple = p[ordered], spend[ordered] * p[ordered] / expected[ordered]
    groups = int(np.clip(len(p) // FEWEST, 1, _GROUPS))
    borders = np.unique(np.quantile(p, np.arange(1, groups) / groups))
    group = np.searchsorted(borders, p, side="right")
    borders, group = _filled(borders, group)
    rows = [np.quantile(multiple[group == k], _LEVELS) for k in range(len(borders) + 1)]
    return Spread(borders=tuple(borders.tolist()), multiples=tuple(tuple(np.sort(row).tolist()) for row in rows))


def _filled(borders: Floats, group: np.ndarray) -> tuple[Floats, np.ndarray]:
    """Groups without those in which nobody is: where many have the same probability."""
    kept, code = np.unique(group, return_inverse=True)
    return borders[kept[1:] - 1], code


def fit_money(model: Model, fit: Table, newest: Table, threads: int) -> Money | None:
    """What is known of money at a training: order values of all, and the spread on the newest finished cut-offs.

    Args:
        model: with its probability of an order calibrated.
        fit: table the boosters were fitted on.
        newest: later table.
        threads: LightGBM's threads.
    """
    if "spend" not in model.boosters:
        return None
    unknown = Money(order_value=_order_value(fit, model), spread=Spread(borders=(), multiples=((1.0, 1.0),)))
    money = levelled(unknown, model, newest, threads)
    seen = newest if newest.labels.ordered.any() else fit
    forecast = with_money(model, money).at(seen.snapshots.cutoff).forecast(seen.features, threads)
    spread = fit_spread(forecast.p_order, forecast.expected_spend, seen.labels.spend, seen.labels.ordered)
    return money.model_copy(update={"spread": spread})


def with_money(model: Model, money: Money) -> Model:
    """A model that knows this of money."""
    return replace(model, calibration=model.calibration.model_copy(update={"money": money}))


def levelled(money: Money, model: Model, rows: Table, threads: int) -> Money:
    """At the level where some rows bring in all as if everybody who orders spent what is usual, less what is returned.

    A booster says who spends more than others. How much all spend it has from the seasons it
    has seen, which pass: what their order-days have been worth so far says that better.

    Args:
        money: what is known; without usual values it stays as it is.
        model: with its probability of an order calibrated.
        rows: the newest there are. What came of them is not looked at.
        threads: LightGBM's threads.
    """
    value = money.usual_value(rows.features)
    if value is None:
        return money
    then = with_money(model, money).at(rows.snapshots.cutoff)
    ahead = then.ahead(rows.features, model.contract.period_days, threads)
    usual = ahead.orders * value * _after_returns(rows)
    known = np.isfinite(usual) & np.isfinite(ahead.spend)
    if not known.any():
        return money
    level = money.level * float(usual[known].sum() / ahead.spend[known].sum())
    return money.model_copy(update={"level": float(np.clip(level, 1 / _FURTHEST, _FURTHEST))})


def _after_returns(rows: Table) -> float:
    """Share of what the order-days of some rows were worth that did not come back: order values know no returns."""
    worth = (rows.facts["order_day_value"].fillna(0) * rows.facts["order_days"]).sum()
    return float(rows.facts["net_spend"].sum() / worth) if worth > 0 else 1.0


def _order_value(table: Table, model: Model) -> float | None:
    if model.calibration.waiting is None or not set(COLUMNS) <= set(model.contract.features):
        return None
    known = table.facts.loc[table.snapshots.cutoff == table.snapshots.cutoff.max()]
    mean = float(np.average(known["order_day_value"].fillna(0), weights=known["order_days"]))
    return mean if mean > 0 else None


@dataclass(frozen=True)
class Later:
    """What came of snapshots in a window: net spend, and whether there was an order; both of shape (n,)."""

    spend: Floats
    ordered: Booleans


@dataclass(frozen=True)
class Longer:
    """What came of customers in a long window.

    Attributes:
        table: snapshots at its beginning, with features and what came one period later.
        days: its length.
        came: what came in it.
    """

    table: Table
    days: int
    came: Later


def later_of(history: History, snapshots: Snapshots, days: int) -> Later:
    """What came of snapshots within so many days; orders must be known that far."""
    then, now = (history.before(snapshots.customer, snapshots.cutoff + ahead) for ahead in (days, 0))
    net, order_days = history.totals("net"), history.totals("order_day")
    return Later((net[then] - net[now]) / float(UNIT), order_days[then] > order_days[now])


def longest(first_day: int, known_until: int, period: int) -> int:
    """Days of the longest finished window that is no longer than the history before it: whole periods, or 52 weeks.

    Args:
        first_day: day of the first order.
        known_until: tick up to which orders are known.
        period: days.
    """
    half = (known_until - first_day) // 2
    return YEAR if half >= YEAR else period * max(half // period, 1)


def with_year(model: Model, longer: Longer, threads: int) -> Model:
    """The model with what a long window has shown of spend; unchanged without money or any order there."""
    money, labels = model.calibration.money, longer.table.labels
    if money is None or model.calibration.waiting is None or not longer.came.ordered.any():
        return model
    features, then = longer.table.features, model.at(longer.table.snapshots.cutoff)
    ahead, p = then.ahead(features, longer.days, threads), then.p_order_within(features, longer.days, threads)
    spread = fit_spread(p, ahead.spend, longer.came.spend, longer.came.ordered)
    here = longer.table.now.stage != Stage.REGRESSION
    risk = then.p_regression(features, threads)
    kept = fit_kept(ahead.spend[here], risk[here], longer.came.spend[here], labels.regression[here])
    return with_money(model, money.model_copy(update={"year": Year(days=longer.days, spread=spread, kept=kept)}))


def fit_kept(expected: Floats, risk: Floats, spend: Floats, regressed: Booleans) -> float:
    """Share of the spend otherwise expected that is left of who regresses, within [0.01, 1]: see `Year.lost`.

    Found so that those who regressed brought in all what the share says: their
    spend over what they would have been expected to bring without regression,
    which depends on the share in turn. The total of all is held to what came,
    so that a poor level of spend is not taken for regression's doing, and a
    little belief in a half keeps the share steady where few regressed.

    Args:
        expected: expected spend, shape (n,).
        risk: probability of regression, shape (n,).
        spend: what came, shape (n,).
        regressed: whether the customer stood in regression one period later, shape (n,).
    """
    if not regressed.any() or spend.sum() <= 0:
        return _KEPT_BEFORE
    kept, held = _KEPT_BEFORE, expected * (spend.sum() / expected.sum())
    for _ in range(100):
        otherwise = (held / (1 - risk * (1 - kept)))[regressed]
        belief = _CUSTOMERS_BEFORE * float(otherwise.mean())
        found = (spend[regressed].sum() + _KEPT_BEFORE * belief) / (otherwise.sum() + belief)
        kept = float(np.clip(found, 0.01, 1.0))
    return kept
