"""One application at a time, on both frameworks in turns: inside the process, and behind a server.

Both get the very same requests, cookies and tokens included: what one framework signed, the other accepts.
Each round starts with the same database, in memory.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.ports import free_port

from ..machine import ROOT, environment
from ..measure import CannotMeasure
from ..served import wrk
from ..served.measure import Contender, Turn, medians, undisturbed
from ..served.measure import Effort as ServedEffort
from ..served.processes import cpu_seconds, running, tree, two_cores
from ..served.servers import GRANIAN, Server
from ..wsgi import Answer, Request, headers_of
from . import sampling
from .sites import Page, Site
from .worker import request_of

FRAMEWORKS = ("flask", "erlen")
# Erlen is chosen by this alone: the command, the application and its packages are the same.
VARIABLES: Mapping[str, dict[str, str]] = {"flask": {}, "erlen": {"ERLEN_AS_FLASK": "1"}}
# Made by `make bench-applications`: what the applications need is not what Erlen's tests need.
PYTHON = ROOT / ".cache" / "applications" / "bin" / "python"
SERVER = Server(
    "granian",
    "granian, WSGI",
    GRANIAN.format(interface="wsgi", more=""),
    FRAMEWORKS,
    "granian",
    connections=16,
)
# What ItsDangerous signs has the second in it; what a server adds says nothing of an application.
SIGNED = re.compile(r"[\w.-]+\.[\w-]{6}\.[\w-]{27}")
OF_THE_SERVER = {"date", "server", "connection", "transfer-encoding", "content-length"}
WARM_UP = 20
PATIENCE = 5  # seconds
MOST_TURNS = 8


@dataclass(frozen=True)
class Effort:
    """How long to measure each page, each time on both frameworks."""

    inside: int  # rounds
    milliseconds: float  # of a round
    sampled: float  # seconds in which samples are taken
    rounds: int  # with a server and a database of their own
    turns: int  # in a round, by wrk
    seconds: int  # of a turn
    tries: int  # a turn in which the server did not get its core is taken again


FULL = Effort(inside=12, milliseconds=40, sampled=1.5, rounds=3, turns=2, seconds=1, tries=2)
QUICK = Effort(inside=2, milliseconds=10, sampled=0.3, rounds=1, turns=1, seconds=1, tries=1)


class Process:
    """A worker of one application on one framework."""

    def __init__(self, python: Path, site: Site, framework: str, folder: Path) -> None:
        self.name = f"{site.title} on {framework}"
        folder.mkdir(parents=True, exist_ok=True)
        # Warnings are about the application's own age. What it says is shown when it breaks.
        command = [python, "-W", "ignore", "-m", f"{__package__}.worker", site.name, framework, folder]
        self.log = open(folder / "log", "w+")  # noqa: SIM115
        self.running = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env=environment() | VARIABLES[framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def answer(self) -> str:
        """Read a line. Raise CannotMeasure with what the worker wrote when it has ended."""
        assert self.running.stdout
        if line := self.running.stdout.readline():
            return line
        self.log.seek(0)
        raise CannotMeasure(f"the worker of {self.name} breaks:\n{self.log.read()[-3000:]}")

    def do(self, command: str, **arguments: Any) -> Any:
        """Let the worker do something, and return what it tells."""
        assert self.running.stdin
        self.running.stdin.write(json.dumps([command, arguments]) + "\n")
        self.running.stdin.flush()
        return json.loads(self.answer())

    def end(self) -> None:
        assert self.running.stdin
        assert self.running.stdout
        self.running.stdin.close()
        try:
            self.running.wait(10)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.running.stdout.close()
        self.log.close()


@contextmanager
def workers(python: Path, site: Site, folders: Mapping[str, Path]) -> Iterator[dict[str, Process]]:
    """Run a worker for each framework that has a folder."""
    with ExitStack() as stack:
        made = {}
        for framework, folder in folders.items():
            made[framework] = Process(python, site, framework, folder)
            stack.callback(made[framework].end)
            made[framework].answer()  # it is ready
        yield made


def fill(python: Path, site: Site, root: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Fill an application's database on Flask. Return its folder, and the requests for the pages."""
    folder = root / f"{site.name}-filled"
    with workers(python, site, {"flask": folder}) as made:
        return folder, made["flask"].do("fill")


def copies(filled: Path, name: str) -> dict[str, Path]:
    """Return a folder for each framework, with a copy of the database."""
    found = {}
    for framework in FRAMEWORKS:
        found[framework] = filled.with_name(f"{filled.name}-{name}-{framework}")
        shutil.rmtree(found[framework], ignore_errors=True)
        shutil.copytree(filled, found[framework])
    return found


def check(page: Page, answers: Mapping[str, Answer]) -> None:
    """Raise CannotMeasure when an answer is wrong, or the frameworks do not answer alike."""
    for framework, answer in answers.items():
        if not page.is_right(answer):
            told = f"{answer.status}: {answer.body[:300]!r}"
            raise CannotMeasure(f"{page.title!r} ({page.path}) on {framework} is answered with {told}")
    first, *others = map(comparable, answers.values())
    for other in others:
        different = [name for name in first if first[name] != other[name]]
        if different:
            both = "\n".join(f"{name}: {first[name]!r}\n{other[name]!r}" for name in different)
            raise CannotMeasure(f"{page.title!r} ({page.path}) is not answered alike:\n{both[:3000]}")


def comparable(answer: Answer) -> dict[str, Any]:
    """Return what has to be alike."""
    headers = [(name.lower(), SIGNED.sub("signed", value)) for name, value in answer.headers]
    return {
        "status": answer.status.partition(" ")[0],
        "headers": sorted(each for each in headers if each[0] not in OF_THE_SERVER),
        "body": SIGNED.sub("signed", answer.body.decode("latin-1")),
    }


