"""Write a training run to MLflow: numbers, pictures, tables, words, and the model as data."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd

from features.clock import to_date
from features.model.bundle import write_bundle
from features.model.forecast import Model
from features.model.manifest import DIGEST_TAG, sha256
from features.model.store import open_store, quiet
from features.stages.words import explain
from training.card import model_card
from training.champion_then import Mine, beside_champion
from training.config import TrainingConfig
from training.explanation import shap_by_concept, shap_figure, shap_table
from training.figures import figures
from training.gate.evidence import DIGEST_TAG as FORECASTS_TAG
from training.gate.evidence import FILE, Evidence, Facts, with_champion
from training.lineage import Source, judged_on, learnt_from
from training.registration import About, Logged, log_model, register
from training.rungs import gains
from training.rungs_figure import rungs_figure
from training.runs import log_by_cutoff, say, started
from training.standing import by_standing
from training.story import describe, describe_version, parameters
from training.train import Trained
from training.validity.of_run import validity_figures, validity_tables


@dataclass(frozen=True)
class Version:
    """A registered version of the model.

    Attributes:
        name: registered model.
        version: its number.
        run_id: MLflow run that made it.
        digest: SHA-256 of the bundle's manifest.
        uri: absolute address of the store.
    """

    name: str
    version: int
    run_id: str
    digest: str
    uri: str


def publish(trained: Trained, source: Source, config: TrainingConfig, uri: str | None, settings: str) -> Version:
    """Log a run, register its model and point the alias `challenger` at it.

    Args:
        trained: what training made.
        source: where the orders came from.
        config: experiment and model names; logged as parameters.
        uri: tracking URI, or None for the default.
        settings: the whole configuration as JSON text, kept as a file.

    Raises:
        UsageError: the address of the store cannot be right, or the experiment was deleted.
        BusyError: another process has held the lock of the store for too long.
        StagecastError: the store cannot be reached, read or written.
    """
    place = open_store(uri)
    name, day = config.model_name, to_date(trained.end)
    with quiet(), tempfile.TemporaryDirectory(prefix="stagecast-") as folder:
        digest = write_bundle(trained.model, Path(folder) / "bundle")
        tags = _tags(trained, source, digest) | {FORECASTS_TAG: _keep_evidence(trained, source, Path(folder) / "files")}
        with started("train", f"train {day}", config, place) as run:
            mlflow.set_tags(tags)
            _log_files(trained, config, settings, Path(folder) / "files")
            logged = log_model(trained.model, _example(trained.model), Path(folder) / "bundle", digest)
            mine = _log_numbers(trained, source, config, logged)
            log_by_cutoff(run, trained.judgement.card.by_cutoff)
            say(describe(trained, str(source), beside_champion(mine, name, place)))
        about = About(name, model_card(trained.model, name), describe_version(trained))
        version = register(logged, about, tags, place)
        mlflow.MlflowClient().update_run(run.info.run_id, name=f"{name}/{version}, {day}")
    return Version(name, version, run.info.run_id, digest, place)


def _tags(trained: Trained, source: Source, digest: str) -> dict[str, str]:
    model = trained.model
    return {
        "as_of": str(to_date(trained.end)),
        "data_digest": source.digest,
        "spec_hash": model.spec.hash,
        "spec_origin": trained.chosen.wish.origin,
        "contract_hash": model.contract.hash,
        DIGEST_TAG: digest,
        "gate": "passed" if trained.verdict.passed else "failed",
    }


def _keep_evidence(trained: Trained, source: Source, folder: Path) -> str:
    """Write what everybody said of the judged snapshots, for the gate; returns the digest of the file."""
    forecasts, stood = trained.judgement.forecasts, trained.stood
    champion = (str(stood.version), stood.words) if stood else ("", "")
    facts = Facts(source.digest, trained.model.spec.hash, source.until, *champion)
    if stood and stood.said:
        forecasts = with_champion(forecasts, stood.said)
    content = Evidence(forecasts, facts).to_bytes()
    path = folder / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return sha256(content)


def _example(model: Model) -> pd.DataFrame:
    """The typical customer as an input example: nobody's own row."""
    row = {name: [model.typical.get(name, np.nan)] for name in model.contract.features}
    return pd.DataFrame(row, dtype=np.float64)


def _log_numbers(trained: Trained, source: Source, config: TrainingConfig, logged: Logged) -> Mine:
    """Parameters, datasets, and metrics, these linked to the model and to the snapshots that judged it."""
    judgement, model = trained.judgement, trained.model
    judged = judged_on(source, model.spec, trained.judged.judge, len(judgement.table))
    mine = Mine(judged, judgement.headline() | gains(judgement), parameters(trained, config))
    mlflow.log_input(judged, context="judging")  # the first is the one that MLflow's list shows
    mlflow.log_input(learnt_from(source, trained.end), context="training")
    mlflow.log_params(mine.params)
    mlflow.log_metrics(mine.metrics, model_id=logged.model_id, dataset=judged)
    mlflow.log_metrics(trained.chosen.metrics(), model_id=logged.model_id)
    return mine


def _log_files(trained: Trained, config: TrainingConfig, settings: str, folder: Path) -> None:
    (folder / "plots").mkdir(parents=True)
    (folder / "tables").mkdir()
    shap = shap_by_concept(trained.model, trained.judgement.features, config.threads)
    drawn = (*figures(trained.model, trained.judgement), *validity_figures(trained.validity))
    for name, figure in (("ladder.png", rungs_figure(trained.judgement)), ("shap.png", shap_figure(shap)), *drawn):
        figure.savefig(folder / "plots" / name, dpi=110)
    card = trained.judgement.card
    tables = {
        "ladder": trained.judgement.scores,
        "differences": card.differences,
        "by_group": card.scores,
        "by_standing": by_standing(trained.judgement),
        "by_cutoff": card.by_cutoff.assign(cutoff=card.by_cutoff["cutoff"].map(to_date)),
        "moves": card.moves,
        "shap": shap_table(shap),
        "gate": trained.verdict.table,
        **validity_tables(trained.validity),
    }
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    (folder / "config.json").write_text(settings, encoding="utf-8")
    (folder / "spec.md").write_text("\n".join([*explain(trained.model.spec), ""]), encoding="utf-8")
    mlflow.log_artifacts(str(folder))
