"""The ladder learns from the past alone, and each rung says what its name promises."""

from dataclasses import fields, replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from features.stages.moves import Stage, legal_moves
from training import metrics
from training.baselines import fitted, next_stage, shares, spend
from training.baselines.btyd import BgNbd, GammaGamma, Histories, MbgNbd, ParetoNbd
from training.ladder import BINARY, binary_ladder, spend_ladder, stage_ladder
from training.table import Table

LEARNT = ["base rate", "stage table", "persistence", "recency", "hiatus rule"]
FITTED = ["logistic RFM", "logistic RFM + BTYD", "LightGBM RFM"]
REPEAT_ORDERS = ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
KINDS = {"bgnbd": BgNbd, "mbgnbd": MbgNbd, "paretonbd": ParetoNbd}


@pytest.fixture(scope="session")
def past(fitted_on: Table, calibrated_on: Table) -> Table:
    return fitted_on.stack(calibrated_on)


def turned(table: Table) -> Table:
    """The same snapshots, of which quite other things came next."""
    labels = table.labels
    other = {"next_stage": (labels.next_stage + 1) % 4, "ordered": ~labels.ordered, "spend": labels.spend * 7 + 1}
    assert set(other) == {field.name for field in fields(labels)}
    return replace(table, labels=replace(labels, **other))


def rows(table: Table, chosen: np.ndarray) -> Table:
    """Some snapshots of a table."""

    def of(part: object) -> object:
        return replace(part, **{field.name: getattr(part, field.name)[chosen] for field in fields(part)})

    kept = {name: getattr(table, name).iloc[chosen].reset_index(drop=True) for name in ("features", "facts")}
    return replace(table, **kept, **{name: of(getattr(table, name)) for name in ("snapshots", "now", "labels")})


def everything(past: Table, later: Table) -> dict[str, np.ndarray]:
    binary = {f"{target} {name}": p for target in BINARY for name, p in binary_ladder(target, past, later, 28).items()}
    spend = {f"spend {name}": p for name, p in spend_ladder(later, 28, past).items()}
    return binary | stage_ladder(past, later) | spend


@pytest.fixture(scope="session")
def said(past: Table, judged_on: Table) -> dict[str, np.ndarray]:
    return everything(past, judged_on)


def test_the_rungs_and_their_order(said: dict[str, np.ndarray]) -> None:
    assert list(said) == [
        *(f"order {name}" for name in (*LEARNT, *REPEAT_ORDERS, *FITTED)),
        *(f"regression {name}" for name in (*LEARNT, *FITTED)),
        *("persistence", "transition table"),
        *("spend spend of 26 weeks", "spend stage table"),
        *(f"spend {name} x Gamma-Gamma" for name in REPEAT_ORDERS),
        "spend LightGBM RFM",
    ]


def test_what_came_after_the_later_snapshots_changes_nothing(
    past: Table, judged_on: Table, said: dict[str, np.ndarray]
) -> None:
    two = everything(past, turned(judged_on))

    for name, p in said.items():
        np.testing.assert_array_equal(p, two[name], err_msg=name)


def test_what_came_after_the_past_does(past: Table, judged_on: Table, said: dict[str, np.ndarray]) -> None:
    two = everything(turned(past), judged_on)
    same = {name for name, p in said.items() if np.array_equal(p, two[name])}
    need_no_outcomes = {f"spend {name}" for name in spend_ladder(judged_on, 28)}

    assert same == {f"order {name}" for name in REPEAT_ORDERS} | need_no_outcomes | {"persistence"}
    assert len(need_no_outcomes) == 4


@pytest.mark.parametrize("target", list(BINARY))
def test_probabilities_with_the_right_mean_on_the_past(target: str, past: Table) -> None:
    ladder = binary_ladder(target, past, past, 28)
    rate = BINARY[target](past).mean()

    for name, p in ladder.items():
        assert p.shape == (len(past),), name
        assert np.isfinite(p).all(), name
        assert ((p > 0) & (p < 1)).all(), name
    for name in (*LEARNT, *FITTED):
        assert ladder[name].mean() == pytest.approx(rate, abs=0.02), name


