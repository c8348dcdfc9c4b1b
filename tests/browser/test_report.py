"""The report in a real browser: nothing leaves the page, nothing overflows, everything can be read.

With PICTURES=FOLDER in the environment what the pages look like is kept there.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import opened
from made_report import HOSTILE, bare_report, full_report

from serving.report import ReportInput, render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

LONG = "x" * 300
WEEKS: dict[str, Callable[[], ReportInput]] = {
    "full": full_report,
    "first": bare_report,
    "hostile": lambda: full_report(HOSTILE[-1], HOSTILE[0]),
    "long words": lambda: full_report(LONG, LONG),
}
WIDTHS = (320, 390, 640, 768, 959, 960, 1440, 2560)

CONTRASTS = """() => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = colour => {
    const [r, g, b] = rgb(colour).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue;
    for (const part of [null, "::before"]) {
      const [one, other] = [light(getComputedStyle(node, part).color), light(behind(node))].sort((a, b) => b - a);
      found.push([(one + .05) / (other + .05), walk.currentNode.data.trim().slice(0, 40)]);
    }
  }
  return found;
}"""
"""Contrast of every piece of text with what is behind it (WCAG 2.2, "contrast ratio"), as the browser paints it."""

DRAWN = """() => [...document.querySelectorAll("rect.fill, polyline.stroke")].map(node => {
  const style = getComputedStyle(node);
  return [node.getAttribute("class"), style.fill, style.stroke];
})"""
"""How bars and lines are painted."""

OUTSIDE = """() => [...document.querySelectorAll("body *")]
  .filter(node => !node.closest(".hidden, .skip, thead") && node.getBoundingClientRect().right > innerWidth + 0.5)
  .map(node => `${node.tagName}.${node.className}`)"""
"""Elements that reach over the right edge."""


@dataclass
class Seen:
    """A page, and what happened on it."""

    page: "Page"
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser(program: str) -> Iterator["Browser"]:
    with opened(program) as found:
        yield found


@pytest.fixture(params=WEEKS)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render(WEEKS[request.param]()), encoding="utf-8")
    return path


@contextmanager
def looked_at(browser: "Browser", file: Path, width: int = 1440, **options: Any) -> Iterator[Seen]:
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)
    seen = Seen(page)
    page.on("console", lambda message: seen.said.append(message.text))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("dialog", lambda dialog: seen.said.append(dialog.message))
    page.on("request", lambda request: seen.asked.append(request.url))
    page.goto(file.as_uri())
    yield seen
    page.close()


def test_nothing_is_said_on_the_console_and_nothing_leaves_the_page(browser: "Browser", file: Path) -> None:
    with looked_at(browser, file) as seen:
        seen.page.wait_for_load_state("networkidle")

        assert seen.said == []
        assert [url for url in seen.asked if url not in (file.as_uri(), "data:,")] == []
        assert seen.page.locator("script, img").count() == 0


def test_nothing_overflows_at_any_width(browser: "Browser", file: Path) -> None:
    with looked_at(browser, file) as seen:
        for width in WIDTHS:
            seen.page.set_viewport_size({"width": width, "height": 900})
            assert seen.page.evaluate(OUTSIDE) == []
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_text_stands_out_from_what_is_behind_it(browser: "Browser", file: Path, scheme: str, media: str) -> None:
    with looked_at(browser, file, color_scheme=scheme) as seen:
        seen.page.emulate_media(media=media, color_scheme=scheme)  # type: ignore[arg-type]
        contrasts = seen.page.evaluate(CONTRASTS)

        assert len(contrasts) > 100
        assert min(contrasts)[0] >= 4.5, min(contrasts)


@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_bar_and_line_is_painted(browser: "Browser", file: Path, media: str) -> None:
    with looked_at(browser, file) as seen:
        seen.page.emulate_media(media=media)  # type: ignore[arg-type]
        for kind, fill, stroke in seen.page.evaluate(DRAWN):
            assert (fill if "fill" in kind.split() else stroke) not in ("none", "rgb(0, 0, 0)"), kind


def test_dark_is_dark_and_paper_is_light_whatever_the_screen_is(browser: "Browser", file: Path) -> None:
    with looked_at(browser, file, color_scheme="dark") as seen:
        behind = "getComputedStyle(document.body).backgroundColor"
        dark = re.findall(r"\d+", seen.page.evaluate(behind))
        seen.page.emulate_media(media="print", color_scheme="dark")

        assert max(map(int, dark[:3])) < 40
        assert seen.page.evaluate(behind) == "rgb(255, 255, 255)"


def test_the_tree_that_readers_hear_has_tables_and_headings(browser: "Browser", tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(full_report()), encoding="utf-8")
    for width in (390, 1440):  # on a phone rows are cards, and tables all the same
        with looked_at(browser, file, width) as seen:
            page = seen.page
            assert page.get_by_role("heading", level=1).inner_text() == "Monday, 29 June 1998"
            stages = page.get_by_role("table", name="Customers by stage")
            assert stages.get_by_role("row").count() == 5
            assert stages.get_by_role("columnheader").count() == 6
            assert stages.get_by_role("rowheader", name=re.compile("stable")).count() == 1
            assert page.get_by_role("main").count() == page.get_by_role("contentinfo").count() == 1
            assert page.get_by_role("region", name="Who moved").count() == 1


def test_the_keyboard_goes_to_the_report_first(browser: "Browser", file: Path) -> None:
    with looked_at(browser, file) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className") == "skip"
        box = seen.page.locator(".skip").bounding_box()
        assert box
        assert box["height"] > 20


def test_on_paper_it_is_few_pages(browser: "Browser", tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(full_report()), encoding="utf-8")
    with looked_at(browser, file) as seen:
        paper = seen.page.pdf(format="A4")

    assert len(re.findall(rb"/Type /Page\b", paper)) <= 5


@pytest.mark.skipif("PICTURES" not in os.environ or "REPORT" not in os.environ, reason="no pictures are asked for")
def test_pictures_are_taken(browser: "Browser") -> None:
    """Of the page that REPORT names."""
    from PIL import Image

    for name, width, scheme in (
        ("report", 1440, "light"),
        ("report_dark", 1440, "dark"),
        ("report_phone", 390, "light"),
    ):
        path = Path(os.environ["PICTURES"]) / f"{name}.png"
        with looked_at(browser, Path(os.environ["REPORT"]).resolve(), width, color_scheme=scheme) as seen:
            seen.page.set_viewport_size({"width": width, "height": 1500 if width > 400 else 1900})
            seen.page.screenshot(path=path)
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(64).save(path, optimize=True)
