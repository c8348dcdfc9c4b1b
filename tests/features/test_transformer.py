"""The scikit-learn face: rows of X in its order, what is known at each cut-off, and nothing of later folds."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from features.errors import UsageError
from features.families import all_features
from features.past import Past
from features.sets.declared import FeatureSet
from features.sets.own import feature
from features.tables.config import Events
from features.transformer import LifecycleFeatures

CUTOFFS = ["1997-05-05", "1997-06-02", "1997-06-30", "1997-07-28", "1997-08-25"]
FEW = FeatureSet(windows=(4, 26), families=("recency", "counts"))


@pytest.fixture(scope="module")
def known(cdnow_few: pd.DataFrame) -> pd.DataFrame:
    """Every customer of the shop at each cut-off, in no order."""
    rows = pd.MultiIndex.from_product([cdnow_few["customer_id"].unique(), CUTOFFS], names=["customer_id", "cutoff"])
    return rows.to_frame(index=False).sample(frac=1, random_state=1)


def ordered_next(orders: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Whether each row's customer ordered in the four weeks after the cut-off."""
    pairs = rows.reset_index().merge(orders[["customer_id", "ordered_at"]], on="customer_id")
    start = pd.to_datetime(pairs["cutoff"])
    inside = (pairs["ordered_at"] >= start) & (pairs["ordered_at"] < start + pd.Timedelta("28D"))
    return rows.index.isin(pairs.loc[inside, "index"]).astype(int)


def test_one_row_for_each_row_in_its_order(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    made = LifecycleFeatures(cdnow_few, FEW).fit_transform(known)
    assert made.index.equals(known.index)
    last = cdnow_few.merge(known.reset_index(), on="customer_id")
    last = last[last["ordered_at"] < pd.to_datetime(last["cutoff"])].groupby("index")["ordered_at"].max()
    expected = (pd.to_datetime(known["cutoff"]) - last.reindex(known.index)).dt.days
    np.testing.assert_array_equal(made["recency"], expected)


def test_a_row_asked_twice_and_a_stranger(cdnow_few: pd.DataFrame) -> None:
    first = cdnow_few["customer_id"].iloc[0]
    rows = pd.DataFrame({"customer_id": [first, "nobody", first], "cutoff": pd.Timestamp(CUTOFFS[0])}, index=[5, 3, 1])
    made = LifecycleFeatures(cdnow_few, FEW).fit_transform(rows)
    assert made.loc[3].isna().all()
    assert made.loc[5].equals(made.loc[1])
    assert made.loc[5, "recency"] > 0


def test_who_has_not_come_yet_is_not_known(cdnow_few: pd.DataFrame) -> None:
    newest = cdnow_few.sort_values("ordered_at").drop_duplicates("customer_id")["customer_id"].iloc[-1]
    rows = pd.DataFrame({"customer_id": [newest] * 2, "cutoff": ["1997-01-06", CUTOFFS[-1]]})
    made = LifecycleFeatures(cdnow_few, FEW).fit_transform(rows)
    assert made.isna().all(axis=1).tolist() == [True, False]


def test_default_features_patterns_and_names(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    every = LifecycleFeatures(cdnow_few).fit(known)
    has = frozenset(cdnow_few.columns)
    assert every.get_feature_names_out().tolist() == [one.name for one in all_features(FeatureSet().windows, has)]
    some = LifecycleFeatures(cdnow_few, patterns=["net_spend_*", "recency"]).fit(known)
    assert set(some.transform(known)) == set(some.get_feature_names_out())
    assert "net_spend_4w" in some.get_feature_names_out()


def test_features_one_by_one_and_a_table(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    @feature(unit="days")
    def silence(past: Past) -> np.ndarray:
        """Days of silence."""
        return past.recency

    made = LifecycleFeatures(cdnow_few, [silence]).set_output(transform="pandas").fit_transform(known)
    assert list(made) == ["silence"]
    visits = cdnow_few[["customer_id"]].assign(happened_at=cdnow_few["ordered_at"])
    declared = FeatureSet(windows=(4,), families=("recency",), events={"visits": Events(measures=("count",))})
    with_visits = LifecycleFeatures(cdnow_few, declared, tables={"visits": visits}).fit_transform(known)
    assert with_visits["visits_count_ever"].sum() > 0


def test_in_a_pipeline_with_folds_over_time(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    rows = known.sort_values("cutoff", kind="stable").reset_index(drop=True)
    time = rows["cutoff"].to_numpy()
    folds = [(np.flatnonzero(time < cutoff), np.flatnonzero(time == cutoff)) for cutoff in CUTOFFS[2:]]
    steps = make_pipeline(LifecycleFeatures(cdnow_few, FEW), HistGradientBoostingClassifier(max_iter=10))
    scores = cross_val_score(
        steps, rows, ordered_next(cdnow_few, rows), cv=folds, scoring="roc_auc", error_score="raise"
    )
    assert (scores > 0.6).all()


def test_a_fold_of_the_past_after_one_of_the_future_is_refused(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    later = known[known["cutoff"] >= CUTOFFS[2]]
    fitted = LifecycleFeatures(cdnow_few, FEW).fit(later)
    with pytest.raises(UsageError, match="before those the stage spec was fitted on"):
        fitted.transform(known)


def test_a_later_fold_changes_nothing_of_what_was_fitted(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    cut = cdnow_few[cdnow_few["ordered_at"] < pd.Timestamp(CUTOFFS[1])]
    early = known[known["cutoff"] <= CUTOFFS[1]]
    whole, short = (LifecycleFeatures(orders).fit(early) for orders in (cdnow_few, cut))
    assert whole.spec_.to_json() == short.spec_.to_json()
    pd.testing.assert_frame_equal(whole.transform(early), short.transform(early))


def test_clones_share_the_history_until_the_orders_change(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    fitted = LifecycleFeatures(cdnow_few, FEW).fit(known)
    again = clone(fitted)
    assert again.orders is cdnow_few
    assert not hasattr(again, "spec_")
    assert again.fit(known)._history() is fitted._history()
    half = cdnow_few.iloc[::2]
    assert again.set_params(orders=half).fit(known)._history() is not fitted._history()
    assert fitted.get_params(deep=False).keys() == {"orders", "features", "patterns", "tables", "period"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pd.DataFrame({"customer_id": ["1"]}), "no column cutoff"),
        (np.ones((2, 2)), "no column customer_id, cutoff"),
        (pd.DataFrame({"customer_id": ["1"], "cutoff": ["1997-05-05 12:00"]}), "a cut-off is a midnight"),
        (pd.DataFrame({"customer_id": ["1", "1"], "cutoff": ["1997-05-05", "1997-05-06"]}), "must be a Monday"),
        (pd.DataFrame({"customer_id": [], "cutoff": pd.to_datetime([])}), "nothing to fit on"),
    ],
)
def test_rows_that_cannot_be_asked(cdnow_few: pd.DataFrame, rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LifecycleFeatures(cdnow_few, FEW).fit(rows)


def test_not_fitted(cdnow_few: pd.DataFrame, known: pd.DataFrame) -> None:
    with pytest.raises(NotFittedError):
        LifecycleFeatures(cdnow_few).transform(known)
