"""A digest of all that a forecast depends on: while it stays the same, a stored forecast is as good as a new one."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from features.history import History
from features.sets.declared import FeatureSet
from features.stages.spec import StageSpec
from training.config import Recipe

if TYPE_CHECKING:
    from hashlib import _Hash

WITHOUT_EFFECT = frozenset(
    (
        "threads",
        "judge_cutoffs",
        "resamples",
        "validity_resamples",
        "experiment",
        "model_name",
        "artifacts",
        "work",
        "profit",
        "tuning",
        "grading",
    )
)
"""Settings of [training] that change no forecast; a new one counts until it is named here."""

_LIBRARIES = ("lightgbm", "numpy", "scipy", "scikit-learn")
_PACKAGES = ("features", "training")


def key(history: History, spec: StageSpec, recipe: Recipe) -> str:
    """16 hex digits that change with any order, table, setting or line of code that may change a forecast.

    Args:
        history: what is known of all customers, tables beside the orders included.
        spec: the stage spec.
        recipe: how a model is trained.
    """
    running = hashlib.sha256()
    for part in (history, spec.hash, settings(recipe), _code(), _own_code(recipe.features.code)):
        _feed(running, part)
    return running.hexdigest()[:16]


def settings(recipe: Recipe) -> str:
    """The settings that a forecast depends on, as JSON."""
    parts = {
        "clock": recipe.clock.week_starts,
        "period_days": recipe.period_days,
        "stages": recipe.stages.model_dump(mode="json"),
        "features": FeatureSet.of(recipe.features).model_dump(mode="json"),
        "training": recipe.training.model_dump(mode="json", exclude=set(WITHOUT_EFFECT)),
    }
    return json.dumps(parts, sort_keys=True, indent=2)


@cache
def _code() -> str:
    """Digest of the code that makes forecasts, so that a changed version never takes the word of an older one."""
    running = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted(_folder(package).rglob("*.py")):
            _feed(running, file.relative_to(_folder(package)).as_posix())
            _feed(running, file.read_bytes())
    _feed(running, {name: version(name) for name in _LIBRARIES})
    return running.hexdigest()


def _own_code(addresses: Iterable[str]) -> dict[str, bytes]:
    """The files of features written in Python, by address; what they import themselves is not looked at."""
    found = {address: find_spec(address.partition(":")[0]) for address in addresses}
    return {
        address: Path(spec.origin).read_bytes()
        for address, spec in found.items()
        if spec and spec.origin and Path(spec.origin).is_file()
    }


def _folder(package: str) -> Path:
    spec = find_spec(package)
    return Path(str(spec and spec.origin)).parent


def _feed(running: "_Hash", value: object) -> None:
    """Each value with its kind and its length, so that no two different values read the same."""
    if isinstance(value, np.ndarray):
        _feed_array(running, value)
    elif isinstance(value, pa.Array):
        _feed(running, value.to_pylist())
    elif is_dataclass(value):
        _feed(running, {field.name: getattr(value, field.name) for field in fields(value)})
    elif isinstance(value, Mapping):
        _feed(running, sorted(value))
        for name in sorted(value):
            _feed(running, value[name])
    else:
        content = value if isinstance(value, bytes) else repr(value).encode()
        running.update(f"{type(value).__name__} {len(content)} ".encode() + content)


def _feed_array(running: "_Hash", values: np.ndarray) -> None:
    if values.dtype.hasobject:
        _feed(running, values.tolist())
        return
    running.update(f"array {values.dtype.str} {values.shape} ".encode())
    running.update(np.ascontiguousarray(values).data)
