"""The words of the report: what each stage is, what each verdict asks for."""

STAGES = {
    "examination": "trial orders",
    "formative": "orders follow, trust grows",
    "stable": "at the own best and staying there",
    "regression": "orders have fallen off or stopped",
}

VERDICTS = {"pass": "passed", "warn": "look at this", "stop": "stopped"}

GATES = {
    "first": "First week",
    "fresh": "The newest orders",
    "orders": "Customers who ordered this week",
    "hole": "Days without orders",
    "basket": "Lines of an order",
    "money": "Money of an order",
    "newcomers": "New customers",
    "sources": "Where orders come from",
    "past": "Orders of days gone by",
    "customers": "Customers known",
    "spec": "Definition of the stages",
    "stages": "Customers by stage",
    "scores": "Scores",
}

STANDINGS = {
    "fine": "The model fits",
    "recalibrate": "Recalibrate the model",
    "retrain": "Train the model anew",
    "investigate": "Look into the data",
}

TARGETS = {
    "order": "who orders",
    "regression": "who regresses",
    "next stage": "the next stage",
    "spend": "who spends most",
}

OUTCOMES = {
    "order": "customers who ordered",
    "regression": "customers in regression at the end",
    "spend": "net spend",
}

METRICS = {
    "log_loss": "log loss",
    "log_loss_share": "log loss against that of a plain table of shares",
    "observed_lately": "how many it happened to, or net spend, over the last graded weeks together",
    "gini": "ranking by spend (Gini)",
}

AGAINST = {"pass": "better", "warn": "worse", "even": "as good"}

KINDS = {"up": "Forward", "back": "Back from regression", "down": "Into regression", "other": "Other moves"}
"""Moves between stages by their direction; `other` holds what only a changed definition can bring."""

_UP = {("examination", "formative"), ("formative", "stable"), ("examination", "stable")}


def kind_of(before: str, now: str) -> str:
    """The direction of a move between two stages."""
    if now == "regression":
        return "down"
    if before == "regression":
        return "back"
    return "up" if (before, now) in _UP else "other"
