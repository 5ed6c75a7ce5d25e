"""Random applications answer alike by either protocol, with the same calls in the same order."""

from __future__ import annotations

import contextvars
import re
import typing as t

from hypothesis import given
from itsdangerous import BadSignature

import erlen
from tests.protocols.web import Web
from tests.serve.applications import Application, _Running, _session_cookie, applications
from tests.serve.beside import STRAIGHT, examples


class Asked(_Running):
    """An application that is asked by one protocol."""

    def __init__(self, described: Application, web: Web) -> None:
        super().__init__(described, STRAIGHT)
        self.web = web

    def _session_in(self, match: re.Match[str]) -> str:
        try:
            return super()._session_in(match)
        except BadSignature:
            return "session=of another key"  # a teardown function has changed it since

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
                # ASGI wants the names in small letters.
                headers = [(name.title(), value) for name, value in answer.headers]
                cookie = _session_cookie(headers) or cookie
                outcome = answer.status, sorted(map(self.told, headers)), answer.body
            told.append((outcome, tuple(self.log)))
            self.log.clear()
        return told


def answers(described: Application, way: str) -> list[t.Any]:
    def told() -> list[t.Any]:
        said = Asked(described, Web(way)).answers()
        assert not erlen.has_app_context()
        return said

    return contextvars.copy_context().run(told)


def answers_at_all(described: Application) -> bool:
    """Tell whether what comes of it is the application's to say.

    Of what interrupts the process a loop ends, a WSGI server does not; a status that is no number is
    the server's to refuse in WSGI, and cannot be said in ASGI.
    """
    functions = (*described.functions, *described.views.values())
    interrupts = any(name == "interrupt" for function in functions for name, _ in function.steps)
    return not interrupts and all(function.result != "a bad status" for function in functions)


@given(applications().filter(answers_at_all))
@examples(150)
def test_any_application_answers_alike_by_either_protocol(described: Application) -> None:
    assert answers(described, "asgi") == answers(described, "wsgi")
