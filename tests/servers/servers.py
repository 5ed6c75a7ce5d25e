"""The servers, each with the command that the page about it shows."""

from __future__ import annotations

import contextlib
import itertools
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port

PATIENCE = 30  # seconds until something that must happen is given up
APPLICATION = Path(__file__).with_name("application.py")


@dataclass(frozen=True)
class Server:
    """A way to serve the application."""

    name: str
    words: str
    """The command: `{port}` and `{app}` are filled in."""
    protocol: str = "wsgi"
    page: str | None = None
    """The page of `docs/how-to/` that shows these very words, if one does."""
    one_at_a_time: bool = False
    """Whether a slow client keeps all others waiting."""
    reads_ahead: bool = False
    """Whether no view runs before the whole body is there."""
    http_2: bool = False
    """Whether it speaks HTTP/2 without TLS to who begins with it."""
    stop: signal.Signals = signal.SIGTERM
    """The signal that asks it to finish what it does, and end."""
    always_exits: bool = True
    """Whether Python's exit functions are sure to run when it stops with a request under way."""

    def command(self, port: int) -> list[str | Path]:
        program, *words = shlex.split(self.words.format(port=port, app="hello:app"))
        return [Path(sys.executable).parent / program, *words]


GUNICORN = "gunicorn --bind 127.0.0.1:{port}"
GRANIAN = "granian --interface"

SERVERS = (
    Server("gunicorn-sync", f"{GUNICORN} {{app}}", one_at_a_time=True),
    Server("gunicorn-gthread", f"{GUNICORN} --worker-class gthread --threads 8 {{app}}"),
    Server("gunicorn-gevent", f"{GUNICORN} --worker-class gevent {{app}}"),
    # With `--die-on-term` alone it would cut off requests that are under way.
    Server(
        "uwsgi",
        "uwsgi --http-socket 127.0.0.1:{port} --module {app} --master --threads 4"
        " --hook-master-start 'unix_signal:15 gracefully_kill_them_all'",
        always_exits=False,
    ),
    Server(
        "waitress",
        "waitress-serve --listen 127.0.0.1:{port} {app}",
        page="run-under-waitress.md",
        reads_ahead=True,
        stop=signal.SIGINT,
    ),
    Server(
        "granian-wsgi",
        f"{GRANIAN} wsgi --host 127.0.0.1 --port {{port}} {{app}}",
        page="run-under-granian.md",
        http_2=True,
    ),
    Server(
        "granian-asgi",
        f"{GRANIAN} asgi --host 127.0.0.1 --port {{port}} {{app}}",
        "asgi",
        page="run-under-granian.md",
        http_2=True,
    ),
    Server(
        "uvicorn",
        "uvicorn --host 127.0.0.1 --port {port} {app}",
        "asgi",
        page="run-under-uvicorn.md",
    ),
    # The same server without compiled parts, as `pip install uvicorn` alone gives it.
    Server(
        "uvicorn-h11",
        "uvicorn --host 127.0.0.1 --port {port} --loop asyncio --http h11 --ws wsproto {app}",
        "asgi",
    ),
    Server(
        "hypercorn",
        "hypercorn --bind 127.0.0.1:{port} {app}",
        "asgi",
        page="run-under-hypercorn.md",
        http_2=True,
    ),
    Server("gunicorn-asgi", f"{GUNICORN} --worker-class asgi {{app}}", "asgi"),
)


class Running:
    """A server that runs, and what it has written."""

    def __init__(self, server: Server, folder: Path, port: int, process: processes.Server) -> None:
        self.server = server
        self.folder = folder
        self.port = port
        self._process = process
        self._numbers = itertools.count()

    def token(self) -> str:
        """Give a name that no other request has: of its gate, and in its events."""
        return f"token-{next(self._numbers)}"

    def open(self, gate: str) -> None:
        """Let the application go on that waits for this."""
        (self.folder / gate).touch()

    @property
    def events(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "events").read_text().splitlines()
        return []

    def events_about(self, token: str) -> list[str]:
        return [event for event in self.events if token in event.split()]

    def stands_still(self, name: str) -> None:
        """Wait until a file that the application keeps writing has not changed for a while."""
        seen = ""
        while (now := (self.folder / name).read_text()) != seen or not now:
            seen = now
            time.sleep(0.2)

    @property
    def log(self) -> str:
        return self._process.output.read_text(errors="replace")

    @property
    def ended(self) -> bool:
        return self._process.process.poll() is not None

    def heard(self, event: str) -> str | None:
        """Wait for an event that starts with these words; None if it does not come."""
        return self.until(lambda: next((each for each in self.events if each.startswith(event)), None))

    def settled(self) -> tuple[int, int]:
        """Return how many requests there were and how many teardowns, once there is one for each."""
        self.until(lambda: len(set(self._counts())) == 1)
        return self._counts()

    def _counts(self) -> tuple[int, int]:
        events = self.events
        return events.count("request"), events.count("teardown")

    @staticmethod
    def until(condition: Callable[[], object]) -> object:
        """Ask until the answer is true or patience has ended; return the last answer."""
        end = time.monotonic() + PATIENCE
        while not (answer := condition()) and time.monotonic() < end:
            time.sleep(0.005)
        return answer

    def ask_to_stop(self) -> None:
        self._process.process.send_signal(self.server.stop)

    def wait_for_its_end(self) -> int | None:
        """Return the exit status; None if it goes on."""
        self.until(lambda: self.ended)
        return self._process.process.poll()


@contextlib.contextmanager
def running(server: Server, folder: Path, more: str = "") -> Iterator[Running]:
    """Serve the application in a folder of its own, with *more* at its end."""
    (folder / "hello.py").write_text(APPLICATION.read_text() + more)
    port = free_port()
    environment = Environment(Path(sys.prefix))
    home = {"HOME": str(folder)}
    with processes.serving(environment, server.command(port), port, folder, home) as process:
        yield Running(server, folder, port, process)
