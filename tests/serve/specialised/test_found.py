"""What random applications found, in few lines."""

from __future__ import annotations

import typing as t

import flask
import pytest

from tests.serve.beside import STRAIGHT, Framework, call, told_alike

# The signals in the order in which they are sent; which of them come after a hook.
_SENT = ("request_finished", "request_tearing_down", "appcontext_tearing_down", "appcontext_popped")
LATER = {"before_request": 0, "after_request": 0, "teardown_request": 1, "teardown_appcontext": 2}


@pytest.mark.parametrize(
    ("hook", "signal"), [(hook, signal) for hook, n in LATER.items() for signal in _SENT[n:]]
)
def test_a_receiver_that_a_hook_connects_hears_what_is_sent_later(hook: str, signal: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        app.add_url_rule("/", "view", lambda: "text")
        heard = getattr(framework.signals, signal)

        def receiver(sender: object, **kwargs: object) -> None:
            log.append(sorted(kwargs))

        def connect(given: t.Any = None) -> t.Any:
            heard.connect(receiver, app)
            return given

        getattr(app, hook)(connect)
        told = [call(app), tuple(log)]
        heard.disconnect(receiver)
        return told

    told_alike(story)


def seen_of_an_error_page(framework: Framework, path: str, method: str) -> object:
    app, log = framework.Flask("app", static_folder=None), []
    app.add_url_rule("/slash/", "view", lambda: "text")

    def look(response: t.Any) -> t.Any:
        log.append((response.is_sequence, response.is_streamed, bool(response.data)))
        return response

    app.after_request(look)
    call(app, path, method=method)
    return log


@pytest.mark.parametrize("path", ["/nowhere", "/slash"], ids=["not found", "redirect"])
def test_after_hooks_see_an_error_page_as_a_sequence_as_the_compatibility_page_says(path: str) -> None:
    """Flask runs the exception as a WSGI application: what comes of it is a stream, empty for HEAD."""
    assert seen_of_an_error_page(flask, path, "GET") == [(False, True, True)]
    assert seen_of_an_error_page(STRAIGHT, path, "GET") == [(True, False, True)]
    assert seen_of_an_error_page(flask, path, "HEAD") == [(False, True, False)]
    assert seen_of_an_error_page(STRAIGHT, path, "HEAD") == [(True, False, True)]
