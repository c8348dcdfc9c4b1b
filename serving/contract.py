"""The score table's contract: what marketing reads."""

import pyarrow as pa

_TEXT = pa.string()
_NUMBER = pa.float64()

COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "customer_id": (_TEXT, "the customer, as in the orders"),
    "as_of": (pa.dictionary(pa.int32(), pa.string()), "cut-off; only what came before it is known"),
    "stage": (_TEXT, "stage at the cut-off"),
    "stage_since": (pa.timestamp("ms"), "tick at which the stage was entered"),
    "next_stage": (_TEXT, "most probable stage one period later"),
    "p_examination": (_NUMBER, "probability of examination one period later"),
    "p_formative": (_NUMBER, "probability of formative one period later"),
    "p_stable": (_NUMBER, "probability of stable one period later"),
    "p_regression": (_NUMBER, "probability of regression one period later"),
    "p_order": (_NUMBER, "probability of at least one order in the period"),
    "expected_spend": (_NUMBER, "expected net spend in the period; null without money"),
    "expected_spend_low": (_NUMBER, "one in ten spends less in the period; null without money"),
    "expected_spend_high": (_NUMBER, "one in ten spends more in the period; null without money"),
    "expected_orders_52w": (_NUMBER, "expected days with an order in 52 weeks"),
    "expected_spend_52w": (_NUMBER, "expected net spend in 52 weeks; null without money"),
    "expected_spend_52w_low": (_NUMBER, "one in ten spends less in 52 weeks; null without money"),
    "expected_spend_52w_high": (_NUMBER, "one in ten spends more in 52 weeks; null without money"),
    "value_52w": (_NUMBER, "expected profit of 52 weeks, by [serving.value]; null without money"),
    "value_at_risk": (_NUMBER, "how much more profit of 52 weeks if regression were ruled out; null without money"),
    "reasons": (_TEXT, "what moves the risk of regression most, in the customer's own terms"),
    "model_name": (_TEXT, "registered model"),
    "model_version": (pa.int64(), "its version"),
    "spec_hash": (_TEXT, "hash of the stage spec"),
    "run_id": (_TEXT, "MLflow run that made the model"),
    "scored_at": (pa.timestamp("us"), "when the row was first made, UTC"),
}

SCHEMA = pa.schema([pa.field(name, dtype, metadata={"meaning": meaning}) for name, (dtype, meaning) in COLUMNS.items()])

PROBABILITIES = ("p_examination", "p_formative", "p_stable", "p_regression", "p_order")
"""Columns in [0, 1]."""

FAVOUR = "in its favour: "
"""How a reason begins that lowers the risk."""

ALWAYS = (
    "customer_id",
    "as_of",
    "stage",
    "stage_since",
    "next_stage",
    *PROBABILITIES,
    "model_name",
    "model_version",
    "spec_hash",
    "run_id",
    "scored_at",
)
"""Columns that are never null."""
