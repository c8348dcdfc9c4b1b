"""The spec's life at the front door: kept unless asked otherwise, never changed or compared in silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from trained_shop import AS_OF, SETTINGS, Shop

import stagecast
from features.errors import ModelError, UsageError
from features.stages.spec import StageSpec
from features.stages.words import share
from stagecast.specs import read_spec, wish

LATER = "1998-03-30"
FORCE = ("--force", "--reason", "a test")


@dataclass(frozen=True)
class Kept:
    """A model `kept` in the shop's store; version 1 is champion."""

    shop: Shop
    config: stagecast.Config
    settings: str
    spec: StageSpec

    @property
    def uri(self) -> str:
        return self.shop.uri

    @property
    def client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.uri, self.uri)

    def train(self, as_of: str = LATER) -> list[object]:
        Path("s.toml").write_text(self.settings, encoding="utf-8")
        return ["train", self.shop.orders, "--as-of", as_of, "--config", "s.toml", "--tracking-uri", self.uri]

    def promote(self, version: int, *options: str) -> list[str]:
        """How a version is promoted."""
        return ["promote", f"kept/{version}", "--tracking-uri", self.uri, *options]


@pytest.fixture(scope="module")
def champion(shop: Shop) -> Kept:
    config = shop.config.overridden("training", model_name="kept")
    made = stagecast.train(shop.frame, AS_OF, config)
    stagecast.promote("kept/1", config, force="so few rounds need not beat a baseline")
    settings = SETTINGS.replace("[training]", '[training]\nmodel_name = "kept"', 1)
    return Kept(shop, config, settings, made.trained.model.spec)


@pytest.fixture
def kept(champion: Kept) -> Iterator[Kept]:
    yield champion
    champion.client.set_registered_model_alias("kept", "champion", "1")


def version_of(out: str) -> int:
    return int(out.split("Registered kept version ")[1].split(maxsplit=1)[0])


@pytest.mark.slow
def test_training_again_keeps_the_champions_spec(run, kept: Kept) -> None:
    done = run(*kept.train())
    assert done.code == 0
    words = f"Kept stage spec {kept.spec.hash} of champion version 1, fitted before {kept.spec.fitted_before}."
    assert words in done.out
    version = version_of(done.out)
    tags = kept.client.get_model_version("kept", str(version)).tags
    assert (tags["spec_hash"], tags["spec_origin"]) == (kept.spec.hash, "champion/1")
    refused = run(*kept.promote(version))
    assert refused.code == 4
    assert "not better than the champion in anything" in refused.err
    described = kept.client.get_model_version("kept", str(version)).description
    assert "Against champion version 1 itself: log loss of order" in described  # it knew nothing of the judged cut-off
    moved = run(*kept.promote(version, *FORCE))
    assert (moved.code, moved.last) == (0, f"kept version {version} is champion now (before: version 1).")
    back = run("rollback", "kept", "--reason", "a test", "--tracking-uri", kept.uri)
    assert (back.code, back.last) == (0, f"kept version 1 is champion now (before: version {version}).")


@pytest.mark.slow
def test_a_refit_is_asked_for_told_and_may_be_promoted(run, kept: Kept) -> None:
    done = run(*kept.train(), "--refit-spec")
    assert done.code == 0
    assert "anew, as asked" in done.out
    assert f"Note: the champion's stage spec is {kept.spec.hash}" in done.out
    version = version_of(done.out)
    tags = kept.client.get_model_version("kept", str(version)).tags
    assert tags["spec_hash"] != kept.spec.hash
    moved = run(*kept.promote(version, *FORCE))
    assert moved.code == 0
    assert f"spec was {kept.spec.hash} and is {tags['spec_hash']} now" in moved.out
    assert "not comparable" in moved.out

    wanted = ["--out", "scores", "--tracking-uri", kept.uri]
    first = run("score", kept.shop.orders, "--as-of", AS_OF, *wanted, "--model", "kept/1")
    second = run("score", kept.shop.orders, "--as-of", LATER, *wanted, "--model", "kept@champion")
    assert (first.code, second.code) == (0, 0)
    assert "Note" not in first.out
    for part in (LATER, AS_OF, kept.spec.hash, tags["spec_hash"], "not comparable"):
        assert part in second.out
    assert "not comparable" not in run("score", kept.shop.orders, "--as-of", AS_OF, "--out", "other", *wanted[2:],
                                       "--model", "kept/1").out  # fmt: skip


@pytest.mark.slow
def test_a_given_spec_is_used_and_not_promoted_by_the_way(run, kept: Kept) -> None:
    mine = stagecast.stage_spec(kept.shop.frame, "1997-10-06", kept.config)
    Path("spec.json").write_text(mine.to_json(), encoding="utf-8")
    done = run(*kept.train(), "--spec", "spec.json")
    assert done.code == 0
    assert f"Kept stage spec {mine.hash} of spec.json" in done.out
    version = version_of(done.out)
    refused = run(*kept.promote(version))
    assert refused.code == 4
    assert mine.hash in refused.err
    assert kept.spec.hash in refused.err
    assert "another stage spec" not in run(*kept.promote(version, "--new-spec")).err
    moved = run(*kept.promote(version, "--new-spec", *FORCE))
    assert moved.code == 0
    assert "not comparable" in moved.out


