"""A study in MLflow: one parent run, a child run a trial.

The journal is the truth and MLflow a copy, brought up to date after each trial
and again when a killed study goes on: a trial is logged when a finished child
run carries its number. So nothing is missing and nothing is there twice.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from optuna.trial import FrozenTrial, TrialState

from features.errors import StagecastError
from features.model.store import experiment, open_store, quiet
from training.config import TrainingConfig
from training.tuning.course import DONE, FOLDS, PARTS, ROUNDS, SECONDS
from training.tuning.figures import figures
from training.tuning.journal import PRESENT
from training.tuning.toml import as_toml
from training.tuning.tune import Found

RUN, STORE = "mlflow_run", "mlflow_store"
"""Where a study notes its parent run, and the experiment's identity in that store."""

_NOTE = "mlflow.note.content"
_MILLISECONDS = 1000


@dataclass
class StudyRuns:
    """The runs of a study in a store.

    Attributes:
        uri: absolute address of the store.
        experiment_id: where the runs are.
        source: the orders, in words.
    """

    uri: str
    experiment_id: str
    source: str
    run_id: str = ""
    _logged: set[int] = field(default_factory=set)

    @classmethod
    def opened(cls, config: TrainingConfig, uri: str | None, source: str) -> "StudyRuns":
        """Open the store, before hours of work that are to be logged there.

        Raises:
            UsageError: the address of the store cannot be right, or the experiment was deleted.
            BusyError: another process has held the lock of the store for too long.
            StagecastError: the store cannot be reached, read or written.
        """
        place = open_store(uri)
        with quiet():
            return cls(place, experiment(config.experiment, place), source)

    def follow(self, found: Found) -> None:
        """Log the trials that are finished and not logged yet; a store that is away now is asked again later."""
        try:
            self._follow(found)
        except (MlflowException, OSError):
            found.desk.step("the MLflow store does not answer; the trials are kept and logged later")

    def close(self, found: Found) -> None:
        """Log what is missing, with words, pictures, the table of trials and the best parameters, and end the run.

        Raises:
            StagecastError: the store does not answer.
        """
        try:
            self._follow(found)
            with quiet():
                self._summary(found)
        except (MlflowException, OSError) as error:
            raise StagecastError(
                "the study is finished and kept, but the MLflow store does not answer",
                got=str(error).strip().splitlines()[0][:300],
                remedy="run the same command again later: nothing is tried anew, the study is logged",
            ) from error

    def _follow(self, found: Found) -> None:
        with quiet():
            self._open_run(found)
            for trial in found.study.get_trials(deepcopy=False, states=DONE):
                if trial.number not in self._logged:
                    self._log_trial(trial)
                    self._logged.add(trial.number)
            if found.any:
                self._client.log_batch(self.run_id, metrics=_standing(found))

    @property
    def _client(self) -> MlflowClient:
        return MlflowClient(self.uri, self.uri)

    def _open_run(self, found: Found) -> None:
        """The parent run: that of the study if it is in this store, else a new one."""
        if self.run_id:
            return
        noted = found.study.user_attrs
        if noted.get(STORE) == self._identity and self._there(noted[RUN]):
            self.run_id = noted[RUN]
            self._client.update_run(self.run_id, status="RUNNING")
            self._logged = self._children()
            return
        self.run_id = self._new_run(found)
        found.study.set_user_attr(RUN, self.run_id)
        found.study.set_user_attr(STORE, self._identity)

    @property
    def _identity(self) -> str:
        found = self._client.get_experiment(self.experiment_id)
        return f"{self.experiment_id} {found.creation_time}"  # no address: it may hold a password

    def _there(self, run_id: str) -> bool:
        try:
            return self._client.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException:
            return False

    def _children(self) -> set[int]:
        """Trials with a finished run; one that a killed process was logging is removed and logged anew."""
        done: set[int] = set()
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [self.experiment_id], f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{self.run_id}'", page_token=token
            )
            for run in page:
                if run.info.status == "FINISHED":
                    done.add(int(run.data.tags["trial"]))
                else:
                    self._client.delete_run(run.info.run_id)
            token = page.token
            if not token:
                return done

    def _new_run(self, found: Found) -> str:
        facts = found.desk.facts()
        tags = {
            "kind": "tune",
            "as_of": facts["known until"],
            "data_digest": facts["orders"],
            "spec_hash": facts["stage spec"],
        }
        run = self._client.create_run(self.experiment_id, tags=tags, run_name=f"tune {facts['known until']}")
        spans = [Param(f"range.{name}", value) for name, _, value in map(_split, facts["ranges"].split("; "))]
        named = [Param(name.replace(" ", "_"), facts[name]) for name in ("folds judged at", "targets", "rows")]
        self._client.log_batch(run.info.run_id, params=[*spans, *named])
        return str(run.info.run_id)

    def _log_trial(self, trial: FrozenTrial) -> None:
        """One child run: created, filled and ended; only the end makes it count."""
        begun, ended = (int(time.timestamp() * _MILLISECONDS) for time in _times(trial))
        tags = {
            MLFLOW_PARENT_RUN_ID: self.run_id,
            "kind": "trial",
            "trial": str(trial.number),
            "state": trial.state.name.lower(),
            **({"present": "true"} if trial.user_attrs.get(PRESENT) else {}),
        }
        run = self._client.create_run(self.experiment_id, begun, tags, run_name=f"trial {trial.number}")
        params = [Param(f"booster.{name}", f"{value:.6g}") for name, value in trial.params.items()]
        if ROUNDS in trial.user_attrs:
            params.append(Param("booster.rounds", str(trial.user_attrs[ROUNDS])))
        self._client.log_batch(run.info.run_id, _measures(trial, ended), params)
        self._client.set_terminated(run.info.run_id, "FINISHED", ended)

    def _summary(self, found: Found) -> None:
        note = "\n\n".join([f"Tuned on {self.source}.", *found.told(), _best_of(found)])
        tags = [RunTag(_NOTE, note), RunTag("best_trial", str(found.best.number))]
        self._client.log_batch(self.run_id, tags=tags)
        with tempfile.TemporaryDirectory(prefix="stagecast-") as name:
            folder = Path(name)
            for kind in ("plots", "tables"):
                (folder / kind).mkdir()
            for file, figure in figures(found):
                figure.savefig(folder / "plots" / file, dpi=110)
            found.table().to_csv(folder / "tables" / "trials.csv", index=False)
            (folder / "booster.toml").write_text(_booster(found), encoding="utf-8")
            self._client.log_artifacts(self.run_id, str(folder))
        self._client.set_terminated(self.run_id, "FINISHED")


