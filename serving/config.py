"""Configuration of scoring."""

from pydantic import Field

from features.config import Strict


class ServingConfig(Strict):
    """Which model scores, and how many reasons each row gets."""

    model: str = "stagecast@champion"
    reasons: int = Field(default=3, ge=0, le=10)
    threads: int = Field(default=0, ge=0)
