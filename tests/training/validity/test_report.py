"""Words, files and pictures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from features.clock import to_date
from features.errors import StagecastError, UsageError
from features.history import History
from training.config import TrainingConfig
from training.log import Log
from training.train import Trained
from training.validity.claims import CLAIMS
from training.validity.folder import TABLES, save
from training.validity.of_run import try_stages, validity_figures, validity_tables
from training.validity.pictures import claims_figure, tradeoff_figure
from training.validity.report import Validity, markdown


def words(figure: Figure) -> str:
    """All that is written in a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_lines_tell_each_claim_and_end_with_the_count(report: Validity) -> None:
    lines = report.lines()
    assert len(report.claims) == len(CLAIMS) + 1
    for claim, line in zip(CLAIMS, lines, strict=False):
        assert line.startswith(("holds", "does not hold", "cannot tell"))
        assert f"{claim.stage}: {claim.says}" in line
    counts = report.claims["verdict"].value_counts()
    assert lines[-1].startswith(f"Of {len(CLAIMS) + 1} claims {counts['holds']} hold, ")
    assert any("window is not finished" in line for line in lines)
    assert any(report.notes[1] == line for line in lines)


def test_markdown_has_every_table_whole(report: Validity) -> None:
    text = report.to_markdown()
    rows = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    assert len(set(rows)) <= 6
    for part in ("## Claims", "## By stage", "## Days in stage", "## Pace", "## Moves", "## The knob Q"):
        assert part in text
    assert all(claim.says in text for claim in CLAIMS)
    assert "regression without the lost" in text
    assert "nan" not in text


def test_cells() -> None:
    table = pd.DataFrame({"a": [1234567, 2], "b": [0.12345, np.nan], "c": ["x|y", ""], "d": [True, False]})
    assert markdown(table).splitlines()[2:] == ["| 1,234,567 | 0.123 | x/y | yes |", "| 2 | - |  |  |"]


def test_a_folder_of_whole_files(report: Validity, tmp_path: Path) -> None:
    made = save(report, tmp_path / "new" / "folder")
    names = {"report.md", "claims.png", "tradeoff.png", *(f"{name}.csv" for name in TABLES)}
    assert {path.name for path in made} == names == {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    read = pd.read_csv(tmp_path / "new" / "folder" / "claims.csv")
    assert read["verdict"].tolist() == report.claims["verdict"].tolist()
    assert read["low"].to_numpy() == pytest.approx(report.claims["low"].to_numpy(), nan_ok=True)
    again = {
        path.name: path.read_bytes() for path in save(report, tmp_path / "new" / "folder") if path.suffix != ".png"
    }
    assert again == {path.name: path.read_bytes() for path in made if path.suffix != ".png"}
    for picture in ("claims.png", "tradeoff.png"):
        content = (tmp_path / "new" / "folder" / picture).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 20_000


def test_a_file_in_the_way_is_refused_and_left(report: Validity, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(UsageError, match="folder of files"):
        save(report, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"
    with pytest.raises(StagecastError, match="cannot be written"):
        save(report, tmp_path / "taken" / "below")


def test_the_picture_of_claims_tells_verdicts_by_colour_marker_and_word(report: Validity) -> None:
    figure = claims_figure(report.claims)
    said = words(figure)
    shown = report.claims[report.claims["null"] == 1]
    assert all(f"{row.stage}: {row.says}" in said for row in shown.itertuples())
    lines = [line for line in figure.axes[0].get_lines() if line.get_marker() != "None"]
    looks = {(line.get_color(), line.get_marker()) for line in lines}
    drawn = shown[shown["low"] > 0]["verdict"].nunique()
    assert len(looks) == len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == drawn > 1


def test_the_picture_of_the_knob_names_every_q_and_marks_the_own(report: Validity) -> None:
    said = words(tradeoff_figure(report.tradeoff))
    own = report.tradeoff.loc[report.tradeoff["own"], "quantile"].item()
    assert f"Q = {own:g}" in said
    assert all(f"{quantile:g}" in said for quantile in report.tradeoff["quantile"])


def test_pictures_of_nothing_say_so(report: Validity) -> None:
    unknown = report.tradeoff.assign(called=np.nan, false_26w=np.nan)
    assert "no finished window" in words(tradeoff_figure(unknown))
    nothing = report.claims.assign(effect=np.nan, low=np.nan, high=np.nan, verdict="cannot tell")
    assert "cannot tell   -" in words(claims_figure(nothing))


def test_a_training_run_tries_its_stages(trained: Trained) -> None:
    found = trained.validity
    assert found is not None
    assert f"Stage spec {trained.model.spec.hash}" in found.notes[1]
    assert set(validity_tables(found)) == {"validity_claims", "validity_by_stage"}
    assert [name for name, _ in validity_figures(found)] == ["validity_claims.png", "tradeoff.png"]


def test_a_training_run_looks_at_nothing_after_its_end(orders: pd.DataFrame, trained: Trained) -> None:
    spec, end = trained.model.spec, trained.end - 28
    whole, cut = (History.of(each) for each in (orders, orders[orders["ordered_at"] < pd.Timestamp(to_date(end))]))
    config = TrainingConfig(validity_resamples=50)
    one, other = (try_stages(Log.of(history), spec, end, config) for history in (whole, cut))
    assert one is not None
    assert other is not None
    assert one.to_markdown() == other.to_markdown()


def test_a_training_run_may_go_without(history: History, trained: Trained) -> None:
    spec, end = trained.model.spec, trained.end
    assert try_stages(Log.of(history), spec, end, TrainingConfig(validity_resamples=0)) is None
    late = spec.model_copy(update={"fitted_before": "2099-01-05"})
    assert try_stages(Log.of(history), late, end, TrainingConfig()) is None
    assert validity_tables(None) == {}
    assert list(validity_figures(None)) == []
