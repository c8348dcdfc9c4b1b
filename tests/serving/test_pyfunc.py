"""MLflow's pyfunc loads the champion through the installed package, and says what the scorer says."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import ModelError, UsageError
from features.model.season import Seasons
from features.model.store import open_store, quiet
from serving.pyfunc import FORECAST, StagecastModel, _load_pyfunc


@pytest.fixture(scope="module")
def features(shop: Shop) -> pd.DataFrame:
    table = stagecast.features(shop.frame, [AS_OF], shop.config, spec=shop.registered.model.spec)
    return table[list(shop.registered.model.contract.features)]


@pytest.fixture(scope="module")
def loaded(shop: Shop) -> Any:
    open_store(shop.uri)
    with quiet():
        return mlflow.pyfunc.load_model("models:/stagecast@champion")


def test_the_pyfunc_says_what_the_scorer_says(loaded: Any, features: pd.DataFrame, scores: pd.DataFrame) -> None:
    said = loaded.predict(features)
    assert list(said) == list(FORECAST)
    np.testing.assert_array_equal(said, scores[list(FORECAST)])


def test_the_cutoff_is_a_parameter_since_features_do_not_say_what_day_it_is(
    loaded: Any, shop: Shop, features: pd.DataFrame
) -> None:
    model = shop.registered.model
    seasons = Seasons(first=date.fromisoformat(AS_OF) - timedelta(weeks=52), shifts=(0.5,))
    seasonal = replace(model, calibration=model.calibration.model_copy(update={"seasons": seasons}))
    said = StagecastModel(seasonal).predict(features, {"as_of": AS_OF})

    assert (said["p_order"] > loaded.predict(features)["p_order"]).all()
    pd.testing.assert_frame_equal(loaded.predict(features, params={"as_of": AS_OF}), loaded.predict(features))
    with pytest.raises(UsageError, match="cut-off"):
        StagecastModel(model).predict(features, {"as_of": "1998-01-01T12:00"})


def test_columns_are_taken_by_name(loaded: Any, features: pd.DataFrame) -> None:
    shuffled = features[sorted(features, reverse=True)].assign(another=1.0)
    pd.testing.assert_frame_equal(loaded.predict(shuffled), loaded.predict(features), check_exact=True)


def test_a_missing_feature_is_refused_by_name(loaded: Any, features: pd.DataFrame) -> None:
    with pytest.raises((mlflow.MlflowException, ModelError), match="recency"):
        loaded.predict(features.drop(columns="recency"))


def test_signature_and_input_example_are_there(loaded: Any, shop: Shop) -> None:
    signature = loaded.metadata.signature
    assert signature.inputs.input_names() == list(shop.registered.model.contract.features)
    assert set(map(str, signature.inputs.input_types())) == {"DataType.double"}
    assert signature.outputs.input_names() == list(FORECAST)
    assert loaded.input_example is not None


def test_damaged_files_are_refused_here_too(shop: Shop, tmp_path: Path) -> None:
    for path in shop.bundle.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert isinstance(_load_pyfunc(str(tmp_path)), StagecastModel)
    (tmp_path / "order.txt").write_bytes(b"tree\n")
    with pytest.raises(ModelError, match=r"order\.txt"):
        _load_pyfunc(str(tmp_path))
