"""Apache's mod_wsgi runs applications in interpreters of one process, where it is not told otherwise."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.docs.proxies import apache_configuration
from tests.ports import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PATIENCE = 10  # seconds; a request that waits for a loop that has ended waits for ever

APPLICATION = """\
import asyncio

from erlen import Erlen, request

application = Erlen(__name__)


@application.get("/plain")
def plain():
    return "plain"


@application.get("/coroutine")
async def coroutine():
    await asyncio.sleep(0.01)
    return f"coroutine at {request.script_root}"
"""

CONFIGURATION = """\
Listen 127.0.0.1:{port}
WSGIDaemonProcess hello python-home={prefix} python-path={folder} processes=1 threads=4
WSGIProcessGroup hello
WSGIScriptAlias /first {folder}/hello.wsgi
WSGIScriptAlias /second {folder}/hello.wsgi

<Directory {folder}>
    Require all granted
</Directory>
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that Apache's user can read; pytest's are its user's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def apache(folder: Path) -> Iterator[processes.Server]:
    """Serve two applications, each in an interpreter of its own."""
    (folder / "hello.wsgi").write_text(APPLICATION)
    port = free_port()
    configuration = CONFIGURATION.format(port=port, folder=folder, prefix=sys.prefix)
    command = shlex.split(apache_configuration(folder, configuration))
    with processes.serving(Environment(Path(sys.prefix)), command, port, folder, {}) as server:
        yield server


def test_a_coroutine_view_is_answered_or_fails_at_once_and_apache_stops(
    apache: processes.Server, folder: Path
) -> None:
    answers = [apache.get(f"{path}/coroutine", PATIENCE) for path in ("/first", "/second") * 3]
    log = (folder / "apache.log").read_text()

    for path, answer in zip(("/first", "/second") * 3, answers, strict=True):
        assert (answer.status, answer.text) == (200, f"coroutine at {path}") or (
            answer.status == 500 and "WSGIApplicationGroup %{GLOBAL}" in log
        ), (answer, log)
    assert answers[0].status == 200, log
    assert [apache.get(f"{path}/plain", PATIENCE).text for path in ("/first", "/second")] == ["plain"] * 2

    apache.process.send_signal(signal.SIGTERM)
    assert apache.process.wait(PATIENCE) == 0
