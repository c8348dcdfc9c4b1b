"""A made-up shop week by week: facts as a scoring job would find them, and ways to spoil them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.clock import to_date
from features.model.reference import p_count
from serving.gates import Counts, OrderDays, WeekFacts
from serving.gates.days import WEEKS

FIRST = 15_645  # 2012-11-05, a Monday
WEEKDAYS = np.array([40, 35, 35, 40, 50, 60, 0])
LINES = 3.0
SHARES = {"web": 0.7, "shop": 0.25, "fair": 0.05}


@dataclass(frozen=True)
class Shop:
    """A shop that is closed on Sundays and over New Year; `weeks` long, Poisson all through.

    Attributes:
        seed: of everything random.
        weeks: length of the log.
        stages: share of the customers in each stage.
        lost: share of the customers lost.
        pull: mean log odds of regression.
    """

    seed: int = 1
    weeks: int = 90
    stages: tuple[float, ...] = (0.4, 0.2, 0.1, 0.3)
    lost: float = 0.2
    pull: float = 0.0

    @cached_property
    def days(self) -> dict[str, np.ndarray]:
        """Customers, newcomers, and lines of each source, on every day of the log."""
        rng = np.random.default_rng(self.seed)
        open_ = np.tile(WEEKDAYS, self.weeks).astype(float)
        for new_year in (8 * 7, 60 * 7):
            open_[new_year - 4 : new_year + 3] = 0
        customers = rng.poisson(open_)
        newcomers = rng.binomial(customers, 0.3)
        lines = {name: rng.poisson(LINES * share * customers) for name, share in SHARES.items()}
        return {"customers": customers, "newcomers": newcomers, **lines}

    def facts(self, week: int, version: int = 1, spec: str = "aaaa") -> WeekFacts:
        """The facts at the end of the week of this number, counted from 1."""
        until, cutoff = week * 7, FIRST + week * 7
        window = {name: _last(days[:until]) for name, days in self.days.items()}
        rows = int(self.days["newcomers"][:until].sum())
        rng = np.random.default_rng((self.seed, week))
        stages = rng.multinomial(rows, self.stages)
        p = 1 / (1 + np.exp(-rng.normal(self.pull, 1, rows)))
        return WeekFacts(
            as_of=to_date(cutoff).isoformat(),
            model=f"stagecast/{version}",
            spec_hash=spec,
            lost=round(self.lost * rows),
            counts=Counts(
                rows=rows,
                stages=dict(zip(("examination", "formative", "stable", "regression"), stages.tolist(), strict=True)),
                p_regression=tuple(p_count(p).tolist()),
                p_order=tuple(p_count(1 - p).tolist()),
                sums={"p_regression": float(p.sum()), "p_order": float((1 - p).sum())},
            ),
            orders=OrderDays(
                since=to_date(cutoff - WEEKS * 7).isoformat(),
                lines=tuple(sum(np.array(window[name]) for name in SHARES).tolist()),
                customers=window["customers"],
                newcomers=window["newcomers"],
                begun=min(until, WEEKS * 7),
                spend=tuple(20_000_000 * count for count in window["customers"]),
                sources={name: window[name] for name in SHARES},
            ),
        )

    def before(self, week: int, many: int = 12) -> list[WeekFacts]:
        """Facts of the weeks before one, oldest first."""
        return [self.facts(earlier) for earlier in range(max(week - many, 1), week)]

    def with_(self, **changes: object) -> "Shop":
        """The same shop with other settings."""
        return replace(self, **changes)  # type: ignore[arg-type]


def respoilt(facts: WeekFacts, **orders: tuple[int, ...]) -> WeekFacts:
    """The week with other daily counts."""
    return facts.model_copy(update={"orders": facts.orders.model_copy(update=orders)})


def _last(days: np.ndarray) -> tuple[int, ...]:
    room = np.zeros(WEEKS * 7, dtype=np.int64)
    recent = days[-WEEKS * 7 :]
    room[len(room) - len(recent) :] = recent
    return tuple(room.tolist())
