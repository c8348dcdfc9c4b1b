"""What a model looks at, concept by concept over the judged snapshots, as a table and a picture."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.model.explain import contributions
from features.model.forecast import Model
from features.model.risk import risk_weights
from features.stages.colours import STAGE_COLOURS
from features.stages.moves import Stage

_DRAWN = 800
_RAISES, _LOWERS = STAGE_COLOURS[Stage.REGRESSION], STAGE_COLOURS[Stage.STABLE]


def shap_by_concept(model: Model, features: pd.DataFrame, threads: int = 0) -> dict[str, pd.DataFrame]:
    """What each concept adds to log odds: a row a snapshot, a column a concept.

    `order`: SHAP values of the booster; `regression`: weights of the risk against the typical customer.

    Args:
        model: the model.
        features: of the snapshots to explain.
        threads: at a time.
    """
    order = contributions(model, "order", features, threads).frame()
    return {"order": order, "regression": risk_weights(model, features, threads)}


def shap_table(values: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Mean size of each concept's contribution, by part: `concept`, `order`, `regression`; the largest first."""
    sizes = pd.DataFrame({part: frame.abs().mean() for part, frame in values.items()})
    largest = sizes.max(axis=1).sort_values(ascending=False, kind="stable").index
    return sizes.loc[largest].rename_axis("concept").reset_index()


def shap_figure(values: dict[str, pd.DataFrame]) -> Figure:
    """Each concept's contribution to each of some snapshots, the concepts with the largest on top."""
    concepts = max(frame.shape[1] for frame in values.values())
    figure = Figure(figsize=(10, 1.4 + 0.34 * concepts), layout="constrained")
    for axes, (part, frame) in zip(figure.subplots(1, len(values)), values.items(), strict=True):
        _draw(axes, frame, part)
    return figure


def _draw(axes: Axes, frame: pd.DataFrame, part: str) -> None:
    sizes = frame.abs().mean().sort_values()
    rng = np.random.default_rng(0)
    some = frame[sizes.index].sample(min(len(frame), _DRAWN), random_state=0)
    for place, name in enumerate(sizes.index):
        values = some[name].to_numpy()
        spread = place + rng.uniform(-0.3, 0.3, len(values))
        axes.scatter(values, spread, s=4, alpha=0.5, linewidths=0, c=np.where(values > 0, _RAISES, _LOWERS))
    axes.axvline(0, color="#666666", linewidth=1, linestyle=":")
    axes.set_yticks(range(len(sizes)), [f"{name}  {size:.2f}" for name, size in sizes.items()])
    axes.set_ylim(-0.6, len(sizes) - 0.4)
    axes.set_xlabel("added to the log odds; a dot a snapshot")
    axes.set_title(f"What moves {part} (mean size beside it)", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
