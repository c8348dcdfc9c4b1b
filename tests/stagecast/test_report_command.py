"""`stagecast report`: a page of a published week, or a message and an exit code."""

import re
from pathlib import Path

import pytest
from made_weeks import WEEK, made_stamp, made_week

from serving.store import open_store


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    store = open_store(tmp_path / "scores")
    store.publish([made_week("2011-05-30")], made_stamp("2011-05-30"))
    store.publish([made_week()], made_stamp(job=2))
    return tmp_path / "scores"


def test_the_newest_week_is_told_unless_another_is_named(run, scores: Path) -> None:
    done = run("report", str(scores), "--out", "new/page.html")
    assert (done.code, done.out) == (0, f"The report of {WEEK} is in new/page.html\n")
    assert "<h1>Monday, 6 June 2011</h1>" in Path("new/page.html").read_text()

    assert run("report", str(scores), "--as-of", "2011-05-30", "--out", "old.html").code == 0
    assert "<h1>Monday, 30 May 2011</h1>" in Path("old.html").read_text()


def test_settings_name_the_shop_the_money_and_the_customers(run, scores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("s.toml").write_text(
        '[serving.report]\nshop = "Corner & Sons"\ncurrency = "£"\ntop = 2\n[serving.privacy]\nids = "hashed"\n'
    )
    monkeypatch.setenv("STAGECAST_ID_KEY", "a key of more than sixteen bytes")
    assert run("report", str(scores), "--out", "page.html", "--config", "s.toml").code == 0
    page = Path("page.html").read_text()

    assert "Corner &amp; Sons" in page
    assert "£" in page
    names = re.findall(r'<bdi class="id">(\w+)</bdi>', page)
    assert len(names) == 4
    assert all(re.fullmatch("[0-9a-f]{20}", name) for name in names)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--as-of", "2011-06-13"), 3, "this week is not published"),
        (("--as-of", "../../x"), 2, "a week is named by its cut-off"),
    ],
)
def test_a_week_that_is_not_there(run, scores: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("report", str(scores), *arguments, "--out", "page.html")

    assert done.code == code
    assert said in done.err
    assert not Path("page.html").exists()


def test_a_store_without_a_week_and_a_key_that_is_missing(run, scores: Path) -> None:
    done = run("report", "nothing", "--out", "page.html")
    assert (done.code, "no week is published there" in done.err) == (3, True)
    assert not Path("nothing").exists()

    Path("s.toml").write_text('[serving.privacy]\nids = "hashed"\n')
    assert run("report", str(scores), "--out", "page.html", "--config", "s.toml").code == 2
