"""Configuration of scoring."""

from pydantic import Field

from features.config import Strict
from serving.drift.config import DriftConfig
from serving.gates.config import GatesConfig
from serving.privacy import PrivacyConfig
from serving.report.config import ReportConfig
from serving.value import ValueConfig


class ServingConfig(Strict):
    """Which model scores, how many reasons each row gets, what of the spend is profit, what customers are called."""

    model: str = "stagecast@champion"
    reasons: int = Field(default=3, ge=0, le=10)
    threads: int = Field(default=0, ge=0)
    value: ValueConfig = ValueConfig()
    gates: GatesConfig = GatesConfig()
    drift: DriftConfig = DriftConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    report: ReportConfig = ReportConfig()
