"""Ways to call a customer silent, with the rest of the definition the same, by the criteria and by the order of rates.

1. Return odds: silent once P(order within 13 weeks | band, silence) has fallen to half of what it was at first.
2. Dropout: regression where the MBG/NBD probability of being alive is below one half (Batislam, Denizel, Filiztekin
   2007; Hoppe and Wagner 2007), and never otherwise but for a fall-off.
3. Quantile: the Kaplan-Meier quantile of the time to the next order among those who return, by band, scaled to the own
   cadence; the same share late in every band (Q = 0.8).
4. Balanced quantile: as 3, with shares late that make equally many false alarms in a given time. This is what we use.

    python benchmarks/stages/ways.py ../shared/data
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from criteria import Criteria, judge_state
from scipy.optimize import minimize
from scipy.special import expit, gammaln
from shops import CLOCK, Shop, ordered_within, shops
from tuning import weights

from features.config import StageConfig
from features.fixed import Floats
from features.past import Past
from features.stages.fit import fit_spec
from features.stages.machine import StageState, run_stages
from features.stages.moves import Stage, SubState
from features.stages.spec import BANDS, StageSpec
from features.stages.spells import places
from features.stages.survival import Survival, kaplan_meier
from features.stages.tallies import waits

NEVER = 10_000.0
HORIZON = 91
_FROZEN = 1e9  # a shrinkage that leaves nothing of the own cadence


def spec_of(shop: Shop, **constants: float) -> StageSpec:
    """Spec with some constants, fitted on the reference half."""
    return fit_spec(shop.history, shop.reference, shop.period, StageConfig.model_validate(constants), CLOCK)


def states(shop: Shop, spec: StageSpec) -> StageState:
    """States of the shop's snapshots."""
    return run_stages(shop.history, spec, shop.snapshots.customer, shop.snapshots.cutoff)


def return_odds(shop: Shop) -> StageState:
    """Way 1."""
    band, waited, returned = waits(shop.history, shop.reference, int(NEVER))
    curves = [kaplan_meier(waited[band == b], returned[band == b], 10) for b in range(len(BANDS))]
    limits = tuple(_halved(curve) for curve in curves)
    spec = spec_of(shop, shrinkage=_FROZEN)
    return states(shop, spec.model_copy(update={"silent_after": limits, "lost_after": (NEVER,) * 4}))


def _halved(curve: Survival) -> float:
    """First day at which the odds of a return within 13 weeks are half of those at first."""
    days = np.arange(int(curve.times[-1]) - HORIZON) if len(curve.times) else np.empty(0)
    steps = np.concatenate([[1.0], curve.waiting])
    waiting = [steps[np.searchsorted(curve.times, days + ahead, side="right")] for ahead in (0, HORIZON)]
    chance = 1 - waiting[1] / waiting[0]
    low = np.flatnonzero(chance <= chance[:1] / 2)
    return float(max(days[low[0]], 1)) if len(low) else NEVER


def dropout(shop: Shop) -> StageState:
    """Way 2: refitted at no later tick, as the spec is not either."""
    spec = spec_of(shop)
    never = spec.model_copy(update={"silent_after": (NEVER,) * 4, "lost_after": (NEVER,) * 4})
    state = states(shop, never)
    known = shop.history.known(shop.reference)
    parameters = fit_mbgnbd(*_three(shop, known, np.full(len(known), shop.reference)))
    alive = probability_alive(parameters, *_three(shop, shop.snapshots.customer, shop.snapshots.cutoff))
    print(f"  {shop.name}: MBG/NBD r, alpha, a, b = {', '.join(f'{p:.3g}' for p in parameters)}", flush=True)
    gone = alive < 0.5
    stage = np.where(gone, Stage.REGRESSION, state.stage).astype(np.int8)
    sub_state = np.where(gone, SubState.SILENT, state.sub_state).astype(np.int8)
    return replace(state, stage=stage, sub_state=sub_state)


