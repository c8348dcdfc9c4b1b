"""The stage machine once more, slowly, in plain Python, from the words of its definition.

At every tick everything is worked out anew from the list of a customer's days;
nothing is carried along but what the definition says is remembered: the stage,
since when, the peak, and how many ticks running something has held.
"""

import bisect
import copy
import itertools
import math
from dataclasses import dataclass, field

import pandas as pd

from features.stages.spec import StageSpec

MILLION = 1_000_000
EPOCH = pd.Timestamp("1970-01-01")


@dataclass
class Customer:
    """Days with their spend, returns and purchases; money in millionths."""

    bought: dict[int, int] = field(default_factory=dict)
    spent: dict[int, int] = field(default_factory=dict)
    returned: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)

    def add(self, day: int, amount: float, is_return: bool) -> None:
        money = 0 if math.isnan(amount) else round(amount * MILLION)
        self.lines[day] = self.lines.get(day, 0) + 1
        if is_return:
            self.returned[day] = self.returned.get(day, 0) - money
        else:
            self.bought[day] = self.bought.get(day, 0) + 1
            self.spent[day] = self.spent.get(day, 0) + money

    def order_days(self, has_money: bool) -> list[int]:
        """Days with a purchase, but those on which the money spent was given back."""
        return sorted(day for day in self.bought if not (has_money and self._cancelled(day)))

    def _cancelled(self, day: int) -> bool:
        if day not in self.returned or self.spent[day] <= 0:
            return False
        return abs(self.spent[day] - self.returned[day]) <= self.lines[day]  # each was rounded

    def net(self) -> list[tuple[int, int]]:
        days = sorted({*self.bought, *self.returned})
        return [(day, self.spent.get(day, 0) - self.returned.get(day, 0)) for day in days]


def customers(orders: pd.DataFrame) -> dict[str, Customer]:
    found: dict[str, Customer] = {}
    amounts = orders["amount"] if "amount" in orders else pd.Series(math.nan, index=orders.index)
    days = (orders["ordered_at"].dt.floor("D") - EPOCH).dt.days
    rows = zip(orders["customer_id"], days, amounts, orders["is_return"], strict=True)
    for name, day, amount, is_return in rows:
        found.setdefault(name, Customer()).add(int(day), float(amount), bool(is_return))
    return found


def stage_table(orders: pd.DataFrame, spec: StageSpec, last_tick: int, only: set[str] | None = None) -> pd.DataFrame:
    """One row for each customer and tick, from the first after the first order-day to `last_tick`."""
    has_money = "amount" in orders and bool(orders["amount"].notna().any())
    rows = []
    for name, customer in customers(orders if only is None else orders[orders["customer_id"].isin(only)]).items():
        rows += [{"customer_id": name, **row} for row in walk(customer, spec, last_tick, has_money)]
    names = ["customer_id", "cutoff", "stage", "sub_state", "since", "recoveries", "reached"]
    table = pd.DataFrame(rows, columns=[*names, "cadence", "silence", "level", "peak", "to_hold", "if_silent"])
    return table.sort_values(["customer_id", "cutoff"], ignore_index=True)


def walk(customer: Customer, spec: StageSpec, last_tick: int, has_money: bool) -> list[dict[str, float]]:
    days = customer.order_days(has_money)
    if not days:
        return []
    weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(spec.week_starts)
    tick = days[0] + 1
    while (tick + 3) % 7 != weekday:  # day 0 was a Thursday
        tick += 1
    measured = customer.net() if spec.level_measure == "net" else [(day, MILLION) for day in days]
    machine = Machine(spec, days, measured, since=tick)
    rows = []
    while tick <= last_tick:
        row = machine.at(tick)
        rows.append({**row, "if_silent": 3 if row["silence"] > 1 else machine.if_silent(tick)})
        tick += 7
    return rows


