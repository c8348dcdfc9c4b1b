"""The card of the registered model: what it is for, what goes in and out, and what it cannot do."""

from features.model.forecast import FORECAST, Model


def model_card(model: Model, name: str) -> str:
    """The card, as Markdown.

    Args:
        model: the model that is registered first; later versions keep its card.
        name: registered model.
    """
    period = model.spec.hold_days
    return "\n\n".join(
        [
            "Where every customer will stand one period from now, how likely each is to regress or to order, and what"
            f" each will spend. One period is {period} days; *regression* is the stage in which the relationship"
            " reverses.",
            "**Use.** `stagecast score ORDERS --as-of DATE --out scores` takes the version under the alias *champion*;"
            f" `--model {name}@challenger` or `--model {name}/VERSION` another one. `stagecast promote` moves the alias"
            " if a gate says yes.",
            f"**In.** One row a customer and cut-off with {len(model.contract.features)} features, which stagecast"
            " builds from the orders before the cut-off, the same in training and in scoring. The signature names them;"
            " the input example is the typical customer, nobody's own row.",
            f"**Out.** {', '.join(f'`{column}`' for column in FORECAST)}. The four stages sum to 1, and forbidden"
            " moves are exactly 0.",
            "**What is in a version.** LightGBM's own text files, the stage spec, the feature contract, the calibration"
            " and typical values, under a manifest of SHA-256 sums. No code, nothing pickled. Every byte is checked"
            " against the tag `bundle_sha256` before it is read.",
            "**How good it is.** Each version says so on its own page: judged out of time, beside a ladder of"
            " baselines, by a fit of the same recipe on older orders.",
            "**What it cannot do.** It tells what to expect, not what would change it. Probabilities are honest on"
            " average over customers and cut-offs, not for one customer, and lag behind a shop whose level swings"
            " otherwise than a year ago. Versions with another `spec_hash` mean something else by their stages: their"
            " scores cannot be compared.",
        ]
    )
