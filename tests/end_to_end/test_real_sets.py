"""The main job on each real set: train, promote, score; what is cut off afterwards changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.model.forecast import P_STAGES
from features.orders import CleanOrders
from features.stages.moves import STAGES, legal_moves
from serving.registry import fetch
from serving.score import score
from stagecast import Config, check, features, promote, stages, train

pytestmark = pytest.mark.slow

SETS = {
    "online_retail_2": ("2011-05-30", "28d"),
    "cdnow": ("1998-06-01", "28d"),
    "completejourney": ("2017-12-18", "14d"),
    "btydplus_grocery": ("2007-12-03", "28d"),
}


@dataclass(frozen=True)
class Job:
    """Orders of one set with a champion trained on them."""

    clean: CleanOrders
    config: Config
    as_of: str

    def earlier(self, number: int) -> list[str]:
        """Cut-offs seven weeks apart, the last one where the model was trained."""
        last = pd.Timestamp(self.as_of)
        return [str((last - pd.Timedelta(weeks=7 * k)).date()) for k in range(number)]

    def cut(self, cutoff: str) -> CleanOrders:
        """The orders before a cut-off, as if the file ended there."""
        log = self.clean.log
        return CleanOrders(log.rows(log.ordered_at < np.datetime64(cutoff)), self.clean.quarantine, self.clean.report)


@pytest.fixture(scope="module", params=sorted(SETS))
def job(
    request: pytest.FixtureRequest, shared_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Job:
    as_of, period = SETS[request.param]
    store = tmp_path_factory.mktemp(request.param) / "mlflow.db"
    config = Config(tracking_uri=f"sqlite:///{store}").overridden(
        "training", period=period, resamples=100, booster={"rounds": 60, "learning_rate": 0.1}
    )
    clean = check(str(shared_data(request.param)), config)
    made = train(clean, as_of, config)
    assert not made.trained.judgement.losses()
    promote(config=config)
    return Job(clean, config, as_of)


def test_scores_keep_their_promises(job: Job) -> None:
    registered = fetch("stagecast@champion", job.config.tracking_uri)
    table = score(job.clean.orders, job.as_of, registered, job.config.serving)
    p = table[list(P_STAGES)].to_numpy()
    assert ((p >= 0) & (p <= 1)).all()
    assert np.abs(p.sum(axis=1) - 1).max() <= 1e-9
    known = job.clean.orders[job.clean.orders["ordered_at"] < pd.Timestamp(job.as_of)]
    assert table["customer_id"].is_unique
    assert set(table["customer_id"]) <= set(known["customer_id"])
    stage = table["stage"].map(STAGES.index).to_numpy(dtype=np.int8)
    forbidden = ~legal_moves(stage, np.zeros(len(stage), dtype=bool))
    assert (p[forbidden] == 0).all()


def test_scores_use_nothing_from_after_the_cutoff(job: Job) -> None:
    registered = fetch("stagecast@champion", job.config.tracking_uri)
    for cutoff in job.earlier(5):
        whole = score(job.clean.orders, cutoff, registered, job.config.serving)
        alone = score(job.cut(cutoff).orders, cutoff, registered, job.config.serving)
        pd.testing.assert_frame_equal(
            whole.drop(columns="scored_at"), alone.drop(columns="scored_at"), check_exact=True
        )


def test_p_regression_is_the_models_own(job: Job) -> None:
    model = fetch("stagecast@champion", job.config.tracking_uri).model
    table = features(job.clean, [job.as_of], job.config, spec=model.spec)
    said = model.forecast(table).p_regression
    assert np.array_equal(said, model.p_regression(table))


def test_features_and_stages_use_nothing_from_after_the_cutoff(job: Job) -> None:
    cutoffs = job.earlier(5)
    everything = features(job.clean, cutoffs, job.config)
    for cutoff in cutoffs:
        whole = everything[everything["cutoff"] == pd.Timestamp(cutoff)].reset_index(drop=True)
        alone = features(job.cut(cutoff), [cutoff], job.config).reset_index(drop=True)
        pd.testing.assert_frame_equal(whole, alone, check_exact=True)
        pd.testing.assert_frame_equal(
            stages(job.clean, cutoff, job.config), stages(job.cut(cutoff), cutoff, job.config), check_exact=True
        )