class Machine:
    def __init__(self, spec: StageSpec, days: list[int], measured: list[tuple[int, int]], since: int) -> None:
        self.spec, self.days, self.measured = spec, days, measured
        self.stage, self.since, self.reached, self.recoveries = "E", since, "E", 0
        self.peak = -math.inf
        self.falling = self.holding = self.steady = 0

    def at(self, tick: int) -> dict[str, float]:
        spec, chosen = self.spec, self.spec.constants
        seen = self.days[: bisect.bisect_left(self.days, tick)]
        n, last = len(seen), seen[-1]
        band = 0 if n == 1 else 1 if n <= 3 else 2 if n <= 7 else 3
        cadence = self._cadence(seen, spec.typical_gap[band])
        scale = cadence / spec.typical_gap[band]
        limit = max(spec.silent_after[band] * scale, chosen.shortest_silence)
        lost_limit = max(limit * spec.lost_after[band] / spec.silent_after[band], limit)
        silent = tick - last > limit
        level = self._level(tick, cadence)
        self.peak = max(self.peak, level)

        share = round(level / self.peak, 6) if self.peak > 0 else math.nan
        falls = n >= chosen.stable_days and share <= chosen.falls_off
        if self.stage == "R" and tick - self.since >= 7 * chosen.fall_weeks:
            falls = False
        holds = share >= chosen.holds_up
        self.falling = self.falling + 1 if falls else 0
        self.holding = self.holding + 1 if holds else 0
        self.steady = 0 if falls or silent else self.steady + 1

        held = tick - self.since >= spec.hold_days
        settled = n >= chosen.stable_days and tick - seen[0] >= chosen.settled_gaps * cadence
        self._move(self._target(n, last, silent, held, settled), tick, level)
        states = {"R": "lost" if tick - last > lost_limit else "silent" if silent else "slipping"}
        return {
            "cutoff": tick,
            "stage": "EFSR".index(self.stage),
            "sub_state": ["", "slipping", "silent", "lost"].index(states.get(self.stage, "")),
            "since": self.since,
            "recoveries": self.recoveries,
            "reached": "EFS".index(self.reached),
            "cadence": cadence,
            "silence": (tick - last) / limit,
            "level": level,
            "peak": self.peak,
            "to_hold": self._to_hold(tick, cadence, n),
        }

    def if_silent(self, tick: int) -> float:
        """Stage a period later of the same machine, for which nothing comes from the tick on."""
        days = [day for day in self.days if day < tick]
        alone = copy.copy(self)
        alone.days, alone.measured = days, [(day, value) for day, value in self.measured if day < tick]
        for later in range(tick + 7, tick + self.spec.hold_days + 1, 7):
            stage = alone.at(later)["stage"]
        return stage

    def _to_hold(self, tick: int, cadence: float, order_days: int) -> float:
        """What the peak asks of the window at the end of the period, less what is left in it then."""
        spent = [value / MILLION for day, value in self.measured if day < tick]
        usual = math.fsum(spent) / order_days
        if usual <= 0 or self.peak <= 0:
            return math.nan
        weeks = self._window(cadence) / 7
        left = self._level(tick + self.spec.hold_days, cadence, before=tick)
        return (self.spec.constants.falls_off * self.peak - left) * weeks / usual

    def _cadence(self, seen: list[int], typical: float) -> float:
        k = self.spec.constants.shrinkage
        logs = [math.log(b - a) for a, b in itertools.pairwise(seen)]
        return round(math.exp((k * math.log(typical) + math.fsum(logs)) / (k + len(seen) - 1)), 6)

    def _window(self, cadence: float) -> int:
        chosen = self.spec.constants
        shortest, longest = chosen.level_periods * self.spec.hold_days, 7 * chosen.level_weeks
        return int(min(max(chosen.level_gaps * cadence, shortest), longest))

    def _level(self, tick: int, cadence: float, before: float = math.inf) -> float:
        """Level at a tick if nothing comes from the day `before` on."""
        window = self._window(cadence)
        total = sum(value for day, value in self.measured if tick - window <= day < min(tick, before))
        return total / MILLION * 7 / window

    def _target(self, n: int, last: int, silent: bool, held: bool, settled: bool) -> str:
        formative = n >= self.spec.constants.formative_days
        if self.stage == "R":
            if held and last >= self.since and self.steady >= self.spec.constants.steady:
                return "F" if formative else "E"
            return "R"
        if silent or self.falling >= self.spec.constants.running:
            return "R"
        if self.stage == "E" and formative and held:
            return "F"
        if self.stage == "F" and settled and held and self.holding >= self.spec.constants.running:
            return "S"
        return self.stage

    def _move(self, target: str, tick: int, level: float) -> None:
        if target == self.stage:
            return
        if self.stage == "R":
            self.recoveries += 1
            self.peak = level
        if "R" in (self.stage, target):
            self.falling = self.holding = self.steady = 0
        if target != "R" and "EFS".index(target) > "EFS".index(self.reached):
            self.reached = target
        self.stage, self.since = target, tick
