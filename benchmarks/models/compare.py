"""Compare variants on the cut-offs to choose on: log loss and AUROC with paired intervals over customers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.rows import Rows
from benchmarks.models.variants import Said, Variant, say
from features.model.calibration import BetaMap, log_odds
from training import metrics
from training.bootstrap import Resampling, paired_auroc_interval, paired_interval
from training.calibrate import fit_blend, fit_map, level_to

RESAMPLING = Resampling(200, seed=1)


@dataclass(frozen=True)
class Ground:
    """A shop to choose on: its rows, the cut-offs that judge, the period in days."""

    name: str
    rows: Rows
    judged: list[int]
    period: int

    @property
    def later(self) -> Rows:
        """The judged rows, cut-off by cut-off."""
        parts = [self.rows.at([c]) for c in self.judged]
        return Rows(
            pd.concat([p.features for p in parts], ignore_index=True),
            pd.concat([p.facts for p in parts], ignore_index=True),
        )


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Probability of log odds."""
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


def said_of(ground: Ground, v: Variant, cache: Path) -> list[Said]:
    """What a variant says at each judged cut-off; kept."""
    said = []
    for cutoff in ground.judged:
        file = cache / f"said-{ground.name}-{cutoff}-{v.key}.npz"
        if not file.exists():
            one = say(ground.rows, cutoff, ground.period, v)
            np.savez(file, newest=one.newest, later=one.later, level=one.level)
        held = np.load(file)
        said.append(Said(held["newest"], held["later"], float(held["level"])))
    return said


def calibrated(
    ground: Ground, v: Variant, said: list[Said], newer: list[Said] | None = None, trust: float = 0.5
) -> np.ndarray:
    """Probabilities of all judged rows: the map of the newest finished cut-off, followed part of the way.

    With `newer`, what the same says fitted once more, its level held where the first fit has it.
    """
    parts = []
    for cutoff, one, two in zip(ground.judged, said, newer or said, strict=True):
        newest = ground.rows.at([cutoff - ground.period]).facts[v.target].to_numpy() > 0
        mapped = fit_map(sigmoid(one.newest), newest, BetaMap(c=one.level), trust)
        parts.append(_held(*(log_odds(mapped(sigmoid(z))) for z in (one.newest, two.newest, two.later))))
    return np.concatenate(parts)


def blended(
    ground: Ground, said: list[Said], plain: list[Said], newer: list[Said] | None = None, trust: float = 0.3
) -> np.ndarray:
    """Probabilities of orders with a plainer model beside the booster, as `stagecast train` puts them together."""
    parts = []
    for cutoff, one, other, two in zip(ground.judged, said, plain, newer or said, strict=True):
        newest = ground.rows.at([cutoff - ground.period]).facts["ordered"].to_numpy() > 0
        blend = fit_blend(sigmoid(one.newest), other.newest, newest, one.level, trust)
        first, again = (blend.logit(sigmoid(z.newest), other.newest) for z in (one, two))
        parts.append(_held(first, again, blend.logit(sigmoid(two.later), other.later)))
    return np.concatenate(parts)


def _held(first: np.ndarray, again: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Later probabilities, moved as the second fit must be to have the first one's mean on the newest cut-off."""
    return sigmoid(later + level_to(again, float(sigmoid(first).mean())))


def raw(said: list[Said]) -> np.ndarray:
    """Probabilities without any calibration but the level."""
    return np.concatenate([sigmoid(one.later + one.level) for one in said])


def groups(facts: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """All, one-time buyers, and those whose outcome is open: not lost."""
    yield "all", np.ones(len(facts), dtype=bool)
    yield "one-time", facts["order_days"].to_numpy() == 1
    yield "open", facts["sub_state"].to_numpy() != 3


def row(ground: Ground, target: str, name: str, p: np.ndarray, q: np.ndarray) -> list[dict]:
    """What is printed of a variant: its scores, and its differences from the reference `q`."""
    facts = ground.later.facts
    made = []
    for group, inside in groups(facts):
        y, who = facts[target].to_numpy()[inside].astype(float), facts["customer"].to_numpy()[inside]
        a, b = np.clip(p[inside], 1e-6, 1 - 1e-6), np.clip(q[inside], 1e-6, 1 - 1e-6)
        if y.min() == y.max():
            continue
        loss = paired_interval(metrics.log_losses(y, a), metrics.log_losses(y, b), who, RESAMPLING)
        rank = paired_auroc_interval(y, a, b, who, RESAMPLING) if group == "all" else None
        base = metrics.log_loss(y, b)
        made.append(
            {
                "shop": ground.name[:10],
                "group": group,
                "variant": name,
                "ll": metrics.log_loss(y, a),
                "d_ll_%": 100 * loss.estimate / base,
                "lo": 100 * loss.low / base,
                "hi": 100 * loss.high / base,
                "auroc": metrics.auroc(y, a),
                "d_auroc": rank.estimate if rank else metrics.auroc(y, a) - metrics.auroc(y, b),
                "ar_lo": rank.low if rank else np.nan,
                "ar_hi": rank.high if rank else np.nan,
                "ece": metrics.calibration_error(y, a),
            }
        )
    return made


def told(rows: list[dict]) -> str:
    """As text."""
    return pd.DataFrame(rows).to_string(index=False, float_format=lambda v: f"{v:.4f}")
