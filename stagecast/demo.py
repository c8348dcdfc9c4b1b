"""The demo: the main job on CDNOW, real orders of an online music shop, 1997 to 1998.

The orders come inside the PyPI package `lifetimes`; its file is read, the
package is not imported.
"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pandas as pd

from features.errors import GateError, UsageError
from features.files import write_parquet
from features.stages.moves import STAGES, Stage
from stagecast import describe, models, scoring
from stagecast.config import Config
from stagecast.pictures import save, shop_pictures
from stagecast.progress import steps
from stagecast.told import summary

AS_OF = "1998-06-29"
_FILE = "CDNOW_master.txt"
_PICTURES = {"mix": "stages", "flow": "flow", "transitions": "transitions", "survival": "survival"}


def run(folder: Path) -> None:
    """Check, stages, train, register, promote, score; then tell what was found.

    Raises:
        UsageError: the package that brings the orders is not installed.
        GateError: the first model is no better than the ladder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = Config.model_validate(
        {
            "tracking_uri": f"sqlite:///{folder.resolve() / 'mlflow.db'}",
            "serving": {"report": {"shop": "CDNOW", "currency": "$"}},
        }
    )
    orders = cdnow()
    with steps("demo") as step:
        step("check the orders")
        clean = describe.check(orders, config)
        made = models.train(clean, AS_OF, config)
        state, spec = _promoted(made, config), made.trained.model.spec
        step("run the stage machine")
        stages = describe.stages(clean, AS_OF, config, spec)
        write_parquet(stages, folder / "stages.parquet", {"as_of": AS_OF, "spec_hash": spec.hash})
        step("score every customer")
        scores = scoring.publish(clean, AS_OF, str(folder / "scores"), config)
        step("draw")
        for name, figure in shop_pictures(clean, AS_OF, config, spec):
            save(figure, folder / f"{_PICTURES[name]}.png")
    print("\n".join(clean.report.lines()))
    print(_told(scores, made, state, folder))


def cdnow() -> pd.DataFrame:
    """The CDNOW orders with canonical columns; one order a customer, day and line of the file."""
    try:
        found = [file for file in files("lifetimes") or [] if file.name == _FILE]
    except PackageNotFoundError:
        found = []
    if not found:
        raise UsageError(
            "the demo's orders are not installed",
            got=f"no {_FILE}",
            remedy="run `make demo`, or: pip install lifetimes==0.11.3",
        )
    lines = pd.read_csv(
        str(found[0].locate()),
        sep=r"\s+",
        header=0,
        names=["customer_id", "ordered_at", "quantity", "amount"],
        dtype={"customer_id": "str", "ordered_at": "str"},
    )
    lines["order_id"] = [str(number) for number in range(len(lines))]
    return lines.assign(ordered_at=pd.to_datetime(lines["ordered_at"], format="%Y%m%d"))


def _promoted(made: models.Training, config: Config) -> str:
    """Where the model stands, in words: a demo that is run again makes the same one, which is no win."""
    try:
        models.promote(f"{made.version.name}/{made.version.version}", config)
    except GateError:
        if made.trained.verdict.champion is None:
            raise
        return "no better than the champion before it, which stays and has scored"
    return "champion"


def _told(scores: scoring.Stored, made: models.Training, state: str, folder: Path) -> str:
    table = scores.table
    mix = table["stage"].value_counts()
    at_risk = table[table["stage"] != Stage.REGRESSION.label].nlargest(3, "value_at_risk")
    lines = [
        "",
        f"What was found at {AS_OF}, of {len(table):,} customers:",
        *(
            f"  {name:<12} {mix.get(name, 0):>7,} now, {table[f'p_{name}'].sum():>9,.0f} expected in four weeks"
            for name in STAGES
        ),
        f"Expected: {table['p_order'].sum():,.0f} customers order in the next four weeks,"
        f" for {table['expected_spend'].sum():,.0f} dollars.",
        "The most money at risk among those still here:",
        *(
            f"  customer {row.customer_id}: {row.value_at_risk:,.0f} dollars"
            f" ({row.p_regression:.0%} to regress; {row.reasons})"
            for row in at_risk.itertuples()
        ),
        "",
        summary(made),
        "",
        f"Report:   {scores.page}, for your browser",
        f"Scores:   {scores.where}",
        f"Stages:   {folder / 'stages.parquet'}, drawn in {', '.join(f'{name}.png' for name in _PICTURES.values())}",
        f"Model:    {made.version.name} version {made.version.version}, {state}",
        "MLflow:   see the run, its pictures and the registered model with",
        f"  .venv/bin/mlflow server --backend-store-uri {made.version.uri} --port 5000 --workers 1",
        "  and open http://127.0.0.1:5000/#/experiments?workflowType=machine_learning",
    ]
    return "\n".join(lines)
