"""Workers killed with -9 at random moments of each phase: the right result, or a clear failure, nothing published.

`STAGECAST_WORKER_KILLS` is how many are killed in each phase; what became of the jobs is printed as a table.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dask_settings import OnDask
from killed_workers import Killer, lengths
from mlflow import MlflowClient
from odd_lines import CUTOFFS
from trained_shop import AS_OF, Shop

import stagecast
from serving.store import open_store
from stagecast.config import Config
from stagecast.engine.mapped import Dask

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("many_pieces")]

TIMES = int(os.environ.get("STAGECAST_WORKER_KILLS", "1"))


@dataclass(frozen=True)
class Command:
    """A command of the cluster.

    Attributes:
        phases: what it says when each begins.
        run: runs it in an empty folder, and tells what it made.
        left: what stands in the folder, and elsewhere, after it has failed.
    """

    phases: tuple[str, ...]
    run: Callable[[Path], object]
    left: Callable[[Path], list[str]]


@pytest.fixture
def features(on_dask: OnDask, orders: Path) -> Command:
    config = on_dask(Config.model_validate({"features": {"windows": [4], "partition_lines": 300}}))

    def run(folder: Path) -> bytes:
        stagecast.write_features(str(orders), CUTOFFS, folder / "f.parquet", config)
        assert names(folder) == ["f.parquet"]
        return (folder / "f.parquet").read_bytes()

    return Command(("read the orders", "look at the whole shop", "build the features"), run, names)


@pytest.fixture
def score(shop: Shop, on_dask: OnDask) -> Command:
    config = on_dask(shop.config).overridden("features", partition_lines=300).overridden("serving", record=False)

    def run(folder: Path) -> object:
        assert stagecast.score(str(shop.orders), AS_OF, folder / "scores", config, shop.registered).new
        receipt = open_store(str(folder / "scores")).receipt(AS_OF)
        assert receipt is not None
        return receipt.content, receipt.rows, names(folder / "scores"), names(folder / "scores" / "_work")

    def left(folder: Path) -> list[str]:
        return open_store(str(folder / "scores")).weeks() if (folder / "scores").exists() else []

    phases = ("read the orders", "score the customers", "look at the week", "publish the week", "write the report")
    return Command(phases, run, left)


@pytest.fixture
def train(shop: Shop, on_dask: OnDask, tmp_path: Path) -> Command:
    config = on_dask(shop.config).overridden("features", partition_lines=900)
    config = config.overridden("training", work=str(tmp_path / "work"), leave_out=["[!shr]*"])
    config = config.overridden(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    made = list[str]()

    def run(_: Path) -> object:
        version = stagecast.train(str(shop.orders), AS_OF, config).version
        made.append(str(version.version))
        assert names(tmp_path / "work") == []
        return version.digest

    def left(_: Path) -> list[str]:
        client = MlflowClient(config.tracking_uri)
        there = [str(one.version) for one in client.search_model_versions(f"name='{config.training.model_name}'")]
        return names(tmp_path / "work") + sorted(set(there) - set(made))

    phases = ("read the orders", "look at all lines", "build the training table", "fit the model")
    phases += ("judge beside", "put the stages to the test", "log the run")
    return Command(phases, run, left)


@pytest.fixture
def tune(shop: Shop, on_dask: OnDask, tmp_path: Path) -> Command:
    tuning = {"trials": 4, "folds": 1, "rows": 1000, "targets": ["order"]}
    config = on_dask(shop.config).overridden("features", partition_lines=900)
    config = config.overridden("training", tuning=tuning, work=str(tmp_path / "work"), leave_out=["[!shr]*"])
    config = config.overridden(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")

    def run(folder: Path) -> object:
        study = stagecast.tune(str(shop.orders), AS_OF, folder / "study", config)
        assert names(tmp_path / "work") == []
        return study.found.table().drop(columns="seconds").to_json(), study.settings.read_text()

    def left(folder: Path) -> list[str]:
        return names(tmp_path / "work") + [name for name in names(folder / "study") if name == "best.toml"]

    phases = ("read the orders", "look at all lines", "build the table", "bin the features", "try the present")
    return Command((*phases, "tried", "weigh the best"), run, left)


@pytest.mark.parametrize("name", ["features", "score", "train", "tune"])
def test_killed_at_random_moments_of_each_phase(
    name: str, request: pytest.FixtureRequest, dask_engine: Dask, tmp_path: Path
) -> None:
    command: Command = request.getfixturevalue(name)
    want = command.run(tmp_path / "want")  # the first is slower than any after it
    took, again = lengths(command.phases, lambda: command.run(tmp_path / "timed"))
    assert again == want
    killer, all_died = Killer(dask_engine), 0
    for phase in command.phases:
        fates = Counter[str]()
        for k in range(TIMES):
            folder = tmp_path / f"{phase} {k}"
            fate = killer.during(phase, took[phase], command.phases, lambda folder=folder: command.run(folder))
            if fate.error is None:
                assert fate.made == want, (phase, k)
            else:
                assert fate.error.remedy is not None
                assert command.left(folder) == [], (phase, k)
            for died in fate.died:
                fates[f"{died}: {fate.error.problem if fate.error else 'right'}"] += 1
            all_died += len(fate.died)
        print(f"{name}, {phase} ({took[phase]:.2f} s):", dict(fates), flush=True)
    assert all_died


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
