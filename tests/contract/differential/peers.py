"""The two frameworks as two processes that take the same steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any, TypeAlias

from ..environment import CHECKOUT

Step: TypeAlias = "dict[str, Any]"


# Werkzeug warns of each host that is not SERVER_NAME; a scenario looks at that.
_WARNINGS = ("-W", "error", "-W", "ignore:Current server name:UserWarning")


class Peer:
    """A worker process."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, *_WARNINGS, "-m", "tests.contract.differential.worker", framework],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def send(self, steps: list[Step]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(steps) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # receive() says why

    def receive(self) -> list[Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The worker on {self.framework} is gone:\n{self._said()}")
        return json.loads(line)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-4000:]


class Peers:
    """Two workers, one beside the other."""

    def __init__(self, frameworks: tuple[str, str]) -> None:
        self._peers = [Peer(framework) for framework in frameworks]

    def ask(self, steps: list[Step]) -> tuple[list[Any], list[Any]]:
        """Let both take the steps at the same time; give what came of them on each."""
        for peer in self._peers:
            peer.send(steps)
        one, other = [peer.receive() for peer in self._peers]
        return one, other

    def stop(self) -> None:
        for peer in self._peers:
            peer.stop()
