"""16. A setting that cannot be right is refused by its name, nothing in a file is run, and no secret is shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from trained_shop import AS_OF, Shop

from stagecast.config import Config
from stagecast.shown import shown_settings

SECRET = "correct-horse-battery"
WRONG = {
    "colour = 1": "unknown key 'colour'",
    "[training]\nfit_weeks = 'many'": "wrong value of 'training.fit_weeks'",
    "[serving]\nmodle = 'x@champion'": "unknown key 'serving.modle'",
    "model = !!python/object/apply:os.system ['touch ran']": "no TOML",
    "[serving.privacy]\nids = 'secret'": "wrong value of 'serving.privacy.ids'",
}


@pytest.mark.parametrize("text", WRONG)
def test_refused_with_its_path(run, shop: Shop, text: str) -> None:
    Path("s.toml").write_text(text, encoding="utf-8")
    done = run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--config", "s.toml")
    assert done.code == 2
    assert WRONG[text] in done.err
    assert [path.name for path in Path().iterdir()] == ["s.toml"]


def promise(show: Callable[[Config], str]) -> None:
    """What is kept of the settings tells no password."""
    secret = f"postgresql://me:{SECRET}@db/shop"
    config = Config().overridden(tracking_uri=secret)
    config = config.overridden("features", events={"visits": {"source": secret}})
    assert SECRET not in show(config), "a password is shown"


def test_settings_are_kept_without_addresses() -> None:
    promise(shown_settings)


def test_settings_that_are_kept_whole_are_noticed() -> None:
    with pytest.raises(AssertionError, match="a password is shown"):
        promise(lambda config: json.dumps(config.model_dump(mode="json"), default=str))


@pytest.mark.parametrize(
    "address", ["postgresql://me:{}@127.0.0.1:9/shop", "postgresql://127.0.0.1:9/shop?password={}&user=me"]
)
def test_no_command_tells_a_password(run, shop: Shop, address: str) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    address = address.format(SECRET)
    table = f"{address}{'&' if '?' in address else '?'}table=orders"
    store = ["--config", shop.settings, "--tracking-uri", shop.uri]
    for asked in (["check", table], ["score", table, "--as-of", AS_OF, "--out", "scores", *store]):
        done = run(*asked)
        assert done.code in (2, 3)
        assert SECRET not in done.out + done.err
