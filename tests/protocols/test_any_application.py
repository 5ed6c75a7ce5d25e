"""Random applications answer alike by either protocol, with the same calls in the same order."""

from __future__ import annotations

import contextvars
import typing as t

from hypothesis import given

import erlen
from tests.protocols.web import Web
from tests.serve.applications import Application, _Running, _session_cookie, applications
from tests.serve.beside import STRAIGHT, examples


class Asked(_Running):
    """An application that is asked by one protocol."""

    def __init__(self, described: Application, web: Web) -> None:
        super().__init__(described, STRAIGHT)
        self.web = web

    def answers(self) -> list[t.Any]:
        told: list[t.Any] = []
        cookie = None
        for method, path in self.described.requests:
            fields = [("Cookie", cookie)] if cookie else []
            try:
                answer = self.web.wire(self.app, path, method, fields)
            except Exception as error:
                outcome: t.Any = type(error).__name__
            else:
                cookie = _session_cookie(answer.headers) or cookie
                outcome = answer.status, sorted(map(self.told, answer.headers)), answer.body
            told.append((outcome, tuple(self.log)))
            self.log.clear()
        return told


def answers(described: Application, way: str) -> list[t.Any]:
    def told() -> list[t.Any]:
        said = Asked(described, Web(way)).answers()
        assert not erlen.has_app_context()
        return said

    return contextvars.copy_context().run(told)


def ends(described: Application) -> bool:
    """Tell whether nothing in it interrupts the process: a loop ends of that, a WSGI server does not."""
    functions = (*described.functions, *described.views.values())
    return not any(name == "interrupt" for function in functions for name, _ in function.steps)


@given(applications().filter(ends))
@examples(150)
def test_any_application_answers_alike_by_either_protocol(described: Application) -> None:
    assert answers(described, "asgi") == answers(described, "wsgi")