def test_later_rows_do_not_depend_on_those_at_other_cutoffs(
    past: Table, judged_on: Table, said: dict[str, np.ndarray]
) -> None:
    newest = judged_on.snapshots.cutoff == judged_on.snapshots.cutoff.max()
    alone = everything(past, rows(judged_on, np.flatnonzero(newest)))

    for name, p in said.items():
        np.testing.assert_allclose(p[newest], alone[name], rtol=1e-12, err_msg=name)


def test_by_stage_is_the_share_among_those_who_stood_alike(past: Table) -> None:
    p = shares.by_stage(past, past, BINARY["order"])
    standing = pd.DataFrame({"stage": past.now.stage, "sub": past.now.sub_state, "ordered": past.labels.ordered})
    groups = standing.groupby(["stage", "sub"])["ordered"]
    shrunk = (groups.transform("sum") + standing["ordered"].mean()) / (groups.transform("size") + 1)

    assert groups.ngroups >= 5
    np.testing.assert_allclose(p, shrunk, rtol=1e-12)


def test_persistence_asks_what_happened_last(past: Table) -> None:
    ordered = binary_ladder("order", past, past, 28)["persistence"]
    lately = (past.facts["recency"] <= 28).to_numpy()
    regressed = binary_ladder("regression", past, past, 28)["persistence"]
    already = past.now.stage == Stage.REGRESSION

    for p, before, after in ((ordered, lately, past.labels.ordered), (regressed, already, past.labels.regression)):
        for group in (before, ~before):
            assert group.sum() > 50
            assert len(np.unique(p[group])) == 1
            assert p[group][0] == pytest.approx(after[group].mean(), abs=1 / group.sum())


@pytest.mark.parametrize("target", list(BINARY))
def test_the_hiatus_rule_parts_the_past_as_well_as_any_limit(target: str, past: Table) -> None:
    outcome, silence = BINARY[target](past), past.facts["recency"].to_numpy()
    p = shares.hiatus_rule(past, past, BINARY[target])

    assert len(np.unique(p)) == 2
    above, below = silence[p == p[silence.argmax()]], silence[p == p[silence.argmin()]]
    assert above.min() > below.max()

    def loss(limit: int) -> float:
        sides = [outcome[silence <= limit].mean(), outcome[silence > limit].mean()]
        return metrics.log_loss(outcome, np.where(silence > limit, sides[1], sides[0]))

    best = min(loss(int(limit)) for limit in np.unique(silence)[:-1])
    assert loss(int(below.max())) == pytest.approx(best, abs=1e-12)


def test_recency_alone_decides(past: Table, judged_on: Table) -> None:
    p = pd.Series(fitted.recency_only(past, judged_on, BINARY["order"]))

    assert p.groupby(judged_on.facts["recency"].to_numpy()).nunique().max() == 1
    assert p.nunique() > 20


def logs(table: Table) -> np.ndarray:
    facts = table.facts
    r, f, t = np.log(1 + facts["recency"]), np.log(facts["order_days"]), np.log(1 + facts["tenure"])
    return np.column_stack([r, f, t, r * f, t * f, np.log(1 + facts["order_day_value"].clip(lower=0))])


