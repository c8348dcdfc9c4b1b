"""`stagecast validity`, the verb and the command, on a real shop."""

from pathlib import Path

import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.clock import to_day
from features.errors import DataError, UsageError


def test_the_command_writes_a_folder_tells_the_claims_and_is_the_verb(run, shop: Shop) -> None:
    done = run("validity", shop.orders, "--as-of", AS_OF, "--out", "new/folder", "--config", shop.settings)
    assert done.code == 0
    assert done.last == "The report, its tables and pictures are in new/folder"
    made = {path.name for path in Path("new/folder").iterdir()}
    assert {"report.md", "claims.csv", "claims.png", "tradeoff.png"} <= made
    claims = pd.read_csv("new/folder/claims.csv")
    counts = claims["verdict"].value_counts()
    assert f"Of {len(claims)} claims {counts['holds']} hold, " in done.out
    told = [line for line in done.out.splitlines() if line.startswith(("holds", "does not hold", "cannot tell"))]
    assert len(told) == len(claims)
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["validity"] * 3
    verb = stagecast.validity(shop.frame, AS_OF, stagecast.Config.load(shop.settings))
    pd.testing.assert_frame_equal(verb.claims.drop(columns="why"), claims.drop(columns="why"))
    assert Path("new/folder/report.md").read_text() == verb.to_markdown()


@pytest.mark.slow
def test_a_given_spec_is_judged_after_its_own_orders_alone(run, shop: Shop) -> None:
    saved = run("stages", shop.orders, "--as-of", "1997-12-01", "--out", "s.parquet", "--save-spec", "spec.json")
    assert saved.code == 0
    wanted = ["--out", "v", "--spec", "spec.json", "--config", shop.settings]
    done = run("validity", shop.orders, "--as-of", AS_OF, *wanted)
    assert done.code == 0
    assert "from 1997-12-01;" in done.out
    early = run("validity", shop.orders, "--as-of", "1997-12-01", *wanted)
    assert early.code == 3
    assert "too short to judge" in early.err


@pytest.mark.slow
def test_referrals_come_from_a_file(run, shop: Shop) -> None:
    names = shop.frame["customer_id"].unique()
    events = pd.DataFrame({"customer_id": names, "at": "1998-01-14", "kind": "referral"})
    events.to_csv("events.csv", index=False)
    wanted = ["--out", "v", "--events", "events.csv", "--config", shop.settings]
    done = run("validity", shop.orders, "--as-of", AS_OF, *wanted)
    assert done.code == 0
    assert f"{len(names):,} events; not used: 0 of customers without an order, 0 on or after" in done.out
    assert pd.read_csv("v/by_stage.csv").set_index("group").loc["everyone", "referrals"] > 0


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--as-of", "1998-03-03", "--out", "v"], 2, "1998-03-02"),
        (["--as-of", AS_OF, "--out", "taken"], 2, "taken, a file"),
        (["--as-of", AS_OF, "--out", "v", "--events", "missing.csv"], 2, "check --events"),
        (["--as-of", AS_OF, "--out", "v", "--events", "wrong.csv"], 3, "lack the column 'at'"),
        (["--as-of", AS_OF, "--out", "v", "--spec", "missing.json"], 2, "check --spec"),
        (["--as-of", "1997-01-20", "--out", "v"], 3, "at least one period"),
        (["--as-of", "1996-12-30", "--out", "v"], 3, "no orders before"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_is_refused_and_nothing_written(run, shop: Shop, more: list[str], code: int, said: str) -> None:
    Path("taken").write_text("mine")
    Path("wrong.csv").write_text("customer_id,kind\n1,referral\n")
    done = run("validity", shop.orders, *more)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert Path("taken").read_text() == "mine"
    assert not Path("v").exists()


def test_orders_at_or_after_the_cut_off_are_not_looked_at(shop: Shop) -> None:
    config = stagecast.Config.load(shop.settings)
    cut = shop.frame[shop.frame["ordered_at"] < AS_OF]
    one, other = (stagecast.validity(orders, AS_OF, config) for orders in (shop.frame, cut))
    assert len(cut) < len(shop.frame)
    assert one.to_markdown() == other.to_markdown()


def test_the_verb_refuses_what_the_command_refuses(shop: Shop) -> None:
    with pytest.raises(UsageError, match="two nearest"):
        stagecast.validity(shop.frame, "1998-03-03")
    with pytest.raises(DataError, match="no orders before"):
        stagecast.validity(shop.frame, "1996-12-30")
    spec = stagecast.stage_spec(shop.frame, "1997-12-01")
    with pytest.raises(UsageError, match="do not agree"):
        stagecast.validity(shop.frame, AS_OF, stagecast.Config().overridden("training", period="14d"), spec)
    assert to_day(pd.Timestamp(spec.fitted_before).date()) == to_day(pd.Timestamp("1997-12-01").date())
