"""Every picture draws on every shop, however small or odd, and shows what is there."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from features.errors import UsageError
from features.stages.moves import STAGES
from features.stages.spells import PLACES
from stagecast import describe
from stagecast.pictures import customer_journey, save, shop_pictures, stage_flow, stage_mix, stage_survival
from stagecast.pictures import stage_transitions as transitions
from stagecast.pictures.manners import PLACE_COLOURS, drawable, spread

AS_OF = "2021-01-04"
NASTY = ["$x^2$ $\\frac{1}{0}$", "<b>&amp;</b>", "a\nb\x1b[2J", "客户", "%s {0}", "\\"]


def shop(customers: dict[str, list[int]], money: bool = True) -> pd.DataFrame:
    """Orders of customers on days before the cut-off."""
    rows = [(name, day) for name, days in customers.items() for day in days]
    at = np.datetime64(AS_OF) - np.array([day for _, day in rows]).astype("timedelta64[D]")
    table = pd.DataFrame({"customer_id": [name for name, _ in rows], "ordered_at": at.astype("datetime64[us]")})
    return table.assign(amount=10.0 + np.arange(len(rows)) % 7) if money else table


SHOPS = {
    "one customer": shop({"a": list(range(1, 500, 9))}),
    "one order": shop({"a": [3]}),
    "one order, long ago": shop({"a": [700]}),
    "no money": shop({name: list(range(k + 1, 600, 11 + 5 * k)) for k, name in enumerate("abc")}, money=False),
    "one-time buyers": shop({str(k): [5 + 3 * k] for k in range(150)}),
    "nasty ids": shop({name: list(range(k + 1, 600, 13 + 9 * k)) for k, name in enumerate(NASTY)}),
}


QUICK = ("one customer", "no money")
"""Shops that show the rest in a moment."""


@pytest.mark.parametrize(
    "orders",
    [pytest.param(of, id=name, marks=[] if name in QUICK else [pytest.mark.slow]) for name, of in SHOPS.items()],
)
def test_every_picture_draws_on_every_shop(orders: pd.DataFrame, tmp_path: Path) -> None:
    names = []
    for name, figure in shop_pictures(orders, AS_OF):
        save(figure, tmp_path / "new" / f"{name}.png")
        wide, high = size(tmp_path / "new" / f"{name}.png")
        assert (wide, high > 500) == (1300, True)
        names.append(name)
    assert names == ["mix", "flow", "transitions", "survival"]
    for k, customer in enumerate(orders["customer_id"].unique()[:3]):
        save(customer_journey(orders, customer, AS_OF), tmp_path / f"{k}.png")
        assert size(tmp_path / f"{k}.png")[0] == 1300


def size(path: Path) -> tuple[int, int]:
    return struct.unpack(">II", path.read_bytes()[16:24])


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_ids_from_outside_are_text_and_no_markup() -> None:
    told = {name: texts(customer_journey(SHOPS["nasty ids"], name, AS_OF)) for name in NASTY}
    assert all(f"Customer {shown} up to" in told[name] for name, shown in zip(NASTY[:2], NASTY[:2], strict=True))
    assert r"Customer a\nb\x1b[2J up to" in told[NASTY[2]]
    assert all(not text.get_parse_math() for text in titles(customer_journey(SHOPS["nasty ids"], NASTY[0], AS_OF)))
    assert drawable("客") in ("客", r"\u5ba2")


def titles(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if "Customer" in text.get_text()]


def test_pictures_say_what_the_tables_say(cdnow_few: pd.DataFrame) -> None:
    clean, as_of = describe.check(cdnow_few), "1998-06-29"
    counts = describe.stages(clean, as_of).groupby(["stage", "sub_state"]).size()
    flow = texts(stage_flow(clean, as_of))
    lost = counts["regression", "lost"]
    assert f"\n{lost}\n" in flow
    for words in (flow, texts(stage_mix(clean, as_of))):
        assert f"regression, lost  {lost / counts.sum():.0%}" in words
        assert all(place in words for place in PLACES)
    assert texts(transitions(clean, as_of)).count("never") == 6
    assert all(stage in texts(stage_survival(clean, as_of)) for stage in STAGES)
    journey = describe.journey(clean, clean.orders["customer_id"].iloc[0], as_of)
    words = " ".join(texts(customer_journey(clean, journey.customer, as_of)).split())
    assert all(" ".join(sentence.split()) in words for sentence in journey.sentences())


def test_colours_of_neighbours_differ_in_grey_too() -> None:
    rgb = np.array([[int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for colour in PLACE_COLOURS])
    grey = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    lightness = 116 * np.cbrt(grey) - 16  # CIE L*
    assert (np.abs(np.diff(lightness)) > 9).all()


def test_labels_keep_apart() -> None:
    placed = spread(np.array([0.5, 0.5, 0.5, 0.1, 0.99, 1.0]), 0.1, (0.0, 1.0))
    assert (np.diff(np.sort(placed)) > 0.099).all()
    assert placed[3] == 0.1
    assert (placed.min(), placed.max()) >= (0.0, 0.9)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "PNG"])
def test_a_picture_is_written_whole(suffix: str, tmp_path: Path) -> None:
    save(stage_mix(SHOPS["one order"], AS_OF), tmp_path / f"x.{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"x.{suffix}"]


@pytest.mark.parametrize("name", ["x.gif", "x", "x.png.exe", "."])
def test_other_files_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a picture is one file"):
        save(stage_mix(SHOPS["one order"], AS_OF), tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["online_retail_2", "completejourney", "btydplus_grocery"])
def test_real_shops(shared_data: Callable[[str], Path], name: str, tmp_path: Path) -> None:
    columns = ["customer_id", "ordered_at", "amount", "is_return"]
    clean = describe.check(pd.read_parquet(shared_data(name), columns=columns).dropna(axis=1, how="all"))
    last = clean.report.last.normalize()
    as_of = f"{last - pd.Timedelta(days=last.day_of_week):%Y-%m-%d}"
    for picture, figure in shop_pictures(clean, as_of):
        save(figure, tmp_path / f"{picture}.png")
