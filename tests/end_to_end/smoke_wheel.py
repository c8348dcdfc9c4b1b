"""The main job from the built wheel, on orders made up here.

`make end-to-end` runs this with `python -P`, from an empty folder, in an
environment that holds the wheel and what the runtime lock names: no checkout,
no development tools, no package with real orders.
"""

import csv
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = {"features", "training", "serving", "stagecast"}
COMMAND = str(Path(sys.executable).with_name("stagecast"))
HEAVY = {"mlflow", "sklearn", "lightgbm"}

MONDAY = datetime(2023, 1, 2)
WEEKS, CUSTOMERS = 80, 600
TRAIN_AS_OF, SCORE_AS_OF = (f"{MONDAY + timedelta(weeks=weeks):%Y-%m-%d}" for weeks in (72, 76))

PROBABILITIES = ["p_examination", "p_formative", "p_stable", "p_regression"]
SCORE_COLUMNS = [
    *("customer_id", "as_of", "stage", "stage_since", "next_stage"),
    *PROBABILITIES,
    *("p_order", "expected_spend", "expected_spend_low", "expected_spend_high", "expected_orders_52w"),
    *("expected_spend_52w", "expected_spend_52w_low", "expected_spend_52w_high"),
    *("value_52w", "value_at_risk", "reasons"),
    *("model_name", "model_version", "spec_hash", "run_id", "scored_at"),
]


def check_packages_are_ours() -> None:
    """The four generic names come from our wheel, and the wheel brings nothing else."""
    owners = packages_distributions()
    for name in PACKAGES:
        spec = find_spec(name)
        assert owners[name] == ["stagecast"], f"{name} comes from {owners[name]}"
        assert "site-packages" in str(spec and spec.origin), f"{name} is {spec}"
    brought = {name for name, sources in owners.items() if "stagecast" in sources}
    assert brought == PACKAGES, f"the wheel brings {brought}"
    files = {str(path) for path in distribution("stagecast").files or ()}
    assert {f"{name}/py.typed" for name in PACKAGES} <= files
    assert any(path.endswith("licenses/LICENSE") for path in files)


def run(*arguments: str) -> str:
    """Run one stagecast command in the working folder and return what it printed."""
    began = time.perf_counter()
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)
    print(f"{time.perf_counter() - began:6.1f} s  stagecast {' '.join(arguments)}", flush=True)
    if done.returncode != 0 or "Traceback" in done.stderr:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    chatter = [line for line in done.stderr.splitlines() if not line.startswith(f"{arguments[0]}: ")]
    assert not chatter, f"stderr is for progress, and holds {chatter}"
    return done.stdout


def check_front_door() -> None:
    """Version and help come at once, without the heavy libraries."""
    assert PROJECT["version"] in run("--version")
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        assert "score" in run("--help")
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 1, f"--help took {min(seconds):.2f} s"
    code = "import sys; sys.argv = ['stagecast', '--help']\ntry:\n    from stagecast.cli import main; main()\n"
    code += f"finally:\n    assert not {HEAVY} & set(sys.modules), 'a heavy import'"
    subprocess.run([sys.executable, "-P", "-c", code], check=True, stdout=subprocess.DEVNULL)


def check_refusals(orders: Path) -> None:
    """What cannot be done ends with its own exit code, a message and no traceback."""
    for code, arguments in {
        2: ["stages", str(orders), "--as-of", "2024-05-21", "--out", "never.parquet"],
        3: ["score", "empty.csv", "--as-of", SCORE_AS_OF, "--out", "never"],
        1: ["score", str(orders), "--as-of", SCORE_AS_OF, "--out", "never", "--model", "nobody@champion"],
    }.items():
        Path("empty.csv").touch()
        done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done
        assert done.stderr.strip()
    assert not list(Path().glob("never*"))


