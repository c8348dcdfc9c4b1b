"""MLflow's real UI, in a real browser, over three runs: does it say which is better, and why?

With PICTURES=FOLDER in the environment the runs are of all of CDNOW, and what the pages show is kept there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from browser import Pages, browsing
from mlflow_server import mlflow_server
from trained_shop import AS_OF, SETTINGS

import stagecast
from stagecast.demo import cdnow

pytestmark = pytest.mark.slow

VIEW = "viewStateShareKey=stagecast-which-is-better"
RECIPES = ({}, {"num_leaves": 4, "rounds": 10}, {"num_leaves": 16, "rounds": 40, "learning_rate": 0.1})
TRUST = (0.5, 0.5, 1.0)
NAMES = [f"stagecast/{number}, {AS_OF}" for number in (1, 2, 3)]
DIFFER = {
    "booster.learning_rate",
    "booster.num_leaves",
    "booster.rounds",
    "calibration_trust",
}
KEPT = os.environ.get("PICTURES")


def kept(name: str) -> Path | None:
    return Path(KEPT) / f"mlflow_{name}.png" if KEPT else None


@pytest.fixture(scope="module")
def store(program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three versions of a model, the first of them champion, each from another recipe."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "stagecast.toml").write_text("[training]\nthreads = 2\n" if KEPT else SETTINGS)
    config = stagecast.Config.load(folder / "stagecast.toml").overridden(tracking_uri=f"sqlite:///{folder}/mlflow.db")
    orders = cdnow()
    few = orders["customer_id"].isin(orders["customer_id"].unique()[:: 1 if KEPT else 12])
    for recipe, trust in zip(RECIPES, TRUST, strict=True):
        booster = config.training.booster.model_copy(update=recipe)
        mine = config.overridden("training", booster=booster, calibration_trust=trust)
        made = stagecast.train(orders[few], AS_OF, mine)
        if made.version.version == 1:
            stagecast.promote(config=config, force="the first of three recipes to look at")
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri("")
    return folder


@pytest.fixture(scope="module")
def pages(program: str, store: Path) -> Iterator[Pages]:
    with (
        mlflow_server(f"sqlite:///{store}/mlflow.db", store / "mlartifacts", store / "server.log") as address,
        browsing(program, address) as pages,
    ):
        yield pages


def runs(store: Path) -> list[str]:
    client = mlflow.MlflowClient(f"sqlite:///{store}/mlflow.db")
    return [run.info.run_id for run in client.search_runs(["1"], order_by=["attributes.start_time"])]


def test_the_list_of_runs_shows_what_decides(pages: Pages) -> None:
    page = pages.open(f"/experiments/1/runs?{VIEW}", height=520)
    page.get_by_text("matching runs").wait_for()
    page.get_by_text("gain/order_percent").first.wait_for()

    for name in NAMES:
        page.get_by_role("link", name=name).wait_for()
    assert page.get_by_role("gridcell").filter(has_text="judged at").count() == 3  # by which runs can be compared
    shown = page.locator("[role=columnheader]").all_inner_texts()
    assert {"gain/next_stage_percent", "gain/order_percent", "gain/regression_percent"} <= {
        text.strip() for text in shown
    }
    page.get_by_text("Which run is better? Open").wait_for()
    pages.keep(kept("runs"))


def test_the_saved_view_is_on_the_menu(pages: Pages) -> None:
    page = pages.open("/experiments/1/runs")
    page.get_by_test_id("saved-views-trigger").click()
    page.locator("[role=menu]").get_by_text("Which run is better", exact=True).click()
    page.get_by_text("gain/order_percent").first.wait_for()

    assert VIEW in page.url


def test_charts_stand_in_the_order_in_which_they_are_read(pages: Pages) -> None:
    page = pages.open(f"/experiments/1/runs?compareRunsMode=CHART&{VIEW}", height=1000)
    bars = page.locator(".js-plotly-plot .barlayer .point")
    bars.nth(8).wait_for(state="attached")  # three targets, three runs

    headings = [
        "Gain on the best baseline, %",
        "Log loss: lower",
        "Ranking: higher",
        "Calibration: nearer",
        "Cut-off by cut-off",
        "Settings and results",
        "Side by side",
    ]
    places = [page.get_by_text(heading).first.bounding_box() for heading in headings]
    heights = [place["y"] for place in places if place]
    assert len(heights) == len(headings)
    assert heights == sorted(heights)
    assert page.locator(".js-plotly-plot").first.locator(".barlayer .point").count() == 3  # a bar a run
    pages.keep(kept("charts"))


def test_three_runs_compared_show_the_settings_that_differ(pages: Pages, store: Path) -> None:
    page = pages.open("/experiments/1/runs", height=1300)
    page.get_by_text("matching runs").wait_for()
    page.evaluate(
        """localStorage.setItem("mlflow.workflowType_v1", '"machine_learning"')"""
    )  # as *Model training* does
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_text("Comparing 3 Runs from 1 Experiment").wait_for()
    for name in NAMES:
        page.get_by_text(name).first.wait_for()

    page.get_by_role("switch").first.click()
    page.get_by_text("Show diff only").first.wait_for()
    page.get_by_role("cell", name="booster.lambda_l2").wait_for(state="detached")
    shown = set(re.findall(r"^(?:booster|split|features)\.\w+|^calibration_trust|^period", page_text(pages), re.M))
    assert shown >= DIFFER
    assert "period" not in shown
    page.get_by_text("judge/order_log_loss").first.wait_for()
    pages.keep(kept("compare"))


def test_a_run_says_its_verdict_and_shows_its_pictures(pages: Pages, store: Path) -> None:
    run = runs(store)[1]
    page = pages.open(f"/experiments/1/runs/{run}", height=1300)
    page.get_by_text("log loss against the best baseline").wait_for()
    page.get_by_text("Show more").first.click()
    page.get_by_text("Beside the champion of the day, version 1").wait_for()
    page.get_by_role("heading", name=NAMES[1]).wait_for()
    page.get_by_text(re.compile("git_commit|stagecast_version")).first.wait_for()
    pages.keep(kept("run"))

    page = pages.open(f"/experiments/1/runs/{run}/artifacts/plots/ladder.png")
    picture = page.locator("img[src^='blob:'], img[src*='ladder.png'], img[src^='data:image/png']").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 500
    for name in ("reliability.png", "lift.png", "stage_flow.png", "importance.png", "shap.png"):
        page.get_by_text(name).first.wait_for()


def test_the_registered_model_has_its_card_and_its_aliases(pages: Pages) -> None:
    page = pages.open("/models/stagecast", height=1300)
    page.get_by_text("What it cannot do.").wait_for()
    champion, challenger = (
        page.get_by_role("row").filter(has_text=f"@ {alias}") for alias in ("champion", "challenger")
    )
    champion.wait_for()
    assert "Version 1" in champion.inner_text()
    assert "Version 3" in challenger.inner_text()
    pages.keep(kept("model"))

    page = pages.open("/models/stagecast/versions/1")
    page.get_by_text("Inputs (").wait_for()
    page.get_by_text("Outputs (12)").wait_for()
    page.get_by_role("link", name=NAMES[0]).wait_for()  # its run is asked for only after the version is shown
    page.get_by_text("log loss against the best baseline").wait_for()


def test_metrics_are_linked_to_models_and_to_what_judged_them(pages: Pages) -> None:
    page = pages.open("/experiments/1/models")
    page.get_by_text("Ready").nth(2).wait_for()

    assert page.get_by_text("Ready").count() == 3
    for number in (1, 2, 3):
        page.get_by_text(f"v{number}", exact=True).wait_for()
    page.get_by_text("judged at").first.wait_for(state="attached")


def test_no_page_asks_another_host_for_anything(pages: Pages) -> None:
    elsewhere = [url for url in pages.asked if not url.startswith((pages.address, "blob:", "data:", "about:"))]

    assert len(pages.asked) > 50
    assert elsewhere == []


def page_text(pages: Pages) -> str:
    return str(pages.page.inner_text("body"))
