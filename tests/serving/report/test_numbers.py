"""Numbers and dates as people read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.report import numbers

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0%"),
        (0.001, "<1%"),
        (0.005, "0%"),
        (0.006, "1%"),
        (0.5, "50%"),
        (0.9949, "99%"),
        (0.996, ">99%"),
        (1, "100%"),
    ],
)
def test_neither_nothing_nor_all_is_said_of_what_is_neither(share: float, said: str) -> None:
    assert numbers.percent(share) == said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (numbers.count(12_345.4), "12,345"),
        (numbers.money(1234.5, "$"), "$1,234"),
        (numbers.money(-0.4, "$"), "$0"),
        (numbers.money(-1234, "€"), f"{MINUS}€1,234"),
        (numbers.money(None, "$"), "\N{EN DASH}"),
        (numbers.more(0.2, "$"), "no change"),
        (numbers.more(12, "$"), "+$12"),
        (numbers.more(-12, "$"), f"{MINUS}$12"),
        (numbers.signed(-3), f"{MINUS}3"),
        (numbers.signed(0), "no change"),
        (numbers.off(0.12), "12% too much said"),
        (numbers.off(-0.004), "<1% too little said"),
        (numbers.off(0.0001), "just as said"),
        (numbers.precise(-0.1714), f"{MINUS}0.171"),
        (numbers.day("1998-06-29"), "Monday, 29 June 1998"),
        (numbers.short_day("1998-06-29T06:00:12"), "29 Jun 1998"),
        (numbers.moment("1998-06-29T06:00:12.123456+00:00"), "29 Jun 1998, 06:00 UTC"),
        (numbers.weeks(28), "four weeks"),
        (numbers.weeks(7), "one week"),
        (numbers.weeks(91), "13 weeks"),
    ],
)
def test_what_is_said(said: str, expected: str) -> None:
    assert said == expected


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_a_line_stays_in_its_frame_and_rises_where_values_rise(values: list[int]) -> None:
    points = [tuple(map(float, point.split(","))) for point in numbers.points(values).split()]

    assert len(points) == len(values)
    assert all(0 <= x <= 100 and 0 <= y <= 24 for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    for (_, before), (_, after), a, b in zip(points, points[1:], values, values[1:], strict=False):
        assert (after - before) * (b - a) <= 0
