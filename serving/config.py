"""Configuration of scoring."""

from pydantic import Field

from features.config import Strict
from serving.drift.config import DriftConfig
from serving.gates.config import GatesConfig
from serving.privacy import PrivacyConfig
from serving.report.config import ReportConfig
from serving.value import ValueConfig


class ServingConfig(Strict):
    """The weekly job.

    Attributes:
        model: which model scores, as NAME@ALIAS or NAME/VERSION.
        reasons: how many each row gets.
        threads: of features, models and reasons; 0 for one on each core. No value depends on it.
        work: folder of unfinished work; by default `_work` in the store, where that is a folder.
        record: whether each published week gets a run in MLflow.
        value: what of the spend is profit.
        privacy: what customers are called in what is passed around.
        privacy: what customers are called in what is passed around.
        gates: what a week must look like to be published.
        drift: what counts as drift, and what follows from it.
        report: what the weekly page shows.
    """

    model: str = "stagecast@champion"
    reasons: int = Field(default=3, ge=0, le=10)
    threads: int = Field(default=0, ge=0)
    work: str | None = Field(default=None, min_length=1)
    record: bool = True
    value: ValueConfig = ValueConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    gates: GatesConfig = GatesConfig()
    drift: DriftConfig = DriftConfig()
    report: ReportConfig = ReportConfig()
