"""The command line in this process, and the trained shop."""

import pytest
from command_line import run
from trained_shop import Shop, trained_shop

__all__ = ["run", "shop"]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return trained_shop(tmp_path_factory.getbasetemp())
