"""What random applications found, in few lines."""

from __future__ import annotations

import typing as t

import pytest

from tests.serve.beside import Framework, call, told_alike

# The signals in the order in which they are sent; which of them come after a hook.
_SENT = ("request_finished", "request_tearing_down", "appcontext_tearing_down", "appcontext_popped")
LATER = {"before_request": 0, "after_request": 0, "teardown_request": 1, "teardown_appcontext": 2}
# Take a pair away here, and the step in ``descriptions``, when its receiver is heard.
MISSED = {("after_request", "request_finished"), ("teardown_request", "request_tearing_down")}


def _case(hook: str, signal: str) -> t.Any:
    missed = pytest.mark.xfail(strict=True, reason="the straight path asks the plan from before the hook")
    return pytest.param(hook, signal, marks=[missed] if (hook, signal) in MISSED else [])


@pytest.mark.parametrize(
    ("hook", "signal"), [_case(hook, signal) for hook, n in LATER.items() for signal in _SENT[n:]]
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