def by_hand(known: np.ndarray, outcome: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    mean, spread = known.mean(axis=0), known.std(axis=0)
    model = LogisticRegression(max_iter=2000).fit((known - mean) / spread, outcome)
    return model.predict_proba((unknown - mean) / spread)[:, 1]


def test_logistic_rfm_is_a_logistic_regression_on_logs(past: Table, judged_on: Table) -> None:
    outcome = BINARY["regression"]
    want = by_hand(logs(past), outcome(past), logs(judged_on))

    np.testing.assert_allclose(fitted.logistic_rfm(past, judged_on, outcome), want, atol=1e-4)


def test_with_btyd_it_has_their_log_odds_and_cutoffs_a_period_apart(past: Table, judged_on: Table) -> None:
    cutoffs = np.unique(past.snapshots.cutoff)
    apart = np.flatnonzero(np.isin(past.snapshots.cutoff, [c for c in cutoffs if (cutoffs[-1] - c) % 28 == 0]))
    assert 0 < len(apart) < len(past)

    def with_logits(table: Table) -> np.ndarray:
        said = table.btyd.columns(28)
        return np.hstack([logs(table), said[["bgnbd_logit", "mbgnbd_logit", "paretonbd_logit"]]])

    outcome = BINARY["order"]
    want = by_hand(with_logits(past)[apart], outcome(past)[apart], with_logits(judged_on))
    np.testing.assert_allclose(fitted.logistic_rfm_btyd(past, judged_on, outcome, 28), want, atol=2e-4)


def test_lightgbm_rfm_is_lightgbm_with_its_defaults(past: Table, judged_on: Table) -> None:
    names = ["recency", "order_days", "tenure", "order_day_value"]
    plain = lgb.LGBMClassifier(n_jobs=1, random_state=0, verbosity=-1, force_row_wise=True)
    plain.fit(past.facts[names], BINARY["order"](past))
    want = plain.predict_proba(judged_on.facts[names], num_threads=1)[:, 1]

    np.testing.assert_allclose(fitted.lightgbm_rfm(past, judged_on, BINARY["order"]), want, atol=1e-9)


def test_without_money_there_are_the_same_rungs(past: Table, judged_on: Table) -> None:
    money = ["order_day_value", "usual_spend"]
    poor = [replace(table, facts=table.facts.drop(columns=money)) for table in (past, judged_on)]
    ladder = binary_ladder("order", *poor, 28)

    assert list(ladder) == [*LEARNT, *REPEAT_ORDERS, *FITTED]
    assert all(np.isfinite(p).all() for p in ladder.values())


class TestBtydColumns:
    """Models of repeat orders, as columns of a table."""

    def test_they_are_fitted_anew_at_each_cutoff(self, judged_on: Table) -> None:
        columns = judged_on.btyd.columns(28)
        assert columns.index.tolist() == list(range(len(judged_on)))
        for cutoff in np.unique(judged_on.snapshots.cutoff):
            at = judged_on.snapshots.cutoff == cutoff
            facts = judged_on.facts[at]
            last = (facts["tenure"] - facts["recency"]) / 7
            h = Histories.of(facts["order_days"] - 1, last, facts["tenure"] / 7)
            for name, kind in KINDS.items():
                model = kind.fit(h)
                p = model.probability_to_order(h, 4)
                np.testing.assert_allclose(columns.loc[at, f"{name}_logit"], np.log(p / (1 - p)), rtol=1e-9)
                np.testing.assert_array_equal(columns.loc[at, f"{name}_orders"], model.expected_orders(h, 4))
            given = facts["order_days"], facts["order_day_value"]
            value = GammaGamma.fit(*given).expected_value(*given)
            np.testing.assert_array_equal(columns.loc[at, "gamma_gamma_value"], value)

    def test_some_cutoffs_alone_say_the_same_and_where_they_stand(self, past: Table) -> None:
        newest = int(past.snapshots.cutoff.max())
        some, everything = past.btyd.columns(28, [newest]), past.btyd.columns(28)

        assert some.index.tolist() == np.flatnonzero(past.snapshots.cutoff == newest).tolist()
        pd.testing.assert_frame_equal(some, everything.loc[some.index])

    def test_a_longer_horizon_is_worth_more(self, judged_on: Table) -> None:
        short, long = judged_on.btyd.columns(28), judged_on.btyd.columns(364)
        grows = [name for name in short if name != "gamma_gamma_value"]

        assert (long[grows] > short[grows]).all(axis=None)
        assert (long["gamma_gamma_value"] == short["gamma_gamma_value"]).all()

    def test_whoever_changes_the_answer_changes_it_for_nobody_else(self, judged_on: Table) -> None:
        once = judged_on.btyd.columns(28)
        kept = once.copy()
        once.loc[:, :] = 0.0

        pd.testing.assert_frame_equal(judged_on.btyd.columns(28), kept)

    def test_orders_that_cost_nothing_are_worth_nothing(self, judged_on: Table) -> None:
        free = replace(judged_on, facts=judged_on.facts.assign(order_day_value=0.0, usual_spend=0.0))

        assert (spend.orders_times_value(free, 28, "bgnbd") == 0).all()

    def test_without_money_there_is_no_value(self, judged_on: Table) -> None:
        poor = replace(judged_on, facts=judged_on.facts.drop(columns=["order_day_value", "usual_spend"]))

        assert "gamma_gamma_value" not in poor.btyd.columns(28)


@pytest.mark.parametrize("name", ["persistence", "transition table"])
def test_stage_baselines_are_distributions(name: str, past: Table, judged_on: Table) -> None:
    p = stage_ladder(past, judged_on)[name]

    assert p.shape == (len(judged_on), 4)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)


