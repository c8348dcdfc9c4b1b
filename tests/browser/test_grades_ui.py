"""The trend of grades in MLflow's real UI: two champions are two lines over the weeks."""

from collections.abc import Iterator

import mlflow
import pytest
from browser import Pages, browsing
from made_grades import a_grade
from mlflow_server import mlflow_server

from training.config import TrainingConfig
from training.grading.trend import log_trend
from training.grading.view import KEY

pytestmark = pytest.mark.slow

WEEKS = ["2021-01-04", "2021-01-11", "2021-01-18", "2021-01-25"]


@pytest.fixture(scope="module")
def pages(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("grades")
    uri = f"sqlite:///{folder}/mlflow.db"
    grades = [a_grade(week, 1 + place // 2, 0.2 + place / 100) for place, week in enumerate(WEEKS)]
    log_trend(grades, TrainingConfig(), uri)
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri("")
    with mlflow_server(uri, folder, folder / "server.log") as address, browsing(program, address) as pages:
        yield pages


def test_two_champions_are_two_lines(pages: Pages) -> None:
    page = pages.open(f"/experiments/1/runs?compareRunsMode=CHART&viewStateShareKey={KEY}", height=1000)
    page.get_by_text("Log loss beside the worst promised").first.wait_for()
    chart = page.locator(".js-plotly-plot").first
    chart.locator(".scatterlayer .trace").nth(3).wait_for(state="attached")

    for name in ("shop/1", "shop/2"):
        page.get_by_role("link", name=name).wait_for()
        for metric in ("order/log_loss_share", "order/log_loss_share_worst"):
            page.get_by_text(f"{name} ({metric})", exact=True).first.wait_for(state="attached")
    page.get_by_text("How good were the scores?").wait_for()


def test_no_page_asks_another_host_for_anything(pages: Pages) -> None:
    assert [url for url in pages.asked if not url.startswith((pages.address, "blob:", "data:", "about:"))] == []
