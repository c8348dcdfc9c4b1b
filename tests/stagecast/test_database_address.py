from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from stagecast import describe
from stagecast.cli import app

ADDRESS = "postgresql://me:top%20secret@localhost/shop?table=orders"


@pytest.mark.parametrize(
    "command", [["check", ADDRESS], ["stages", ADDRESS, "--as-of", "1997-09-01", "--explain-spec"]]
)
def test_the_password_of_a_database_is_not_printed(
    command: list[str], cdnow_few: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clean = describe.check(cdnow_few)
    monkeypatch.setattr(describe, "check", lambda *_: clean)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "secret" not in done.output
    assert "me:***@localhost/shop" in done.output
