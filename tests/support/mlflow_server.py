"""An MLflow server of our own, with its UI, on a loopback port; gone after the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 300
"""Seconds to start in: MLflow imports for half a minute in each of three processes, on a busy machine for longer."""


@contextmanager
def mlflow_server(store: str, artifacts: Path, log: Path) -> Iterator[str]:
    """The address of a running server.

    Args:
        store: address of its database.
        artifacts: folder in which it keeps models and pictures.
        log: file for what it says.
    """
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store, "--artifacts-destination", str(artifacts)]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    with log.open("w") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, cwd=log.parent, env=os.environ | quiet, start_new_session=True
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the server, its worker, its runner of jobs
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"the MLflow server did not start:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
