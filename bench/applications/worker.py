"""A process that holds one application, and does what `measure` tells it: one line of JSON in, one out.

Run by `measure`: python -m bench.applications.worker SITE FRAMEWORK FOLDER
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import thread_time_ns
from typing import TYPE_CHECKING, Any

from .. import machine, wsgi
from ..wsgi import Answer, Request
from . import database, sampling
from .client import Client
from .sites import Site, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WARM_UP = 20
DRIVER_CALLS = 500


def load(name: str, framework: str, folder: Path) -> WSGIApplication:
    """Make an application. Raise RuntimeError when `flask` means another framework than it should."""
    import flask

    if flask.Flask.__module__.partition(".")[0] != framework:
        raise RuntimeError(f"`flask` should be {framework}, and is {flask.__name__} at {flask.__file__}")
    made: WSGIApplication = site(name).make(folder)
    return made


def request_of(told: dict[str, Any]) -> Request:
    return Request(**told | {"body": told["body"].encode("latin-1")})


def as_told(request: Request) -> dict[str, Any]:
    """Return a request as JSON can have it."""
    return {**vars(request), "body": request.body.decode("latin-1"), "headers": dict(request.headers)}


class Worker:
    """What can be done with an application: each method is a command."""

    def __init__(self, site: Site, app: WSGIApplication) -> None:
        self.site = site
        self.app = app
        self.silence: dict[str, float] = {}  # of each request the driver's own share, in nanoseconds

    def fill(self) -> list[dict[str, Any]]:
        """Fill the application, and return the requests for its pages."""
        client = Client(lambda request: wsgi.ask(self.app, request))
        self.site.fill(client)
        return [as_told(page.request(client)) for page in self.site.pages]

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        answer: Answer = wsgi.ask(self.app, request_of(request))
        return {**vars(answer), "body": answer.body.decode("latin-1")}

    def time(self, request: dict[str, Any], milliseconds: float) -> float:
        """Return the microseconds of the processor for one request, the driver's own taken out."""
        asked = request_of(request)
        if (key := f"{asked.method} {asked.path}") not in self.silence:
            wsgi.drive(self.app, asked, WARM_UP)
            rounds = [took(lambda: wsgi.drive(wsgi.silent, asked, DRIVER_CALLS)) for _ in range(5)]
            self.silence[key] = min(rounds) / DRIVER_CALLS
            gc.collect()
        calls, spent, wanted = 0, 0, milliseconds * 1e6
        while spent < wanted:
            spent += took(lambda: wsgi.drive(self.app, asked, 5))
            calls += 5
        return (spent / calls - self.silence[key]) / 1000

    def sample(self, request: dict[str, Any], seconds: float) -> dict[str, int]:
        """Return how often each part was met."""
        asked = request_of(request)
        wsgi.drive(self.app, asked, WARM_UP)
        end = time.thread_time() + seconds
        return sampling.sample(lambda: wsgi.drive(self.app, asked, 5), lambda: time.thread_time() > end)

    def describe(self) -> dict[str, Any]:
        """Describe the machine and what this process has imported, the server's package too."""
        import_module("granian")
        return machine.describe()


def took(run: Callable[[], None]) -> int:
    """Return the nanoseconds that this thread has worked: says nothing of who else used the processor."""
    started = thread_time_ns()
    run()
    return thread_time_ns() - started


def main(name: str, framework: str, folder: str) -> None:
    """Carry out commands until there are no more."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what an application prints is no answer
    database.show()
    worker = Worker(site(name), load(name, framework, Path(folder)))
    print("ready", file=told)
    for line in sys.stdin:
        command, arguments = json.loads(line)
        print(json.dumps(getattr(worker, command)(**arguments)), file=told)


if __name__ == "__main__":
    main(*sys.argv[1:])