def _three(shop: Shop, customer: np.ndarray, cutoff: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """Repeat order-days, weeks from the first order-day to the last, and to the cut-off."""
    past = Past(shop.history, type(shop.snapshots)(customer, cutoff), spec_of(shop))
    return past.count("order_day") - 1, (past.tenure - past.recency) / 7, past.tenure / 7


def probability_alive(parameters: Floats, x: Floats, recency: Floats, age: Floats) -> Floats:
    """1 / (1 + a / (b + x) ((alpha + T) / (alpha + t_x))^(r + x))."""
    return np.asarray(expit(-_log_odds_dead(parameters, x, recency, age)))


def fit_mbgnbd(x: Floats, recency: Floats, age: Floats) -> Floats:
    """Maximum likelihood of r, alpha, a, b."""

    def loss(log_parameters: Floats) -> float:
        r, alpha, a, b = parameters = np.exp(log_parameters)
        survived = gammaln(b + x + 1) - gammaln(b) + gammaln(a + b) - gammaln(a + b + x + 1)
        ordered = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + age)
        dead = np.logaddexp(0, _log_odds_dead(parameters, x, recency, age))
        return -float((survived + ordered + dead).mean())

    start = np.log([1.0, 10.0, 1.0, 2.0])
    return np.exp(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6}).x)


def _log_odds_dead(parameters: Floats, x: Floats, recency: Floats, age: Floats) -> Floats:
    r, alpha, a, b = parameters
    return np.asarray(np.log(a / (b + x)) + (r + x) * np.log((alpha + age) / (alpha + recency)))


WAYS = {
    "1 return odds": return_odds,
    "2 dropout": dropout,
    "3 quantile": lambda shop: states(shop, spec_of(shop, quantile=0.8, balance=0)),
    "4 balanced quantile": lambda shop: states(shop, spec_of(shop)),
}


def rates(shop: Shop, state: StageState, resampled: Floats) -> str:
    """P(order within 13 weeks) of stable, formative, examination and the silent, and which steps are sure."""
    ordered, place = ordered_within(shop, HORIZON), places(state.stage, state.sub_state)
    asked = np.isfinite(ordered) & ((shop.snapshots.cutoff - shop.reference) % shop.period == 0)
    code = np.searchsorted(shop.side, shop.snapshots.customer)
    groups = [asked & inside for inside in (place == 2, place == 1, place == 0, place >= 4)]
    sums = [np.bincount(code[g], weights=ordered[g], minlength=len(shop.side)) for g in groups]
    counts = [np.bincount(code[g], minlength=len(shop.side)) for g in groups]
    with np.errstate(invalid="ignore"):
        point = [s.sum() / c.sum() for s, c in zip(sums, counts, strict=True)]
        draws = [(resampled @ s) / (resampled @ c) for s, c in zip(sums, counts, strict=True)]
    steps = [("S>F", 0, 1), ("F>E", 1, 2), ("F>silent", 1, 3)]
    told = [(name, draws[a] - draws[b]) for name, a, b in steps if counts[a].any() and counts[b].any()]
    sure = [name if np.nanquantile(difference, 0.025) > 0 else f"not {name}" for name, difference in told]
    share = (place[asked] >= 3).mean()
    return f"{' / '.join(f'{p:.2f}' for p in point)} ({', '.join(sure)}); regression {share:.0%}"


def main() -> None:
    """Print a table a way, on the half of the customers that was not used to choose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found = list(shops(parser.parse_args().folder, 1))
    for name, way in WAYS.items():
        print(f"\n{name}\n")
        for shop in found:
            resampled = weights(shop)
            state = way(shop)
            print(f"- {shop.name}: {said(judge_state(shop, state, resampled))}; {rates(shop, state, resampled)}")


def said(c: Criteria) -> str:
    """Criteria in a line."""
    first = f"separation {c.separation:.3f}, flicker {c.flicker:.2f}"
    return f"{first}, delay {c.delay:.0f}, false alarms {c.false_alarms:.2f}"


if __name__ == "__main__":
    main()
