"""How long a judgement takes: CPU seconds and memory for made-up forecasts of many predictors.

python benchmarks/judging.py --rows 500000 --predictors 12
"""

import argparse
import resource
import time

import numpy as np

from features.fixed import Floats
from features.stages.moves import Stage
from training.bootstrap import Resampling
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts

CUTOFFS = 12


def made(customers: int, predictors: int) -> Forecasts:
    """Forecasts of all customers at twelve cut-offs: the first predictor knows the probabilities, the others guess."""
    rng = np.random.default_rng(0)
    rows = customers * CUTOFFS
    stage = rng.choice(4, rows, p=[0.3, 0.15, 0.05, 0.5]).astype(np.int8)
    p = rng.beta(1, 4, rows)
    stays = np.where(rng.random(rows) < 0.85, stage, rng.integers(0, 4, rows)).astype(np.int8)
    regress = np.clip(np.where(stays == Stage.REGRESSION, 0.7, 0.2) + 0.2 * rng.normal(size=rows), 0.01, 0.99)
    spend = np.where(rng.random(rows) < p, rng.gamma(2, 20, rows), 0.0)

    def blurred(p: Floats, by: float) -> Floats:
        return np.asarray(1 / (1 + np.exp(-(np.log(p) - np.log1p(-p) + by * rng.normal(size=rows)))))

    names = ["stagecast", *(f"rung {k}" for k in range(1, predictors))]
    return Forecasts(
        customer=np.tile(np.arange(customers), CUTOFFS),
        cutoff=np.repeat(28 * np.arange(CUTOFFS), customers),
        stage=stage,
        sub_state=np.where(stage == Stage.REGRESSION, rng.integers(1, 4, rows), 0).astype(np.int8),
        order_days=rng.geometric(0.4, rows),
        next_stage=stays,
        ordered=spend > 0,
        spend=spend,
        said={
            "order": {name: blurred(p, 0.1 * k) for k, name in enumerate(names)},
            "regression": {name: blurred(regress, 0.1 * k) for k, name in enumerate(names)},
            "next stage": {name: rng.dirichlet(np.ones(4), rows) for name in names[:3]},
            "spend": {name: 100 * blurred(p, 0.1 * k) for k, name in enumerate(names[:5])},
        },
    )


def main() -> None:
    """Judge once and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--predictors", type=int, default=12)
    parser.add_argument("--resamples", type=int, default=1000)
    asked = parser.parse_args()
    forecasts = made(asked.rows // CUTOFFS, asked.predictors)
    cpu, wall = time.process_time(), time.perf_counter()
    judge_forecasts(forecasts, Judging(Resampling(asked.resamples)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(forecasts):,} rows, {asked.predictors} predictors, {asked.resamples} draws: "
        f"{time.process_time() - cpu:.1f} CPU s, {time.perf_counter() - wall:.1f} s, {memory:.2f} GB at the most"
    )


if __name__ == "__main__":
    main()
