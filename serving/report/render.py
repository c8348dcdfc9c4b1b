"""One self-contained page of HTML: no script, no request, every string from outside escaped."""

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from features.ids import shown
from serving.report import numbers, words
from serving.report.graded import against
from serving.report.input import ReportInput
from serving.report.view import View, reasons

LONGEST = 60
"""Characters of an id that are shown; what is longer is cut, and says how long it is."""

_NUMBERS = (
    *(numbers.count, numbers.off, numbers.percent, numbers.points, numbers.precise, numbers.signed),
    *(numbers.day, numbers.moment, numbers.short_day, numbers.weeks),
)
_PAGE = Path(__file__).parent / "page"


def render(week: ReportInput) -> str:
    """The report of a week, as one HTML page."""
    page = _environment().get_template("page.html")
    style = _style()
    policy = f"default-src 'none'; style-src '{_source(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    return page.render(
        week=week,
        view=View(week),
        words=words,
        style=Markup(style),  # our own file
        policy=policy,
        money=lambda amount: numbers.money(amount, week.currency),
        count=numbers.count,
        more=lambda amount: numbers.more(amount, week.currency),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters |= {made.__name__: made for made in (*_NUMBERS, against, name, reasons)}
    return environment


def name(customer: str) -> str:
    """An id as it is shown: cut where it is longer than anybody reads."""
    if len(customer) <= LONGEST:
        return customer
    return f"{customer[:LONGEST]}\N{HORIZONTAL ELLIPSIS} ({len(customer):,} characters)"


def spelt(customer: str) -> str:
    """An id as a page shows it, before it is escaped: whoever looks for a customer in a page looks for this."""
    return shown(name(customer))


def _visible(value: Any) -> Any:
    """What cannot be seen, or turns the line round, is shown by its code."""
    return shown(value) if type(value) is str else value


@cache
def _style() -> str:
    return (_PAGE / "style.css").read_text(encoding="utf-8")


def _source(text: str) -> str:
    """The hash by which a content security policy knows a piece of the page (CSP level 3, section 2.3.1)."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