@pytest.mark.slow
def test_a_spec_that_saw_what_judges_is_refused(run, kept: Kept) -> None:
    done = run(*kept.train("1998-02-02"))
    assert done.code == 2
    assert "has seen orders that are to judge" in done.err
    assert kept.spec.fitted_before in done.err
    assert "--refit-spec" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "key"),
    [("[stages]\nquantile = 0.7\n", "quantile"), ("[clock]\nweek_starts = 'tue'\n", "week_starts")],
)
def test_other_wishes_than_the_kept_spec_are_refused(run, kept: Kept, line: str, key: str) -> None:
    arguments = kept.train()
    Path("s.toml").write_text(kept.settings + line, encoding="utf-8")
    done = run(*arguments)
    assert done.code == 2
    assert f"do not agree on '{key}'" in done.err
    assert kept.spec.hash in done.err
    assert "--refit-spec" in done.err


@pytest.mark.slow
def test_another_period_is_refused(run, kept: Kept) -> None:
    done = run(*kept.train(), "--period", "14d")
    assert done.code == 2
    assert "got: 14d" in done.err


@pytest.mark.slow
def test_the_same_wishes_as_the_kept_specs_are_granted(kept: Kept) -> None:
    config = kept.config.overridden("stages", quantile=kept.spec.constants.quantile)
    assert config.under(kept.spec).stages == kept.spec.constants


@pytest.mark.slow
def test_two_specs_are_too_many(run, kept: Kept) -> None:
    done = run(*kept.train(), "--refit-spec", "--spec", "spec.json")
    assert done.code == 2
    assert "choose one" in done.err


@pytest.mark.slow
def test_orders_without_money_cannot_keep_a_spec_of_money(run, kept: Kept) -> None:
    kept.shop.frame[["customer_id", "ordered_at"]].to_parquet("poor.parquet")
    program, _, *rest = kept.train()
    done = run(program, "poor.parquet", *rest)
    assert done.code == 3
    assert "measures a customer's level in money" in done.err


@pytest.mark.slow
def test_a_champion_that_cannot_be_read_leaves_a_way_out(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ModelError("the bundle is damaged")

    monkeypatch.setattr("serving.registry.fetch", fail)
    with pytest.raises(ModelError, match="cannot be kept") as refused:
        wish("champion", kept.config)
    assert "--refit-spec" in str(refused.value)
    assert wish("refit", kept.config).spec is None


@pytest.mark.slow
def test_a_python_caller_may_give_the_spec_itself(kept: Kept) -> None:
    found = wish(kept.spec, kept.config)
    assert (found.spec, found.standing) == (kept.spec, kept.spec.hash)


@pytest.mark.slow
def test_a_spec_is_read_from_a_file_or_a_model(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_spec("kept/1", kept.uri) == read_spec("kept@champion", kept.uri) == kept.spec
    Path("kept").mkdir()
    mine = kept.spec.model_copy(update={"order_days": 7})
    Path("kept/1").write_text(mine.to_json(), encoding="utf-8")
    assert read_spec("kept/1", kept.uri) == mine  # a file that is there wins
    with pytest.raises(UsageError, match="cannot be read"):
        read_spec("missing.json", kept.uri)


EXPLAIN = ["stages", "--explain-spec"]


def test_the_spec_of_orders_is_put_into_words(run, shop: Shop) -> None:
    done = run(*EXPLAIN, shop.orders, "--as-of", AS_OF, "--save-spec", "spec.json")
    assert done.code == 0
    spec = StageSpec.from_json(Path("spec.json").read_text(encoding="utf-8"))
    assert f"# Stage spec {spec.hash}" in done.out
    assert f"later than {share(spec.constants.quantile)} of them" in done.out
    again = run(*EXPLAIN, "--spec", "spec.json")
    assert again.code == 0
    assert again.out.splitlines()[:-1] == done.out.splitlines()[1:-1]
    assert again.err == ""


def test_the_spec_of_a_model_is_put_into_words(run, shop: Shop) -> None:
    done = run(*EXPLAIN, "--spec", "stagecast@champion", "--tracking-uri", shop.uri)
    assert done.code == 0
    assert done.last == f"This is the stage spec {shop.registered.model.spec.hash} of stagecast@champion"


def test_words_and_table_come_together(run, shop: Shop) -> None:
    done = run(*EXPLAIN, shop.orders, "--as-of", AS_OF, "--out", "s.parquet")
    assert "## The stages" in done.out
    assert set(pd.read_parquet("s.parquet")["spec_hash"]) == {done.out.split()[3].rstrip(",")}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (EXPLAIN, "ORDERS"),
        ([*EXPLAIN, "orders.parquet"], "--as-of"),
        ([*EXPLAIN, "--as-of", AS_OF], "ORDERS"),
        (["stages", "--as-of", AS_OF, "--out", "s.parquet"], "ORDERS"),
        (["stages", "orders.parquet", "--out", "s.parquet"], "--as-of"),
        (["stages", "orders.parquet", "--as-of", AS_OF], "--out"),
    ],
)
def test_what_is_missing_is_named(run, arguments: list[str], missing: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert missing in done.err.splitlines()[0]
    assert not list(Path.cwd().iterdir())


def test_a_young_log_and_defaults_are_told(run, shop: Shop) -> None:
    young = run("stages", shop.orders, "--as-of", "1997-03-31", "--out", "s.parquet")
    assert "Note: the stage spec was made from 89 days of orders." in young.out
    assert "stretched" in young.out
    tiny = run("stages", shop.orders, "--as-of", "1997-01-13", "--out", "s.parquet")
    assert "its gaps are largely defaults" in tiny.out
    assert "Note" not in run("stages", shop.orders, "--as-of", "1998-03-30", "--out", "s.parquet").out