def test_persistence_stays(past: Table, judged_on: Table) -> None:
    assert (next_stage.persistence(past, judged_on).argmax(axis=1) == judged_on.now.stage).all()


def test_the_transition_table_gives_nothing_to_illegal_moves(past: Table, judged_on: Table) -> None:
    p = next_stage.transition_table(past, judged_on)
    legal = legal_moves(judged_on.now.stage, judged_on.reached_formative)

    assert (p[~legal] == 0).all()
    assert (p[legal] > 0).all()


def test_the_transition_table_is_the_share_of_past_moves(past: Table, judged_on: Table) -> None:
    p = next_stage.transition_table(past, judged_on)
    stable, then = past.now.stage == Stage.STABLE, past.labels.next_stage
    counts = np.bincount(then[stable], minlength=4) + np.array([0, 0.5, 0.5, 0.5])

    stood = p[judged_on.now.stage == Stage.STABLE]
    assert len(stood) > 10
    np.testing.assert_allclose(stood, np.tile(counts / counts.sum(), (len(stood), 1)), rtol=1e-12)


def test_spend_by_stage_is_the_mean_of_those_who_stood_alike(past: Table) -> None:
    came = pd.DataFrame({"stage": past.now.stage, "sub": past.now.sub_state, "spend": past.labels.spend})
    groups = came.groupby(["stage", "sub"])["spend"]
    shrunk = (groups.transform("sum") + came["spend"].mean()) / (groups.transform("size") + 1)

    np.testing.assert_allclose(spend_ladder(past, 28, past)["stage table"], shrunk, rtol=1e-9)


def test_lightgbm_learns_the_scale_of_spend(past: Table) -> None:
    said, spent = spend_ladder(past, 28, past)["LightGBM RFM"], past.labels.spend

    assert said.mean() == pytest.approx(spent.mean(), rel=0.01)
    assert ((said - spent) ** 2).mean() < 0.7 * spent.var()


def test_the_usual_spend_goes_on(judged_on: Table) -> None:
    expected = spend.usual_spend(judged_on, 28)

    np.testing.assert_allclose(expected, judged_on.features["net_spend_26w"] * 4 / 26, rtol=1e-12)


@pytest.mark.parametrize(("name", "model"), list(zip(REPEAT_ORDERS, KINDS, strict=True)))
def test_the_classics_of_spend_are_orders_times_value(name: str, model: str, judged_on: Table) -> None:
    columns = judged_on.btyd.columns(28)
    want = columns[f"{model}_orders"] * columns["gamma_gamma_value"]

    np.testing.assert_array_equal(spend_ladder(judged_on, 28)[f"{name} x Gamma-Gamma"], want)
    assert want.sum() == pytest.approx(judged_on.labels.spend.sum(), rel=0.5)  # the scale of money


@pytest.mark.parametrize("happened", [True, False])
def test_a_past_where_it_always_or_never_happened(
    happened: bool, past: Table, judged_on: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BINARY, "order", lambda table: np.full(len(table), happened))

    for name, p in binary_ladder("order", past, judged_on, 28).items():
        if name not in REPEAT_ORDERS:
            assert p == pytest.approx(np.full(len(judged_on), float(happened)), abs=0.01), name


@pytest.mark.parametrize("customers", [1, 2, 5])
def test_a_past_of_few_customers_is_no_reason_to_fail(customers: int, past: Table, judged_on: Table) -> None:
    few, one = rows(past, np.arange(customers)), rows(judged_on, np.arange(1))

    for name, p in everything(few, one).items():
        assert np.isfinite(p).all(), name


def test_a_past_where_all_are_alike_is_no_reason_to_fail(past: Table, judged_on: Table) -> None:
    alike = {"recency": 10, "tenure": 10, "order_days": 1, "order_day_value": 20.0, "usual_spend": 20.0}
    same = replace(past, facts=past.facts.assign(**alike))

    for name, p in everything(same, judged_on).items():
        assert np.isfinite(p).all(), name
