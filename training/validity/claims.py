"""The claims of the two articles, each as a hypothesis about one measure.

The articles: "Customer Life Cycle and Value Maintenance of E-commerce
Enterprises" (PRNewswire, 2012-10-12) and its fuller Chinese form.
"""

from dataclasses import dataclass
from typing import Literal

Extreme = Literal["highest", "lowest"]


@dataclass(frozen=True)
class Claim:
    """One sentence of the articles, as something that can turn out wrong.

    The effect is a ratio that lies above `null` where the claim is right: the
    measure in the first group over that in each of the others or, for what is
    claimed lowest, that in each of the others over the first. With one group
    it is the measure itself.

    Attributes:
        name: as in tables.
        stage: what it is about.
        says: what the articles claim.
        measure: name of the measure.
        groups: the group it is about, then those it is compared with.
        claimed: what the first group is claimed to be among them.
        null: the effect if the claim is empty.
        shuffled: whether the effect is taken over that of shuffled lives, for
            a customer compared with itself; see `shuffled`.
    """

    name: str
    stage: str
    says: str
    measure: str
    groups: tuple[str, ...]
    claimed: Extreme = "highest"
    null: float = 1.0
    shuffled: bool = False

    def compared(self, hardest: int | None = None) -> str:
        """What is divided by what.

        Args:
            hardest: position, among the others, of the group whose comparison is told.
        """
        first, others = self.groups[0], self.groups[1:]
        if not others:
            ratio = first
        else:
            other = others[0] if len(others) == 1 else self._among(others, hardest)
            ratio = f"{first} / {other}" if self.claimed == "highest" else f"{other} / {first}"
        return ratio + (", over shuffled lives" if self.shuffled else "")

    def _among(self, others: tuple[str, ...], hardest: int | None) -> str:
        choice = ", ".join(others)
        return f"{self.claimed} of {choice}" if hardest is None else f"{others[hardest]} (hardest of {choice})"


E, F, S, R = "examination", "formative", "stable", "regression"
_TOP = (S, E, F, R)
_OWN = (S, "elsewhere")

CLAIMS = (
    Claim("test_orders", E, "test orders are small", "order_value", (E, S), "lowest"),
    Claim("little_spend", E, "customers on trial bring less than stable ones", "spend_next", (E, S), "lowest"),
    Claim("little_profit", E, "customers on trial bring less than formative ones", "spend_next", (E, F), "lowest"),
    Claim("growth_spend", F, "spend increases (those still buying later)", "growth_spend", (F,), shuffled=True),
    Claim("growth_orders", F, "orders increase (those still buying later)", "growth_orders", (F,), shuffled=True),
    Claim("growth_everybody", F, "spend increases (everybody who entered)", "course_spend", (F,), shuffled=True),
    Claim("orders_formative", F, "more orders than in examination", "orders_next", (F, E)),
    Claim("ordering_formative", F, "likelier to order than in examination", "ordered_13w", (F, E)),
    Claim("orders_stable", S, "more orders than in formative", "orders_next", (S, F)),
    Claim("ordering_stable", S, "likelier to order than in formative", "ordered_13w", (S, F)),
    Claim("peak_amount", S, "transaction amount is at its highest", "spend_next", _TOP),
    Claim(
        "peak_amount_own", S, "the same customer's amount is higher than elsewhere", "spend_within", _OWN, shuffled=True
    ),
    Claim("peak_kept", S, "the own peak is held best", "peak_held", _TOP),
    Claim("peak_kept_sums", S, "the own peak is held best, sum over sum", "against_peak", _TOP),
    Claim("order_value", S, "willingness to pay is at its height: order value", "order_value", _TOP),
    Claim(
        "order_value_own",
        S,
        "the same customer's order value is higher than elsewhere",
        "value_within",
        _OWN,
        shuffled=True,
    ),
    Claim("unit_price", S, "higher prices are paid for the same products", "relative_price", _TOP),
    Claim("referrals", S, "loyal customers bring most new ones", "referrals", _TOP),
    Claim("cost_to_serve", S, "cost to serve is at its lowest", "cost_to_serve", _TOP, "lowest"),
    Claim("fall_off", R, "transactions fall off: least of the own peak is held", "peak_held", (R, E, F, S), "lowest"),
    Claim("fall_off_sums", R, "least of the own peak is held, sum over sum", "against_peak", (R, E, F, S), "lowest"),
    Claim(
        "fall_off_not_lost",
        R,
        "least of the own peak is held, without the lost",
        "peak_held",
        ("regression without the lost", E, F, S),
        "lowest",
    ),
    Claim(
        "fall_off_slipping",
        R,
        "the slipping, who still buy, hold less of it than the stable",
        "peak_held",
        ("slipping", S),
        "lowest",
    ),
    Claim("orders_silent", R, "the silent order less than the formative", "orders_next", ("silent", F), "lowest"),
    Claim(
        "ordering_silent",
        R,
        "the silent are less likely to order than the formative",
        "ordered_13w",
        ("silent", F),
        "lowest",
    ),
    Claim("from_examination", R, "comes from examination (share a period)", "to_regression", (E,), null=0.0),
    Claim("from_formative", R, "comes from formative (share a period)", "to_regression", (F,), null=0.0),
    Claim("from_stable", R, "comes from stable (share a period)", "to_regression", (S,), null=0.0),
    Claim("examination_short", "course", "examination is shorter than stable", "days_in_stage", (E, S), "lowest"),
    Claim("formative_short", "course", "formative is shorter than stable", "days_in_stage", (F, S), "lowest"),
    Claim(
        "value_of_length", "course", "a longer life cycle has brought more value", "value_so_far", ("longer", "shorter")
    ),
    Claim(
        "value_to_come", "course", "a longer life cycle brings more value to come", "value_ahead", ("longer", "shorter")
    ),
)