def measure_inside(
    python: Path,
    site: Site,
    filled: Path,
    requests: Sequence[dict[str, Any]],
    effort: Effort,
    on_round: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Return of each page what it takes on each framework, and the parts of that time."""
    found = []
    with workers(python, site, copies(filled, "inside")) as made:
        for number, (page, request) in enumerate(zip(site.pages, requests, strict=True), 1):
            on_round(number)
            check(page, {name: answer_of(each.do("ask", request=request)) for name, each in made.items()})
            times: dict[str, list[float]] = {name: [] for name in made}
            for _ in range(effort.inside):
                for name, each in made.items():
                    times[name].append(each.do("time", request=request, milliseconds=effort.milliseconds))
            counted = {
                name: Counter(each.do("sample", request=request, seconds=effort.sampled))
                for name, each in made.items()
            }
            found.append(
                {
                    "microseconds": {name: min(taken) for name, taken in times.items()},
                    "parts": {name: sampling.shares(each) for name, each in counted.items()},
                    "samples": {name: sum(each.values()) for name, each in counted.items()},
                }
            )
    return found


def answer_of(told: dict[str, Any]) -> Answer:
    headers = [(name, value) for name, value in told["headers"]]
    return Answer(told["status"], headers, told["body"].encode("latin-1"))


def measure_served(
    python: Path,
    site: Site,
    filled: Path,
    requests: Sequence[dict[str, Any]],
    effort: Effort,
    on_round: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Return of each page the requests per second on each framework, and how they compare."""
    asked = list(map(request_of, requests))
    rounds: list[list[dict[str, dict[str, Any]]]] = []
    for number in range(effort.rounds):
        on_round(number + 1)
        with started(python, site, copies(filled, "served")) as ports:
            rounds.append(
                [take_page(*pair, ports, filled, effort) for pair in zip(site.pages, asked, strict=True)]
            )
    return [summary([figures[number] for figures in rounds]) for number in range(len(site.pages))]


@contextmanager
def started(python: Path, site: Site, folders: Mapping[str, Path]) -> Iterator[dict[str, tuple[int, int]]]:
    """Run granian with the application on each framework. Give process ids and ports."""
    with ExitStack() as stack:
        found = {}
        for framework, folder in folders.items():
            port = free_port()
            words = SERVER.words.format(port=port, app=f"{__package__}.served").split()
            command = [str(python.parent / words[0]), *words[1:]]
            told = {"BENCH_SITE": site.name, "BENCH_FRAMEWORK": framework, "BENCH_FOLDER": str(folder)}
            variables = VARIABLES[framework] | told
            found[framework] = (
                stack.enter_context(running(command, port, two_cores()[0], variables)),
                port,
            )
        yield found


def take_page(
    page: Page, request: Request, ports: Mapping[str, tuple[int, int]], folder: Path, effort: Effort
) -> dict[str, dict[str, Any]]:
    """Compare the answers, and let the frameworks take turns."""
    check(page, {framework: fetch(port, request) for framework, (_, port) in ports.items()})
    options = wrk.options_of(request, folder)
    contenders = [
        Contender(SERVER, framework, pid, port, target(request), options)
        for framework, (pid, port) in ports.items()
    ]
    for each in contenders:
        for _ in range(WARM_UP):
            fetch(each.port, request)
    patience = ServedEffort(effort.rounds, effort.turns, effort.seconds, effort.tries)
    for number in range(effort.turns):
        for each in contenders if number % 2 else reversed(contenders):
            each.turns.append(answered(each, patience))
    check(page, {framework: fetch(port, request) for framework, (_, port) in ports.items()})
    return {each.app: medians([asdict(turn) for turn in each.turns]) for each in contenders}


def answered(contender: Contender, effort: ServedEffort) -> Turn:
    """Let a server take a turn, and another one when it was so disturbed that no answer came.

    Raise CannotMeasure when it is disturbed again and again.
    """
    for _ in range(MOST_TURNS):
        turn = undisturbed(contender, effort)
        settle(contender.pid)
        if turn.requests_per_cpu_second:
            return turn
    raise CannotMeasure(f"{contender.path} on {contender.app} gets no processor: something else runs")


def settle(pid: int) -> None:
    """Wait until a server has nothing to do: it still works for requests whose connections wrk has closed."""
    end, worked = time.monotonic() + PATIENCE, -1.0
    while time.monotonic() < end and (now := sum(map(cpu_seconds, tree(pid)))) > worked:
        worked = now
        time.sleep(0.06)  # some ticks of the system's


def target(request: Request) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path


def fetch(port: int, request: Request) -> Answer:
    """Send a request to a server on this machine, over a connection of its own.

    Raise CannotMeasure when no answer comes.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(request.method, target(request), request.body or None, headers_of(request))
        got = connection.getresponse()
        return Answer(f"{got.status} {got.reason}", got.getheaders(), got.read())
    except (OSError, HTTPException) as error:
        raise CannotMeasure(f"{request.method} {request.path} is not answered: {error!r}") from error
    finally:
        connection.close()


def summary(rounds: Sequence[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Put the rounds of a page together: how the frameworks compare is taken in each, from the same minute.

    What counts is requests in a second of the server's processor time: who else used its core does not.
    """
    rates = [{name: each[name]["requests_per_cpu_second"] for name in each} for each in rounds]
    served = {
        name: {**medians([each[name] for each in rounds]), "rounds": [each[name] for each in rounds]}
        for name in rounds[0]
    }
    return {"served": served, "times_flask": median(each["erlen"] / each["flask"] for each in rates)}


@contextmanager
def room() -> Iterator[Path]:
    """Give a folder for databases: in memory where the system has that, so that no disk is measured."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="bench-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
