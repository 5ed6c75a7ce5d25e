"""Starts the shop under an agent, asks for its pages, and gives what the agent has sent."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.environment import Environment, fresh_folder
from tests.ports import free_port

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 60

PAGES = [
    ("GET", "/?name=Ada"),
    ("GET", "/fails"),
    ("GET", "/nowhere"),
    ("POST", "/items/1"),
    ("GET", "/sold-out"),
    ("POST", "/visits"),
    ("GET", "/visits"),
    ("GET", "/basket/"),
    ("POST", "/basket/"),
    ("GET", "/static/words.txt"),
    ("GET", "/items/7"),
]


@dataclass(frozen=True)
class Agent:
    """How one agent is started, told where to send, and read."""

    told: Callable[[list[Any]], Any]
    """What is compared: the recorded without times and identifiers."""
    module: str = "with_a_launcher"
    launcher: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    """`{http}` and `{core}` are the collector's ports, `{folder}` is the run's own."""
    file: tuple[str, str] | None = None
    """A file that the agent reads, and what is in it."""
    is_complete: Callable[[list[Any]], bool] | None = None
    """Tells that all has come, for an agent that does not wait for that when its process ends."""


@dataclass(frozen=True)
class Seen:
    """What the client saw, and what the agent sent."""

    answers: list[tuple[int, str]]
    framework: set[str]
    told: Any
    recorded: list[Any]
    output: str


def run(agent: Agent, name: str, framework: str, environment: Environment) -> Seen:
    """Serve the shop by gunicorn under an agent until each page has been asked for."""
    folder = fresh_folder(f"agent-{name}-{framework}")
    with collecting(environment) as (http, core), open(folder / "output", "w+") as output:
        places = {"http": http, "core": core, "folder": str(folder)}
        variables = {key: value.format(**places) for key, value in agent.variables.items()}
        if agent.file:
            (folder / agent.file[0]).write_text(agent.file[1].format(**places))
        port = free_port()
        command = [
            *agent.launcher,
            *("gunicorn", "--bind", f"127.0.0.1:{port}", f"{agent.module}:app"),
        ]
        server = subprocess.Popen(
            [environment.script(command[0]), *command[1:]],
            cwd=PROGRAMS,
            env=environment.variables(variables | ({"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {})),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_for(lambda: answers(port) or server.poll() is not None)
            answered = Client(port).ask_for_each()
            if agent.is_complete is not None:
                wait_for(lambda: agent.is_complete(recorded(http)))
        finally:
            server.terminate()
            server.wait(PATIENCE)
        taken = recorded(http) or read_log(folder / "audit.log")
        output.seek(0)
        return Seen(
            answers=[(status, text) for status, text, _ in answered],
            framework={told for *_, told in answered},
            told=agent.told(taken),
            recorded=taken,
            output=output.read(),
        )


@contextlib.contextmanager
def collecting(environment: Environment) -> Iterator[tuple[str, str]]:
    """Run the collector; give its two ports."""
    program = subprocess.Popen(
        [environment.python, PROGRAMS / "collector.py"],
        env=environment.variables(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    try:
        http, core = program.stdout.readline().split()
        yield http, core
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def recorded(http: str) -> list[Any]:
    """Ask the collector for what has come so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{http}/recorded", timeout=PATIENCE) as answer:
        told: list[Any] = json.load(answer)
    return told


def read_log(log: Path) -> list[Any]:
    """Read New Relic's audit log: each message is Python's own notation between two headings."""
    if not log.exists():
        return []
    found = re.findall(
        r"^PARAMS: (.*?)\n\n.*?^DATA: (.*?)\n\n={78}", log.read_text(), re.DOTALL | re.MULTILINE
    )
    return [(ast.literal_eval(params).get("method"), ast.literal_eval(data)) for params, data in found]


class Client:
    """A browser, as far as it keeps the session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(), NoRedirects(), urllib.request.ProxyHandler({})
        )

    def ask_for_each(self) -> list[tuple[int, str, str]]:
        """Ask for each page; the server has done with the last one when this returns."""
        answered = [self.ask(method, path) for method, path in PAGES]
        # gunicorn takes one request after another, and answers this by itself.
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(b"nonsense\r\n\r\n")
            assert b" 400 " in connection.recv(1000)
        return answered

    def ask(self, method: str, path: str) -> tuple[int, str, str]:
        request = urllib.request.Request(self.url + path, method=method)
        try:
            answer = self.opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.read().decode(), answer.headers.get("X-Framework", "")


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Each request is one page."""

    def redirect_request(self, *values: Any) -> None:
        return None


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "It takes too long."
        time.sleep(0.02)
