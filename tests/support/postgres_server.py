"""A PostgreSQL server of our own: a new cluster on a loopback port, gone after the tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_USER = "postgres"
"""The server refuses to run as root, so root runs it as the package's own user."""


def programs() -> Path | None:
    """The folder of the server's programs, if they can be run here; Debian keeps them off the search path."""
    if os.getuid() == 0 and not any(user.pw_name == _USER for user in pwd.getpwall()):
        return None
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def database(driver: str = "adbc_driver_postgresql.dbapi") -> Iterator[str]:
    """The address of a server's database; where the driver or the server is not installed the test is skipped."""
    pytest.importorskip(driver, reason=f"{driver} is not installed: it comes with the extra stagecast[postgres]")
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with server(folder) as address:
        yield address


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of a running server whose only user is `tester`, with password `open sesame`."""
    data, port = _place(), _free_port()
    secret = data.parent / "password"
    secret.write_text("open sesame\n")
    try:
        _hand_over(data.parent)
        _run(folder, "initdb", "-D", data, "-U", "tester", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync")
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        _run(folder, "pg_ctl", "-D", data, "-o", settings, "-l", data / "log", "-w", "start")
        try:
            yield f"postgresql://tester:open%20sesame@127.0.0.1:{port}/postgres"
        finally:
            _run(folder, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(data.parent, ignore_errors=True)


def _place() -> Path:
    return Path(tempfile.mkdtemp(prefix="stagecast-postgres-")) / "data"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hand_over(folder: Path) -> None:
    if os.getuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, _USER)


def _run(folder: Path, program: str, *arguments: object) -> None:
    as_user = ["runuser", "-u", _USER, "--"] if os.getuid() == 0 else []
    command = [*as_user, str(folder / program), *map(str, arguments)]
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
