"""Many requests, hardly two of them the same: whatever keeps something for each will show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, islice
from typing import TYPE_CHECKING

from ..cases import form, json_body
from ..measure import CannotMeasure
from ..wsgi import Answer, Request, ask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FRAMEWORKS = ("erlen", "flask")
# Each takes a number that never comes again.
KINDS: tuple[Callable[[int], Request], ...] = (
    lambda n: Request("GET", "/hello"),
    lambda n: Request("GET", "/hello", headers={"HTTP_HOST": f"host-{n}.example"}),
    lambda n: Request("GET", "/json"),
    lambda n: Request("GET", f"/users/{n}"),
    lambda n: Request("GET", f"/further/{n % 100}/{n}"),
    lambda n: Request("GET", "/search", query=f"q=word-{n}&page={n}&key-{n}=1"),
    lambda n: form(name=f"name-{n}", age=str(n)),
    lambda n: json_body({"name": f"name-{n}", "numbers": [n, 2 * n], f"key-{n}": n}),
    lambda n: Request("GET", f"/nowhere/{n}"),
    lambda n: Request("POST", "/hello"),
    lambda n: Request("GET", f"/users/{n}/"),
    lambda n: Request("GET", "/shop/basket"),
    lambda n: Request("GET", "/visits"),
    lambda n: Request("GET", "/rows"),
    lambda n: Request("GET", "/greeting"),
    lambda n: Request("GET", "/static/ten_kb.txt"),
)


def requests() -> Iterator[Request]:
    """Go through the kinds again and again."""
    for number in count():
        yield KINDS[number % len(KINDS)](number)


class Worker:
    """An application, and a client that keeps its cookie."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.requests = requests()
        self.cookie = ""

    def answer(self, number: int) -> None:
        """Answer the next requests.

        Raise CannotMeasure when the application breaks.
        """
        for request in islice(self.requests, number):
            if self.cookie and request.path == "/visits":
                request = replace(request, headers={"HTTP_COOKIE": self.cookie})
            self.take(request, ask(self.app, request))

    def take(self, request: Request, answer: Answer) -> None:
        if answer.status.startswith("5"):
            raise CannotMeasure(f"{request} is answered with {answer.status}: {answer.body[:200]!r}")
        if cookie := answer.header("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