def _standing(found: Found) -> list[Metric]:
    """What the parent run shows: a curve of the best loss by trial, and the rest as numbers."""
    trials = found.study.get_trials(deepcopy=False)
    newest = max((trial for trial in trials if trial.state in DONE), key=lambda trial: trial.number)
    now = int(_times(newest)[1].timestamp() * _MILLISECONDS)
    number = {state: sum(trial.state == state for trial in trials) for state in DONE}
    values = {
        "tune/loss": float(found.best.value or 0),
        "tune/loss_present": float(found.present.value or 0),
        "tune/gain": found.gain,
        "tune/trials": sum(number.values()),
        "tune/given_up": number[TrialState.PRUNED],
    }
    if found.advantage is not None:
        values["tune/standard_errors"] = found.advantage
    return [Metric(name, float(value), now, newest.number) for name, value in values.items()]


def _measures(trial: FrozenTrial, ended: int) -> list[Metric]:
    """The loss by step as a curve; of a trial judged to the end, also the rest as numbers."""
    curve = [Metric("tune/curve", loss, ended, step) for step, loss in trial.intermediate_values.items()]
    kept = trial.user_attrs
    single = {
        "tune/loss": trial.value,
        **{f"tune/loss_{name}": loss for name, loss in kept.get(PARTS, {}).items()},
        **{f"tune/loss_fold_{k}": loss for k, loss in enumerate(kept.get(FOLDS, []))},
        "tune/seconds": kept.get(SECONDS),
    }
    return curve + [Metric(name, float(value), ended, 0) for name, value in single.items() if value is not None]


def _best_of(found: Found) -> str:
    return f"{'Best' if found.clear else 'Present'} parameters, for a settings file:\n\n```toml\n{_booster(found)}```"


def _booster(found: Found) -> str:
    return as_toml({"training": {"booster": found.booster.model_dump(mode="json")}})


def _split(text: str) -> tuple[str, str, str]:
    return text.partition(" ")


def _times(trial: FrozenTrial) -> tuple[datetime, datetime]:
    begun = trial.datetime_start or trial.datetime_complete
    ended = trial.datetime_complete or begun
    assert begun is not None
    assert ended is not None
    return begun, ended
