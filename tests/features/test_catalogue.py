"""The catalogue of the features in the documentation is the one that the features make."""

import re
from pathlib import Path

from features.catalogue import catalogue
from features.config import FeatureConfig
from features.families import FAMILIES, all_features
from features.history.since import OPTIONAL
from features.sets.declared import FeatureSet

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_page_is_current() -> None:
    renew = "renew it: stagecast features --catalogue > docs/features.md"
    assert PAGE.read_text(encoding="utf-8") == catalogue(), renew


def test_every_feature_has_one_row_in_the_section_of_its_family() -> None:
    sections = re.split(r"^## (\w+): .*$", catalogue(), flags=re.M)[1:]
    names = dict(zip(map(str.lower, sections[::2]), sections[1::2], strict=True))
    assert list(names) == list(FAMILIES)
    for feature in all_features(FeatureConfig().windows, frozenset(OPTIONAL)):
        tail = re.sub(r"_\d+w$", "_{w}w", feature.name)
        rows = [row for row in names[feature.family].splitlines() if f"`{tail}`" in row or f"`{feature.name}`" in row]
        assert len(rows) == 1, feature.name


def test_what_is_declared_has_its_rows_too() -> None:
    events = {"visits": {"kinds": ["shop", "web"], "measures": ["count"]}}
    page = catalogue(FeatureSet.model_validate({"events": events, "own": {"half": "net_spend_13w / 2"}}))
    assert "| `visits_web_count_{w}w` | events in the last w weeks (visits, web) | count |" in page
    assert "| `half` | net_spend_13w / 2 | own |" in page


def test_no_row_has_cells_too_many() -> None:
    assert {row.count("|") for row in catalogue().splitlines() if row.startswith("|")} == {8}
