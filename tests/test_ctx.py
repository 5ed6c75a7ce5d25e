"""Work with the context that is active: copy it, ask for it."""

from __future__ import annotations

import contextvars
import threading

import pytest

import erlen
from tests.serve.beside import Framework, beside_flask, call
from tests.serve.contexts import active

# other threads


@beside_flask
def test_copy_current_request_context_carries_the_request_into_a_thread(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.secret_key = "secret"

    @app.get("/path")
    def view() -> str:
        framework.session["n"] = 1
        framework.g.user = "ada"

        @framework.copy_current_request_context
        def work(word: str) -> None:
            """Say it."""
            framework.session["said"] = word
            log.append((active(framework), word, work.__doc__))

        thread = threading.Thread(target=contextvars.Context().run, args=(work, "hello"))
        thread.start()
        thread.join()
        return framework.session["said"]

    return call(app, "/path").body, log


@beside_flask
def test_copy_current_request_context_takes_coroutine_functions(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context("/path"):

        @framework.copy_current_request_context
        async def work() -> str:
            return framework.request.path

        return work()


@pytest.mark.parametrize("name", ["after_this_request", "copy_current_request_context"])
def test_what_needs_a_request_says_so(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"'{name}'"):
        getattr(erlen, name)(lambda: None)
