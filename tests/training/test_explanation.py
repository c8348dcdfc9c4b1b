"""What a model looks at: contributions that add up to what it says, in the order of their size."""

import numpy as np

from training.explanation import shap_by_concept, shap_figure, shap_table
from training.table import Table
from training.train import Trained


def test_contributions_add_up_to_what_the_booster_says(trained: Trained, judged_on: Table) -> None:
    features = judged_on.features
    values = shap_by_concept(trained.model, features, threads=1)

    said = {"order": trained.model.raw("order", features, 1), "regression": trained.model.p_regression(features, 1)}
    assert list(values) == list(said)
    for part, p in said.items():
        left = np.log(p) - np.log1p(-p) - values[part].sum(axis=1)
        np.testing.assert_allclose(left, left.iloc[0], atol=1e-6)  # the base, the same for all


def test_the_table_holds_mean_sizes_the_largest_first(trained: Trained, judged_on: Table) -> None:
    values = shap_by_concept(trained.model, judged_on.features.head(50), threads=1)
    table = shap_table(values)

    assert list(table.columns) == ["concept", *values]
    largest = table[[*values]].max(axis=1)
    assert largest.is_monotonic_decreasing
    assert largest[0] > 0
    for row in table.itertuples():
        assert row.order == np.abs(values["order"][row.concept]).mean()
    names = [text.get_text().split("  ")[0] for text in shap_figure(values).axes[0].get_yticklabels()]
    assert names[-1] == table.loc[table["order"].idxmax(), "concept"]
