"""Judge the stages of a log."""

import numpy as np
import pandas as pd

from features.clock import to_date
from features.history import History
from training.log import Log
from training.validity.amounts import GROUPS, STAGE_GROUPS, Amounts, Evidence
from training.validity.claims import CLAIMS
from training.validity.course import pace_table, stays_table, survival_table
from training.validity.events import Events, told
from training.validity.judged import Judged
from training.validity.makers import Made
from training.validity.measures import COMPARISONS, MEASURES
from training.validity.moves import forbidden, moves_table, would_skip
from training.validity.report import Validity
from training.validity.shuffled import pooled, shuffled
from training.validity.span import Settings, Span
from training.validity.tradeoff import tradeoff
from training.validity.verdicts import FAILS, HOLDS, claims_table


def judge_stages(
    history: History,
    span: Span,
    settings: Settings | None = None,
    events: Events | None = None,
    known: int | None = None,
) -> Validity:
    """Measure the stages, put each claim to the test, and try the sensitivity knob.

    Args:
        history: all orders; those at or after the span's end are not looked at.
        span: the spec, the ticks that judge, and up to where orders are known.
        settings: draws, fewest customers.
        events: referrals and cost to serve.
        known: customers known at the span's end, where the history is that of some drawn from them.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    settings = settings or Settings()
    measured = _sampled(history, span, settings)
    judged = Judged(measured, span, events)
    made = {measure.name: measure.make(judged) for measure in (*MEASURES, *COMPARISONS)}
    pairs = _pairs(judged)
    skipped = _skipping(judged, pairs)
    begun = measured.first_order_day < span.end
    claims = claims_table(made, _by_chance(judged, settings), begun, settings)
    return Validity(
        by_stage=_by_stage(judged, made),
        claims=pd.concat([claims, pd.DataFrame([skipped])], ignore_index=True),
        stays=stays_table(judged.spells),
        pace=pace_table(judged.spells, measured),
        survival=survival_table(judged.spells),
        moves=moves_table(*pairs),
        tradeoff=tradeoff(measured, span, settings.called_within),
        words={measure.name: measure.words for measure in MEASURES},
        notes=[*_notes(judged, made), *_left_aside(judged, history, known)],
    )


def _sampled(history: History, span: Span, settings: Settings) -> History:
    """The customers that are measured: all, or a random sample where they are many."""
    return Log.of(history).few(settings.most, span.end)


def _by_chance(judged: Judged, settings: Settings) -> dict[str, Evidence]:
    """Evidence of the measures that compare a customer with itself, from shuffled lives."""
    generator = np.random.default_rng(settings.seed)
    names = {claim.measure for claim in CLAIMS if claim.shuffled}
    measures = [measure for measure in (*MEASURES, *COMPARISONS) if measure.name in names]
    found: dict[str, list[Amounts]] = {}
    for _ in range(settings.shuffles):
        world = Judged(shuffled(judged.history, judged.span.end, generator), judged.span)
        for measure in measures:
            amounts = measure.make(world)
            if isinstance(amounts, Amounts):
                found.setdefault(measure.name, []).append(amounts)
    return {name: pooled(parts) for name, parts in found.items()}


def _by_stage(judged: Judged, made: dict[str, Made]) -> pd.DataFrame:
    rows = []
    for group in STAGE_GROUPS:
        inside = np.isin(judged.place, GROUPS[group])
        customers = len(np.unique(judged.snapshots.customer[inside]))
        row: dict[str, object] = {"group": group, "snapshots": int(inside.sum()), "customers": customers}
        row["share"] = float(inside.mean())
        rows.append(row | {measure.name: _rate(made[measure.name], group) for measure in MEASURES})
    return pd.DataFrame(rows)


def _rate(made: Made, group: str) -> float:
    return made.rate(group) if isinstance(made, Amounts) else float("nan")


def _pairs(judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    """Place of each snapshot and of the same customer one period later, where that is known."""
    known, later = judged.later
    return judged.place[known], later


def _skipping(judged: Judged, pairs: tuple[np.ndarray, np.ndarray]) -> dict[str, object]:
    """No skipping holds by construction; so say how often the rule was needed."""
    skipped = forbidden(*pairs)
    would, entries = would_skip(judged.history, judged.span.spec, judged.spells)
    why = f"by construction; at {would:,} of {entries:,} entries into formative the other conditions of stable held"
    return {
        "claim": "no_skipping",
        "stage": "course",
        "says": "nobody reaches stable but through formative (moves that skip)",
        "measure": "moves from examination or regression to stable within a period",
        "compared": "everyone",
        "null": 0.0,
        "effect": float(skipped),
        "low": float(skipped),
        "high": float(skipped),
        "customers": len(np.unique(judged.snapshots.customer)),
        "rows": len(pairs[0]),
        "verdict": HOLDS if skipped == 0 else FAILS,
        "why": why,
    }


def _notes(judged: Judged, made: dict[str, Made]) -> list[str]:
    span, spec = judged.span, judged.span.spec
    ticks = f"{len(span.ticks)} ticks, {spec.hold_days} days apart, from {to_date(span.ticks[0])}"
    return [
        f"Judged at {ticks}; orders known up to {to_date(span.end)}; "
        f"{len(judged.place):,} snapshots of {len(np.unique(judged.snapshots.customer)):,} customers.",
        f"Stage spec {spec.hash}, fitted on orders before {spec.fitted_before}.",
        f"Left out, since their window is not finished: {_left_out(made, len(judged.place))}.",
        "Days in stage and pace are followed from the beginning of the log; who was a customer before it began "
        "is taken for new there.",
    ]


def _left_aside(judged: Judged, history: History, known: int | None) -> list[str]:
    """Customers and events that are not measured."""
    said, end = [], judged.span.end
    measured, known = len(judged.history.known(end)), len(history.known(end)) if known is None else known
    if measured < known:
        said.append(f"A random sample of {measured:,} of {known:,} customers is measured.")
    return said + ([told(judged.events, history, end)] if judged.events else [])


def _left_out(made: dict[str, Made], snapshots: int) -> str:
    windows = {"4 weeks": "ordered_4w", "13 weeks": "ordered_13w", "26 weeks": "ordered_26w"}
    found = {words: made[name] for words, name in windows.items()}
    return ", ".join(
        f"{amounts.left_out:,} of {snapshots:,} snapshots for {words}"
        for words, amounts in found.items()
        if isinstance(amounts, Amounts)
    )
