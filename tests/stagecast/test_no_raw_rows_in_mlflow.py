"""Nothing that a training or a scoring run leaves in MLflow holds a customer's row, and hashed names name nobody."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from trained_shop import AS_OF, Shop

from serving.erasure.trace import trace
from serving.erasure.who import Who
from serving.privacy import KEY, hashed

SECRET = "a key of more than sixteen bytes"


def scored(run, shop: Shop, ids: str) -> set[Path]:
    """Score a week under this setting; the files that appeared in MLflow's folder."""
    settings = f'{shop.settings.read_text("utf-8")}\n[serving.privacy]\nids = "{ids}"\n'
    Path("s.toml").write_text(settings, encoding="utf-8")
    before = files(shop)
    done = run("score", shop.orders, "--as-of", AS_OF, "--out", ids, "--config", "s.toml", "--tracking-uri", shop.uri)
    assert done.code == 0, done.err
    return files(shop) - before


def files(shop: Shop) -> set[Path]:
    return {path for path in (shop.folder / "mlartifacts").rglob("*") if path.is_file()}


def promise(paths: set[Path], shop: Shop) -> None:
    ids = set(shop.frame["customer_id"])
    for path in paths:
        shown = set(re.findall(r">\s*([0-9]{5})\s*<", path.read_text("utf-8"))) if path.suffix == ".html" else set()
        assert not shown & ids, f"{path.name} names customers"
        assert path.suffix == ".html" or not any(trace(path, Who(one)) for one in sorted(ids)[:5]), path.name


def test_training_leaves_no_customer(shop: Shop) -> None:
    promise({path for path in files(shop) if path.suffix in {".csv", ".json", ".md", ".parquet"}}, shop)


def test_scoring_leaves_hashed_names_alone(run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    new = scored(run, shop, "hashed")
    assert {path.suffix for path in new} == {".html"}
    promise(new, shop)
    (page,) = new
    names = {hashed(one, SECRET.encode()) for one in shop.frame["customer_id"].unique()}
    assert names & set(re.findall(r"[0-9a-f]{20}", page.read_text("utf-8"))), "nobody is on the list"
    with closing(sqlite3.connect(shop.folder / "mlflow.db")) as database:
        assert SECRET not in "\n".join(database.iterdump())


def test_plain_names_are_noticed(run, shop: Shop) -> None:
    with pytest.raises(AssertionError, match="names customers"):
        promise(scored(run, shop, "plain"), shop)
