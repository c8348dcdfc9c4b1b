"""Five hundred malformed order files: no traceback, no partial week, no row lost without a count."""

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from malformed import Draw, Malformed, changed, malformed, rows_in
from postgres_server import database
from published import scores
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import StagecastError

CODES = {0, 3}
"""What is wrong with a file of orders is the orders' fault: never a failure of ours."""

FAST, SLOW = range(60), range(60, 560)
COUNTED = re.compile(r"([\d,]+) of ([\d,]+) rows were set aside, with reasons: (.+)")
SCORED = re.compile(r"Scores of ([\d,]+) customers")


@pytest.fixture(scope="session")
def good(shop: Shop) -> pd.DataFrame:
    """Some 200 lines of 60 customers, with every kind of column."""
    few = shop.frame[shop.frame["customer_id"].isin(shop.frame["customer_id"].unique()[:60])]
    few = few[few["ordered_at"] < pd.Timestamp(AS_OF)].reset_index(drop=True)
    order = [f"o{at}" for at in range(len(few))]
    return few.assign(order_id=order, product_id="p1", category="music", is_return=False, discount=0.0)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def score(run, shop: Shop, case: Malformed, lenient: bool):
    settings = shop.settings.read_text("utf-8")
    share = 0.9 if lenient else 0.01
    Path("settings.toml").write_text(f"{settings}\n[orders]\nmax_bad_share = {share}\n", encoding="utf-8")
    store = ["--tracking-uri", shop.uri, "--config", "settings.toml"]
    return run("score", case.path, "--as-of", AS_OF, "--out", "scores", *store)


def weeks() -> list[Path]:
    return [path for path in Path("scores").rglob("*.parquet") if path.is_file()]


def require_whole_week(ran, case: Malformed) -> None:
    """What was published is what was said, once for each customer."""
    week = scores("scores")
    (said,) = SCORED.findall(ran.out)
    assert len(week) == week["customer_id"].nunique() == number(said), case.words
    stages = week[["p_examination", "p_formative", "p_stable", "p_regression"]]
    assert stages.ge(0).all(axis=None), case.words
    assert (stages.sum(axis=1) - 1).abs().max() < 1e-9, case.words
    assert week["p_order"].between(0, 1).all(), case.words


def require_counts(ran, case: Malformed, config: stagecast.Config) -> None:
    """Every row of the file is kept or set aside, and the quarantine holds all that was set aside."""
    for aside, read, path in COUNTED.findall(ran.out):
        assert number(aside) == len(pd.read_parquet(path)) <= number(read), case.words
    clean = stagecast.check(case.path, config)
    held = case.rows if case.rows is not None else rows_in(case.path)
    assert clean.report.rows_read == (clean.report.rows_read if held is None else held), case.words
    assert clean.report.rows_kept + clean.report.rows_set_aside == clean.report.rows_read, case.words
    assert (len(clean.log), len(clean.quarantine)) == (clean.report.rows_kept, clean.report.rows_set_aside), case.words
    assert clean.quarantine["reason"].str.len().gt(0).all(), case.words


def require_told(ran, words: object) -> None:
    """An exit code of ours, and where it is not 0, what is wrong and what to do."""
    assert ran.code in CODES, words
    assert "a defect of stagecast" not in ran.err, f"{words}\n{ran.err}"
    if ran.code:
        assert re.search(r"^stagecast: [\s\S]*to do:", ran.err, flags=re.MULTILINE), f"{words}\n{ran.err}"


def hold(run, shop: Shop, good: pd.DataFrame, seed: int) -> int:
    """The promise, for the file of one seed; the exit code."""
    here = Path(str(seed)).resolve()
    (here / "orders").mkdir(parents=True)
    os.chdir(here)
    case = malformed(good, seed, Path("orders"))
    lenient = seed % 4 > 0
    ran = score(run, shop, case, lenient)
    require_told(ran, case.words)
    if ran.code:
        assert not weeks(), case.words
    else:
        require_whole_week(ran, case)
        require_counts(ran, case, stagecast.Config.load(Path("settings.toml")))
    os.chdir(here.parent)
    return ran.code


def test_malformed_orders(run, shop: Shop, good: pd.DataFrame) -> None:
    """All are checked, and every fifth is scored: a week published takes half a second."""
    for seed in FAST:
        if seed % 5:
            orders = Path(f"orders-{seed}")
            orders.mkdir()
            require_told(run("check", malformed(good, seed, orders).path), seed)
    codes = [hold(run, shop, good, seed) for seed in FAST[::5]]
    assert min(codes.count(0), codes.count(3)) >= 2, "hardly anything was tried"


@pytest.mark.slow
@pytest.mark.parametrize("tenth", range(10))
def test_five_hundred_malformed_orders(run, shop: Shop, good: pd.DataFrame, tenth: int) -> None:
    for seed in SLOW[tenth::10]:
        hold(run, shop, good, seed)


IN_MEMORY: dict[str, Callable[[pa.Table], object]] = {
    "pandas": lambda table: table.to_pandas(),
    "pandas with Arrow's types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "Arrow": lambda table: table,
    "an Arrow dataset": ds.dataset,
    "an Arrow stream": lambda table: table.to_reader(50),
    "Polars": pl.from_arrow,
    "a Polars query": lambda table: pl.from_arrow(table).lazy(),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", IN_MEMORY)
def test_malformed_tables_in_memory(shop: Shop, good: pd.DataFrame, form: str) -> None:
    ended = Counter[str]()
    for seed in range(1000, 1040):
        table, words = changed(good, Draw(seed))
        try:
            orders = IN_MEMORY[form](table)
        except Exception:  # not every table of Arrow's is one of another library's
            continue
        ended[outcome(orders, shop, table.num_rows, f"{seed}: {words}")] += 1
    assert min(ended["scored"], ended["refused"]) > 5, ended


def outcome(orders: object, shop: Shop, rows: int, words: str) -> str:
    """Whether malformed orders are scored or refused, and nothing else."""
    config = shop.config.overridden("orders", max_bad_share=0.9)
    try:
        clean = stagecast.check(orders, config)
        table = stagecast.score(clean, AS_OF, config=config, model=shop.registered).table
    except StagecastError:
        return "refused"
    except Exception as error:
        error.add_note(words)
        raise
    report = clean.report
    assert report.rows_read == report.rows_kept + report.rows_set_aside == rows, words
    assert len(table) == table["customer_id"].nunique(), words
    return "scored"


@pytest.mark.slow
def test_malformed_tables_in_a_database(shop: Shop, good: pd.DataFrame) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    ended = Counter[str]()
    with database() as address:
        for seed in range(2000, 2060):
            table, words = changed(good, Draw(seed))
            try:
                with dbapi.connect(address) as connection, connection.cursor() as cursor:
                    cursor.adbc_ingest("orders", table, mode="replace")
                    connection.commit()
            except (dbapi.Error, pa.ArrowException, OSError):  # text with NUL, a list, ...
                continue
            ended[outcome(f"{address}?table=orders", shop, table.num_rows, f"{seed}: {words}")] += 1
    assert min(ended["scored"], ended["refused"]) > 5, ended
