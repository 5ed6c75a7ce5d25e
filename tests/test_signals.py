"""The signals of a request: when they are sent, and to whom."""

from __future__ import annotations

import typing as t

from tests.serve.beside import Framework, beside_flask, call
from tests.serve.nested import noting

# by hand


@beside_flask
def test_signals_of_a_request_come_in_flasks_order(framework: Framework) -> object:
    names = ("request_started", "request_finished", "request_tearing_down", "got_request_exception")
    app, log = framework.Flask("app"), []
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: (log.append("view"), "")[1])
    app.add_url_rule("/fails", "fails", lambda: 1 // 0)
    app.before_request(noting(log, "before"))
    app.after_request(noting(log, "after"))
    app.teardown_request(noting(log, "teardown"))
    receivers = []
    for name in names:

        def receiver(sender: t.Any, name: str = name, **kwargs: t.Any) -> None:
            told = {key: getattr(value, "status", type(value).__name__) for key, value in kwargs.items()}
            log.append((name, sender.name, told, framework.request.path))

        receivers.append(receiver)
        getattr(framework, name).connect(receiver, app)
    for path in ("/", "/", "/fails", "/nowhere"):
        call(app, path)
    return log


@beside_flask
def test_receivers_may_be_coroutine_functions(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    async def receiver(sender: t.Any, **kwargs: t.Any) -> None:
        log.append((sender.name, sorted(kwargs)))

    for name in ("request_started", "request_finished", "request_tearing_down", "appcontext_pushed"):
        getattr(framework, name).connect(receiver, app)
    app.add_url_rule("/", "view", lambda: "")
    call(app)
    return log
