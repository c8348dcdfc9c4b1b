"""One strict TOML file: every key can be set, and what cannot be right is refused by its name."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from features.config import ClockConfig
from features.errors import UsageError
from features.history import History
from features.stages.fit import fit_spec
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.demo import cdnow

EVERYTHING = """\
tracking_uri = "sqlite:///shop.db"

[orders]
date_format = "%d/%m/%Y"
bad_rows = "reject"
max_bad_share = 0.02
quarantine = "set-aside"
earliest = "2000-01-01"
largest_amount = 1e6

[orders.columns]
customer_id = "CustomerID"

[clock]
week_starts = "sun"
timezone = "Europe/Zurich"

[stages]
quantile = 0.7
stable_days = 5

[features]
windows = [4, 13, 52]

[training]
period = "2w"
judge_cutoffs = 2

[training.booster]
rounds = 50

[serving]
model = "stagecast@challenger"
reasons = 5
"""


def loaded(folder: Path, text: str) -> Config:
    path = folder / "stagecast.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path)


def test_without_a_file_every_default_stands() -> None:
    assert Config.load(None) == Config()
    assert Config().period_days == 28
    assert Config().the_clock.week_starts == "mon"


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Config()


def test_a_whole_file_says_what_it_says(tmp_path: Path) -> None:
    config = loaded(tmp_path, EVERYTHING)

    said = config.model_dump(mode="json", exclude_unset=True)
    assert said == tomllib.loads(EVERYTHING)
    assert config.period_days == 14
    assert (config.recipe.clock.week_starts, config.recipe.stages.quantile) == ("sun", 0.7)
    assert Config.model_validate(said) == config


def test_the_example_in_the_readme_is_a_whole_and_right_file(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    config = loaded(tmp_path, example)
    assert config.model_fields_set >= {"orders", "clock", "training"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ("[order]", "order"),
        ("[training]\nrounds = 5", "training.rounds"),
        ("[training.booster]\nrouns = 5", "training.booster.rouns"),
        ("[features]\nwindow = [4]", "features.window"),
    ],
)
def test_an_unknown_key_is_named_with_its_path(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"unknown key '{key}'")) as error:
        loaded(tmp_path, text)
    assert "stagecast.toml" in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "key", "got"),
    [
        ("[training]\nfit_weeks = 'many'", "training.fit_weeks", "'many'"),
        ("[training.booster]\nlearning_rate = 0", "training.booster.learning_rate", "0"),
        ("[features]\nwindows = [13, 4]", "features.windows", "[13, 4]"),
        ("[clock]\nweek_starts = 'Monday'", "clock.week_starts", "'Monday'"),
        ("[stages]\nquantile = 0.99", "stages.quantile", "0.99"),
        ("[orders]\nbad_rows = 'ignore'", "orders.bad_rows", "'ignore'"),
        ("orders = 3", "orders", "3"),
        ("[serving]\nreasons = -1", "serving.reasons", "-1"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(tmp_path: Path, text: str, key: str, got: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"wrong value of '{key}'")) as error:
        loaded(tmp_path, text)
    assert str(error.value.got) == got
    assert error.value.allowed


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no TOML[\s\S]*line 2"):
        loaded(tmp_path, "[orders]\nearliest = 2000-01-\n")


@pytest.mark.parametrize("name", ["missing.toml", ".", "latin.toml"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "latin.toml").write_bytes('quarantine = "Jäger"'.encode("latin-1"))
    with pytest.raises(UsageError, match="the configuration cannot be read"):
        Config.load(tmp_path / name)


@pytest.mark.parametrize("period", ["27d", "0d", "4", "four weeks", "-28d"])
def test_a_period_is_whole_weeks(period: str) -> None:
    with pytest.raises(UsageError, match="whole weeks"):
        _ = Config().overridden("training", period=period).period_days


def test_options_lie_over_the_file_and_what_is_not_given_changes_nothing(tmp_path: Path) -> None:
    config = loaded(tmp_path, EVERYTHING)

    assert config.overridden("clock", week_starts=None) == config
    changed = config.overridden("clock", week_starts="wed").overridden(tracking_uri="sqlite:///x.db")
    assert (changed.clock.week_starts, changed.clock.timezone) == ("wed", "Europe/Zurich")
    assert changed.tracking_uri == "sqlite:///x.db"
    assert changed.training == config.training
    with pytest.raises(UsageError, match=r"the command line: wrong value of 'clock\.week_starts'"):
        config.overridden("clock", week_starts="someday")


def test_a_wish_is_told_from_a_default() -> None:
    assert "week_starts" not in Config().overridden("training", period="14d").clock.model_fields_set
    assert "week_starts" in Config().overridden("clock", week_starts="mon").clock.model_fields_set


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().clock.week_starts = "sun"  # type: ignore[misc]


@pytest.fixture(scope="module")
def spec() -> StageSpec:
    config = Config().overridden("clock", week_starts="sun").overridden("training", period="14d")
    history = History.of(cdnow().head(500).assign(is_return=False))
    return fit_spec(history, history.last_day, config.period_days, config.stages, config.the_clock)


def test_a_frozen_spec_brings_its_clock_and_period(spec: StageSpec) -> None:
    config = Config().under(spec)
    assert (config.clock.week_starts, config.period_days) == ("sun", 14)


@pytest.mark.parametrize(("section", "value"), [("clock", {"week_starts": "mon"}), ("training", {"period": "28d"})])
def test_other_wishes_than_the_specs_are_refused_with_both_sides(spec: StageSpec, section: str, value: dict) -> None:
    (key,) = value
    with pytest.raises(UsageError, match=f"do not agree on '{key}'") as error:
        Config().overridden(section, **value).under(spec)
    assert value[key] in str(error.value.got)
    assert spec.hash in str(error.value.allowed)


def sections(model: type[BaseModel], path: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= sections(inner, f"{path}{name}.")
        else:
            found[f"{path}{name}"] = field.get_default(call_default_factory=True)
    return found


def test_every_key_has_a_default_that_is_itself_allowed() -> None:
    keys = sections(Config)
    assert len(keys) > 40
    assert Config.model_validate(Config().model_dump()) == Config()
    assert ClockConfig.model_validate({"week_starts": keys["clock.week_starts"]})
