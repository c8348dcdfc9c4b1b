"""The page: whole with every part missing, closed to the network, and nothing from outside unescaped."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_report import HOSTILE, bare_report, full_report

import serving.report
from serving.erasure.who import Who
from serving.report import ReportInput, render, spelt
from serving.report.render import LONGEST, name

VOID = {"meta", "link", "rect", "polyline"}
PAGE = Path(serving.report.__file__).parent / "page"


class Read(HTMLParser):
    """What a browser would find: elements with their attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(params=[full_report, bare_report], ids=["full", "bare"])
def week(request: pytest.FixtureRequest) -> ReportInput:
    return request.param()


def skeleton(page: str) -> list[tuple[str, dict[str, str | None]]]:
    return Read(page).elements


TEXT = st.text(min_size=1).filter(lambda text: "; " not in text and text.strip() and not text.startswith("in its"))


@settings(max_examples=30)
@given(text=TEXT)
@example(text=HOSTILE[0])
@example(text=HOSTILE[1])
@example(text=HOSTILE[4])
@example(text=HOSTILE[5])
@example(text="</style><script>")
def test_no_text_from_outside_changes_what_the_page_is_made_of(text: str) -> None:
    with_it, without = render(full_report(text, text)), render(full_report("a", "b"))

    assert skeleton(with_it) == skeleton(without)
    with_it.encode()


@pytest.mark.parametrize("customer", HOSTILE)
def test_an_id_is_shown_as_it_is_but_for_what_cannot_be_seen(customer: str) -> None:
    text = Read(render(full_report(customer))).text

    assert sum(spelt(customer) == part for part in text) == 4  # to keep, to win back, risen, fallen
    assert max(map(len, text)) < 20_000  # the style sheet


@pytest.mark.parametrize("customer", HOSTILE)
def test_who_is_to_be_forgotten_is_found_on_the_page_whatever_the_id(customer: str) -> None:
    assert Who(customer).shown(render(full_report(customer)))
    assert not Who(customer).shown(render(full_report("somebody else")))


def test_a_long_id_is_cut_and_says_how_long_it_is() -> None:
    assert name("x" * LONGEST) == "x" * LONGEST
    assert name("x" * 10_000) == "x" * LONGEST + "… (10,000 characters)"


def test_every_element_is_closed_and_no_id_is_there_twice(week: ReportInput) -> None:
    read = Read(render(week))
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]

    assert read.open == []
    assert len(ids) == len(set(ids))
    for attrs in read.of("section", "a"):
        for target in (attrs.get("aria-labelledby"), (attrs.get("href") or "").removeprefix("#")):
            assert not target or target in ids


def test_the_page_asks_nobody_for_anything(week: ReportInput) -> None:
    page = render(week)
    read = Read(page)

    assert "http:" not in page
    assert "https:" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert not read.of("script", "img", "iframe", "object", "embed", "form", "audio", "video", "base")
    assert [attrs["href"] for attrs in read.of("link")] == ["data:,"]
    assert not [attrs for _, attrs in read.elements if any(key == "style" or key.startswith("on") for key in attrs)]


def test_the_policy_allows_its_own_style_and_nothing_else(week: ReportInput) -> None:
    page = render(week)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = Read(page).of("meta")[1]["content"]

    assert style
    assert policy
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_headings_go_down_by_one_and_every_table_says_what_it_is(week: ReportInput) -> None:
    page = render(week)
    read = Read(page)
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(read.of("table")) == len(read.of("caption")) > 2
    assert all(attrs.get("scope") in ("col", "row") for attrs in read.of("th"))
    assert read.of("html")[0]["lang"] == "en"
    assert all(attrs.get("aria-hidden") == "true" for attrs in read.of("svg"))


def test_what_is_missing_is_left_out_and_the_first_week_says_why() -> None:
    page = render(bare_report())

    assert "There is no week before this one to compare with" in page
    assert "No earlier week has been graded yet" in page
    for part in ("attention", "checks", "standing", "movers"):
        assert f'id="{part}"' not in page
    assert "None" not in page
    assert "nan" not in page.split("</style>")[1]


def test_without_money_and_without_customers_there_is_still_a_page() -> None:
    week = bare_report()
    poor = {stage: sums.model_copy(update={"spend": None, "at_risk": None}) for stage, sums in week.stages.items()}
    bands = tuple(band.model_copy(update={"at_risk": None}) for band in week.bands)
    listed = tuple(one.model_copy(update={"at_risk": None, "spend_52w": None}) for one in week.keep)
    update = {"stages": poor, "bands": bands, "keep": listed, "win_back": (), "period_days": None}
    page = render(week.model_copy(update=update))

    assert "Value at risk</th>" not in page
    assert "keeping them all" not in page
    assert "one period from now" in page
    assert "win-back" not in page.split("</style>")[1]


def test_a_stop_is_told_before_a_warning_and_both_before_all_else() -> None:
    page = render(full_report())
    places = [
        page.index(words) for words in ("Look at this first", "Customers who ordered this week", "Customers by stage")
    ]

    assert places == sorted(places)
    assert "2 of 5 checks ask for a look" in page


def test_every_class_that_the_page_names_has_a_style() -> None:
    style = (PAGE / "style.css").read_text()
    named = {word for attrs in Read(render(full_report())).elements for word in (attrs[1].get("class") or "").split()}

    assert {word for word in named if f".{word}" not in style} <= {"way", "arrow", "body", "barred", "remedy"}


def test_what_was_said_of_a_graded_week_stands_beside_what_came_and_what_was_to_be_expected() -> None:
    text = " ".join("".join(Read(render(full_report())).text).split())

    assert "customers who ordered 20% too much said 1,200 1,000 1,100 to 1,300 was to be expected" in text
    assert "net spend 9% too little said $56,000 $61,234" in text