def visits(rng: np.random.Generator) -> Iterator[float]:
    """Weeks of one customer's orders: a rhythm of their own, until they leave."""
    week = rng.uniform(0, 0.8 * WEEKS)
    gap, leaves = rng.gamma(2.0, 1.5) + 0.5, week + rng.exponential(40)
    while week < min(leaves, WEEKS):
        yield week
        week += rng.gamma(3.0, gap / 3.0)


def order_lines() -> Iterator[list[object]]:
    """The lines of a small shop, from a fixed seed; one order in twenty is sent back."""
    rng = np.random.default_rng(20230102)
    for customer in range(CUSTOMERS):
        for number, week in enumerate(visits(rng)):
            at = MONDAY + timedelta(weeks=week)
            product, price = int(rng.integers(40)), round(float(rng.uniform(3, 60)), 2)
            line = [f"c{customer:04}", f"o{customer}-{number}", at, f"p{product}", f"k{product % 6}"]
            yield [*line, 1, price, price, False]
            if rng.random() < 1 / 20:
                line[1:3] = [f"r{customer}-{number}", at + timedelta(days=3)]
                yield [*line, -1, price, -price, True]


def write_orders(path: Path) -> None:
    """Write the order lines as CSV under the canonical names."""
    names = "customer_id order_id ordered_at product_id category quantity unit_price amount is_return"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names.split())
        for row in order_lines():
            writer.writerow([f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell for cell in row])


def known_customers(orders: Path, as_of: str) -> set[str]:
    """Customers with a purchase before `as_of`."""
    table = pd.read_csv(orders, parse_dates=["ordered_at"])
    return set(table.loc[(table["ordered_at"] < as_of) & ~table["is_return"], "customer_id"])


def read(path: str) -> pd.DataFrame:
    """Read a Parquet file or folder, in the order of customers."""
    return pq.read_table(path).to_pandas().sort_values("customer_id", ignore_index=True)


def check_tables(orders: Path) -> None:
    """`check`, `stages` and `features` say and write what they should."""
    run("check", str(orders))
    known = known_customers(orders, SCORE_AS_OF)
    run("stages", str(orders), "--as-of", SCORE_AS_OF, "--out", "stages.parquet")
    stages = read("stages.parquet")
    assert {"customer_id", "as_of", "stage", "stage_since"} <= set(stages.columns)
    assert list(stages["customer_id"]) == sorted(known)
    run("features", str(orders), "--cutoffs", f"{TRAIN_AS_OF},{SCORE_AS_OF}", "--out", "features.parquet")
    features = read("features.parquet")
    assert features.groupby("cutoff")["customer_id"].nunique().iloc[-1] == len(known)
    assert not features.duplicated(["customer_id", "cutoff"]).any()


def check_scores(orders: Path) -> None:
    """Train, promote and score; the table keeps its promises, and a second scoring changes nothing."""
    run("train", str(orders), "--as-of", TRAIN_AS_OF)
    run("promote", "--force", "--reason", "orders made up here owe no baseline a defeat")
    first, second = (scored(orders) for _ in range(2))
    assert set(SCORE_COLUMNS) <= set(first.columns), set(SCORE_COLUMNS) - set(first.columns)
    assert list(first["customer_id"]) == sorted(known_customers(orders, SCORE_AS_OF))
    chances = first[PROBABILITIES].to_numpy(float)
    assert ((chances >= 0) & (chances <= 1)).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=0, atol=1e-9)
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def scored(orders: Path) -> pd.DataFrame:
    """Score into one place and read what is there."""
    run("score", str(orders), "--as-of", SCORE_AS_OF, "--out", "scores")
    return read("scores")


def main() -> None:
    """Run every check; the first that fails ends the script with its reason."""
    check_packages_are_ours()
    check_front_door()
    orders = Path("orders.csv").resolve()
    write_orders(orders)
    check_tables(orders)
    check_scores(orders)
    check_refusals(orders)
    print(f"The wheel of stagecast {PROJECT['version']} does the main job.")


if __name__ == "__main__":
    main()
