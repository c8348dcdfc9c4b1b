"""Pictures of a scorecard show its numbers, beside the best baseline, and survive what is missing."""

from dataclasses import replace

import pytest
from made_forecasts import made_forecasts

from training.bootstrap import Resampling
from training.card_figures import best_baseline, gains, profits, reliability
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts
from training.scorecard import Scorecard

JUDGING = Judging(Resampling(1))


@pytest.fixture(scope="module")
def forecasts() -> Forecasts:
    return made_forecasts(400)


@pytest.fixture(scope="module")
def card(forecasts: Forecasts) -> Scorecard:
    return judge_forecasts(forecasts, JUDGING)


def test_the_best_baseline_has_the_least_log_loss(forecasts: Forecasts, card: Scorecard) -> None:
    rows = card.scores.query("target == 'order' and group == 'all' and predictor != 'stagecast'")
    assert best_baseline(card, "order") == rows.sort_values("log_loss")["predictor"].iloc[0]
    alone = replace(forecasts, said={"order": {"stagecast": forecasts.said["order"]["stagecast"]}})
    assert best_baseline(judge_forecasts(alone, JUDGING), "order") is None


def test_each_picture_shows_the_model_over_the_best_baseline(card: Scorecard) -> None:
    for picture, table, columns in (
        (reliability, card.reliability, ("predicted", "observed")),
        (gains, card.gains, ("share", "gain")),
        (profits, card.profits.assign(target="regression"), ("share", "profit")),
    ):
        for axes in picture(card).axes:
            lines = {str(line.get_label()): line for line in axes.get_lines()}
            target = "order" if "order" in axes.get_title(loc="left") else "regression"
            for name in (str(best_baseline(card, target)), "stagecast"):
                rows = table[(table["target"] == target) & (table["predictor"] == name)]
                assert lines[name].get_xdata().tolist() == rows[columns[0]].tolist()
                assert lines[name].get_ydata().tolist() == rows[columns[1]].tolist()


def test_pictures_live_without_baselines_and_without_customers_to_keep(forecasts: Forecasts) -> None:
    said = {target: {"stagecast": forecasts.said[target]["stagecast"]} for target in ("order", "regression")}
    regressed = replace(forecasts.only(forecasts.stage == 3), said={})
    lost = replace(regressed, said={t: {"stagecast": p["stagecast"][forecasts.stage == 3]} for t, p in said.items()})
    for each in (replace(forecasts, said=said), lost):
        card = judge_forecasts(each, JUDGING)
        assert [len(picture(card).axes) for picture in (reliability, gains, profits)] == [2, 2, 1]
