"""A view that asks for it keeps its context until it is popped, or until the next request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import erlen
import erlen.legacy
from erlen.active import NOTHING, state_variable
from erlen.legacy import notices


@pytest.fixture
def stack() -> Iterator[object]:
    from erlen.legacy.stacks import request_stack

    notices.forget()
    remove = erlen.legacy.install("1.1")
    yield request_stack
    remove()
    notices.forget()


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def app(stack: object, ended: list[str]) -> erlen.Flask:
    app = erlen.Flask(__name__)

    def finish() -> None:
        top = stack.top  # type: ignore[attr-defined]
        if top is not None and top.preserved:
            top.pop()

    def pieces() -> Iterator[str]:
        yield erlen.request.path
        finish()

    @app.route("/keep")
    def keep() -> erlen.Response:
        erlen.request.environ["flask._preserve_context"] = True
        return erlen.Response(pieces())

    @app.route("/fails")
    def fails() -> str:
        erlen.request.environ["flask._preserve_context"] = True
        raise LookupError

    @app.route("/plain")
    def plain() -> str:
        return str(stack.top.preserved)  # type: ignore[attr-defined]

    @app.teardown_request
    def note(error: BaseException | None) -> None:
        ended.append(erlen.request.path)

    return app


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestAContextThatIsKept:
    def test_lives_until_it_is_popped(self, app: erlen.Flask, ended: list[str]) -> None:
        response = app.test_client().get("/keep", buffered=False)
        assert ended == []
        assert response.text == "/keep"
        assert ended == ["/keep"]
        assert state_variable.get() is NOTHING

    def test_ends_with_the_next_request_at_the_latest(self, app: erlen.Flask, ended: list[str]) -> None:
        client = app.test_client()
        kept = client.get("/keep", buffered=False)
        assert client.get("/plain").text == "False"
        assert ended == ["/keep", "/plain"]
        assert state_variable.get() is NOTHING
        kept.close()

    def test_is_not_kept_for_an_exception(self, app: erlen.Flask, ended: list[str]) -> None:
        assert app.test_client().get("/fails").status_code == 500
        app.testing = True
        with pytest.raises(LookupError):
            app.test_client().get("/fails")
        state_variable.set(NOTHING)
        assert "/fails" in ended


def test_a_context_ends_with_its_request_otherwise(app: erlen.Flask, ended: list[str]) -> None:
    with pytest.warns(DeprecationWarning, match="preserved"):
        assert app.test_client().get("/plain").text == "False"
    assert ended == ["/plain"]
