"""20. A table of another library never reaches LightGBM, which would end the process: it is refused by name."""

import subprocess
import sys
from pathlib import Path

import pytest
from trained_shop import Shop

from features.model.bundle import write_bundle

pytestmark = pytest.mark.slow

OURS = """
import sys
from pathlib import Path
import polars as pl
from features.errors import ModelError
from features.model.bundle import read_bundle
model = read_bundle(Path(sys.argv[1]), sys.argv[2])
table = pl.DataFrame({name: ["x"] for name in model.contract.features})
for frame in (table, table.to_arrow(), table.to_pandas()):
    try:
        model.forecast(frame)
    except ModelError:
        print("refused")
"""
CARELESS = """
import sys
from pathlib import Path
import lightgbm, polars as pl
booster = lightgbm.Booster(model_file=str(Path(sys.argv[1]) / "regression.txt"))
booster.predict(pl.DataFrame({name: ["x"] for name in booster.feature_name()}).to_arrow())
"""


def promise(code: str, bundle: Path, digest: str) -> None:
    asked = [sys.executable, "-c", code, str(bundle), digest]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the process ended with {done.returncode}"
    assert done.stdout.split() == ["refused"] * 3


def test_refused_by_name(shop: Shop, tmp_path: Path) -> None:
    promise(OURS, tmp_path / "bundle", write_bundle(shop.registered.model, tmp_path / "bundle"))


def test_a_table_handed_on_is_noticed(shop: Shop, tmp_path: Path) -> None:
    digest = write_bundle(shop.registered.model, tmp_path / "bundle")
    with pytest.raises(AssertionError, match=r"ended with -?\d+"):
        promise(CARELESS, tmp_path / "bundle", digest)
