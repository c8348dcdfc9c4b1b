"""17. The report escapes whatever it is told, and asks nobody for anything.

A real browser opens it in `tests/browser/test_report.py`.
"""

import re
import sys
from pathlib import Path

import pytest
from made_weeks import WEEK, made_stamp, made_week

from serving.report import ReportConfig, report
from serving.store import Store, open_store

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><script>", "'onload='", "{{7*7}}"]
SHOP = "<b>Corner & Sons</b> https://example.org/x.js"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path / "scores")
    made.publish([made_week(WEEK, HOSTILE)], made_stamp(WEEK))
    return made


def promise(page: str) -> None:
    assert not re.search(r"<(script|img|iframe|object|embed)\b", page), "markup from outside"
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page), "a request leaves the page"
    assert "&lt;script&gt;" in page, "the id is not on the page"
    assert "49" not in re.findall(r">\s*(49)\s*<", page), "a template was filled from outside"


def made(store: Store) -> str:
    return report(store, WEEK, ReportConfig(shop=SHOP, top=10))


def test_everything_is_escaped(store: Store) -> None:
    promise(made(store))


def test_a_page_that_does_not_escape_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["serving.report.render"]
    environment = module._environment.__wrapped__()
    environment.autoescape = False
    monkeypatch.setattr(module, "_environment", lambda: environment)
    with pytest.raises(AssertionError, match="markup from outside"):
        promise(made(store))
