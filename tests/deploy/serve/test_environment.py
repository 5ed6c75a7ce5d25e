"""Environment files of a server: what it reads at its start, and what it reads anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.deploy.serve.running import CALM, PLAIN, failing, serving, write

pytestmark = pytest.mark.servers

TELLS = (
    PLAIN
    + """
@app.get("/colours")
def colours(): return " ".join(os.environ.get(name, "-") for name in ("BY_HAND", "OWN", "SHARED", "NEW"))
"""
)


def test_the_banner_names_files_and_variables_and_no_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BY_HAND=no\nOWN=s3cret\n")
    (tmp_path / ".flaskenv").write_text("FLASK_APP=shop\nSHARED=s3cret\n")
    with serving(tmp_path, TELLS, *CALM, env={"BY_HAND": "yes"}) as server:
        assert " * Environment: .env (OWN), .flaskenv (FLASK_APP, SHARED)\n" in server.log
        assert "s3cret" not in server.log
        assert server.get("/colours") == "yes s3cret s3cret -"


def test_a_reload_reads_them_anew(tmp_path: Path) -> None:
    """Variables that the environment had before still go first; one that was taken out is gone."""
    (tmp_path / ".env").write_text("BY_HAND=no\nOWN=1\n")
    (tmp_path / ".flaskenv").write_text("OWN=0\nSHARED=1\n")
    with serving(tmp_path, TELLS, *CALM, env={"BY_HAND": "yes"}) as server:
        assert server.get("/colours") == "yes 1 1 -"
        (tmp_path / ".env").write_text("BY_HAND=no\nNEW=2\n")
        server.send(signal.SIGHUP)
        server.logged("Reloaded: 1 workers serve")
        assert server.get("/colours") == "yes 0 1 2"
        server.logged(r"Environment: \.env \(NEW\), \.flaskenv \(OWN, SHARED\)")


def test_a_file_that_cannot_be_read_fails_the_reload_alone(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OWN=1\n")
    with serving(tmp_path, TELLS, *CALM) as server:
        (tmp_path / ".env").write_bytes(b"OWN=2\nNEW=\xff\n")
        server.send(signal.SIGHUP)
        server.logged(r"The reload failed, .* An environment file could not be read: .*\.env, line 2")
        # A worker that dies now comes back with what counted before.
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.until(lambda: server.workers() not in ([worker], []))
        assert server.get("/colours") == "- 1 - -"
        (tmp_path / ".env").write_text("OWN=3\n")
        server.send(signal.SIGHUP)
        server.logged("Reloaded: 1 workers serve")
        assert server.get("/colours") == "- 3 - -"


def test_it_can_leave_them_unread(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OWN=1\n")
    with serving(tmp_path, TELLS, *CALM, env={"FLASK_SKIP_DOTENV": "1"}) as server:
        server.send(signal.SIGHUP)
        server.logged("Reloaded: 1 workers serve")
        assert server.get("/colours") == "- - - -"
        assert "Environment:" not in server.log


def test_the_check_reads_them(tmp_path: Path) -> None:
    write(tmp_path, "import os\nfrom flask import Flask\napp = Flask(os.environ['OWN'])")
    (tmp_path / ".env").write_text("OWN=shop\n")
    status, log = failing(tmp_path, "--check")
    assert (status, "starts and stops" in log) == (0, True), log
