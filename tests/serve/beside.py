"""Tell the same story to real Flask and to Erlen, straight and through the seams: it must end alike.

A story is a function that takes a framework, a namespace with Flask's public names, and returns what
it saw. Erlen hears it twice: as it is, and with a seam overridden harmlessly, so that the general form
of each request runs instead of the straight one.
"""

from __future__ import annotations

import contextvars
import inspect
import time
import types
import typing as t
from functools import wraps

import flask
import flask.testing
from hypothesis import settings
from werkzeug.test import EnvironBuilder

import erlen
import erlen.debughelpers
import erlen.signals
import erlen.testing
from tests.amounts import CHOSEN_ANEW, part_of

Framework: t.TypeAlias = t.Any
Story: t.TypeAlias = t.Callable[..., t.Any]


class ThroughSeams(erlen.Erlen):
    """Override a seam with what it does anyway."""

    def full_dispatch_request(self) -> erlen.Response:
        return super().full_dispatch_request()


def namespace_with(**others: object) -> Framework:
    """Return Erlen's public names, some of them replaced by others."""
    return types.SimpleNamespace(**{**vars(erlen), **others})


STRAIGHT: Framework = namespace_with(Flask=erlen.Erlen)
GENERAL: Framework = namespace_with(Flask=ThroughSeams, Erlen=ThroughSeams)
FRAMEWORKS: tuple[Framework, ...] = (flask, STRAIGHT, GENERAL)

_TRIES = 3


def told_alike(story: Story, *args: t.Any, **kwargs: t.Any) -> t.Any:
    """Return what the story says: on Erlen, straight and through the seams, the same as on Flask."""

    def told(framework: Framework) -> t.Any:
        said = story(framework, *args, **kwargs)
        assert not framework.has_app_context()
        assert not framework.has_request_context()
        return said

    # What is told may have the time of day in it: all three tell it in one second, or tell it again.
    for _ in range(_TRIES):
        second = int(time.time())
        # Each in a context of its own: what one leaves behind is none of the next one's business.
        flask, straight, through_seams = (contextvars.copy_context().run(told, one) for one in FRAMEWORKS)
        if straight == flask == through_seams or int(time.time()) == second:
            break
    assert flask is not None, "a story has to tell something"
    assert straight == flask
    assert through_seams == flask
    return flask


def beside_flask(story: Story) -> t.Callable[..., None]:
    """Make a test of a story: its first argument is the framework, the rest are pytest's."""
    signature = inspect.signature(story)
    _framework, *others = signature.parameters.values()

    @wraps(story)
    def test(*args: t.Any, **kwargs: t.Any) -> None:
        __tracebackhide__ = True
        told_alike(story, *args, **kwargs)

    test.__signature__ = signature.replace(parameters=others, return_annotation=None)  # type: ignore[attr-defined]
    del test.__wrapped__
    return test


# a request without a client


class Answer(t.NamedTuple):
    """What a WSGI server sees of a request."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def environ(path: str = "/", **kwargs: t.Any) -> dict[str, t.Any]:
    """Make the environ of a request; arguments are those of Werkzeug's builder."""
    builder = EnvironBuilder(path, **kwargs)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def call(app: t.Any, given: str | dict[str, t.Any] = "/", **kwargs: t.Any) -> Answer:
    """Ask an application as a WSGI server does."""
    seen: list[t.Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: t.Any = None) -> None:
        seen[:] = [status, headers]

    body = app(environ(given, **kwargs) if isinstance(given, str) else given, start_response)
    try:
        return Answer(seen[0], seen[1], b"".join(body))
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def outcome(function: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> t.Any:
    """Return what a call gives, or the class of what it raises."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error)


def examples(number: int) -> settings:
    """Give Hypothesis's settings for so many examples, a part of them, or ERLEN_EXAMPLES."""
    return settings(max_examples=CHOSEN_ANEW or part_of(number))
