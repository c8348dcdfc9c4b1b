"""From results to the tables of the page: one row a set, the model beside the best of its ladder."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from features.clock import to_date
from features.stages.moves import Stage, SubState
from training.backtest.report import Backtest, table_of, with_intervals
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND
from training.groups import ALL, ONE_TIME, OPEN
from training.ladder import MODEL
from training.scorecard import Scorecard

Results = Mapping[str, Backtest]
Row = dict[str, Any]
_MORE = frozenset(("auroc", "auroc_within", "gini", "profit", "empc"))
_DIGITS = {"profit": 2, "empc": 2}


def tables(sets: Results, controls: Results, half_year: Scorecard | None) -> dict[str, str]:
    """Every table of the page that these results are enough for, as Markdown, by name."""
    made: dict[str, str] = {
        "sets": _rows(sets, _about),
        "order": _rows(
            sets, lambda one: _compared(one.card, ORDER, ALL, ("log_loss", "auroc_within")) | _error(one, ORDER)
        ),
        "one-time": _rows(sets, lambda one: _compared(one.card, ORDER, ONE_TIME, ("log_loss", "auroc"))),
        "regression": _rows(sets, lambda one: _compared(one.card, REGRESSION, OPEN, ("log_loss", "auroc"))),
        "all-regression": _rows(
            sets, lambda one: _compared(one.card, REGRESSION, ALL, ("log_loss", "auroc")) | _error(one, REGRESSION)
        ),
        "next-stage": _rows(sets, lambda one: _compared(one.card, NEXT_STAGE, ALL, ("log_loss", "ranked_log_loss"))),
        "spend": _rows(sets, lambda one: _spend(one.card)),
        "profit": _rows(sets, lambda one: _compared(one.card, REGRESSION, ALL, ("profit", "empc"))),
        "controls": _rows(controls, _control),
        "better": _rows(sets, _better),
    }
    made |= {f"order-ladder-{_slug(name)}": _ladder(one.card, ORDER) for name, one in sets.items()}
    made |= {f"by-cutoff-{_slug(name)}": _course(one) for name, one in sets.items()}
    if half_year is not None:
        groups = {"half-year": ALL, "half-year-one-time": ONE_TIME}
        made |= {name: _ladder(half_year, ORDER, group) for name, group in groups.items()}
    return {name: table for name, table in made.items() if table}


def _rows(results: Results, row: Callable[[Backtest], Row]) -> str:
    rows = [{"set": name} | row(one) for name, one in results.items()]
    return table_of(pd.DataFrame(rows)) if rows else ""


def _about(one: Backtest) -> Row:
    first, last = (to_date(one.plan.cutoffs[k]) for k in (0, -1))
    forecasts = one.forecasts
    return {
        "cut-offs": f"{len(one.plan.cutoffs)}, {first} to {last}",
        "period": f"{one.plan.recipe.period_days} days",
        "customers": len(set(forecasts.customer.tolist())),
        "snapshots": len(forecasts),
        "ordered": float(forecasts.ordered.mean()),
        "in regression afterwards": float((forecasts.next_stage == Stage.REGRESSION).mean()),
        "one-time buyers": float((forecasts.order_days == 1).mean()),
        "lost": float((forecasts.sub_state == SubState.LOST).mean()),
    }


def _compared(card: Scorecard, target: str, group: str, metrics: tuple[str, ...]) -> Row:
    """The model beside the baseline that is best in each metric, with the difference and its interval."""
    scores = _where(card.scores, target, group)
    if scores.empty:
        return {}
    found: Row = {"snapshots": int(scores["snapshots"].iloc[0])}
    for metric in metrics:
        mine, others = scores[scores["predictor"] == MODEL], scores[scores["predictor"] != MODEL].dropna(subset=metric)
        if others.empty:
            continue
        best = others.sort_values(metric, ascending=metric not in _MORE, kind="stable").iloc[0]
        name = metric.replace("_", " ")
        found[name] = float(mine[metric].iloc[0])
        found[f"best of the ladder, {name}"] = f"{best['predictor']} {best[metric]:.4f}"
        found[f"difference, {name}"] = _difference(card, (target, group, str(best["predictor"])), metric)
    return found


def _difference(card: Scorecard, which: tuple[str, str, str], metric: str) -> str:
    table = _where(card.differences, *which[:2])
    row = table[table["baseline"] == which[2]].iloc[0]
    shown = _interval(row, metric)
    if metric == "log_loss":
        share = row["log_loss_share"]
        shown += f", {share:+.1%}"
    return shown


def _interval(row: "pd.Series[Any]", metric: str) -> str:
    digits = _DIGITS.get(metric, 4)
    return f"{row[metric]:+.{digits}f} [{row[f'{metric}_low']:+.{digits}f}, {row[f'{metric}_high']:+.{digits}f}]"


def _error(one: Backtest, target: str) -> Row:
    found, chance = one.calibration[target], one.calibration_by_chance[target]
    return {"calibration error, mean over cut-offs": f"{found:.3f}, {chance:.3f} by chance"}


def _spend(card: Scorecard) -> Row:
    found = _compared(card, SPEND, ALL, ("gini",))
    if not found:
        return {"gini": "no money"}
    scores = _where(card.scores, SPEND, ALL).set_index("predictor")
    found["bias of the total"] = f"{scores.loc[MODEL, 'bias']:+.3f}"
    others = scores.drop(index=MODEL)
    best = others["bias"].abs().idxmin()
    found["smallest bias of the ladder"] = f"{best} {others.loc[best, 'bias']:+.3f}"
    found["spearman"] = scores.loc[MODEL, "spearman"]
    found["decile MAPE"] = scores.loc[MODEL, "decile_mape"]
    return found


def _control(one: Backtest) -> Row:
    """Age and exposure are what the rungs know that are made from recency, tenure and the number of order-days."""
    scores = _where(one.card.scores, ORDER, ALL).set_index("predictor")
    plain = [name for name in ("logistic RFM", "LightGBM RFM", "recency") if name in scores.index]
    best = scores.loc[plain, "auroc_within"].idxmax()
    return {
        "snapshots": int(scores["snapshots"].iloc[0]),
        "AUROC within a cut-off": scores.loc[MODEL, "auroc_within"],
        "age and exposure": f"{best} {scores.loc[best, 'auroc_within']:.4f}",
        "difference": _difference(one.card, (ORDER, ALL, str(best)), "auroc_within"),
        "log loss": scores.loc[MODEL, "log_loss"],
        "base rate": scores.loc["base rate", "log_loss"],
    }


def _better(one: Backtest) -> Row:
    table = one.summary.set_index("target")
    return {str(target): f"{row['better']} of {row['cutoffs']} ({row['best']})" for target, row in table.iterrows()}


def _ladder(card: Scorecard, target: str, group: str = ALL) -> str:
    """Every rung with its scores and the model's difference from it."""
    scores = _where(card.scores, target, group)
    columns = ["log_loss", "auroc", "auroc_within", "average_precision", "brier", "calibration_error", "lift_10"]
    shown = scores[["predictor", *(name for name in columns if name in scores)]]
    differences = with_intervals(_where(card.differences, target, group))
    kept = {"log_loss": "stagecast less this, log loss", "auroc_within": "AUROC within"}
    beside = differences[["baseline", *kept]].rename(columns=kept | {"baseline": "predictor"})
    return table_of(shown.merge(beside, on="predictor", how="left").fillna(dict.fromkeys(kept.values(), "")))


def _course(one: Backtest) -> str:
    """The model beside the best of the ladder over all cut-offs, cut-off by cut-off."""
    best = one.summary.set_index("target")["best"]
    table = one.card.by_cutoff
    columns: dict[str, Any] = {"cut-off": [str(to_date(cutoff)) for cutoff in one.plan.cutoffs]}
    for target in (ORDER, REGRESSION, NEXT_STAGE):
        inside = table[table["target"] == target]
        for name in (MODEL, str(best[target])):
            rows = inside[inside["predictor"] == name].set_index("cutoff").loc[one.plan.cutoffs]
            columns[f"{target}: log loss, {name}"] = rows["log_loss"].to_numpy()
            if target != NEXT_STAGE:
                columns[f"{target}: AUROC, {name}"] = rows["auroc"].to_numpy()
    return table_of(pd.DataFrame(columns))


def _where(table: pd.DataFrame, target: str, group: str) -> pd.DataFrame:
    rows = table[(table["target"] == target) & (table["group"] == group)]
    return rows.drop(columns=["target", "group"])


def _slug(name: str) -> str:
    return "-".join(name.lower().replace(",", "").split())
