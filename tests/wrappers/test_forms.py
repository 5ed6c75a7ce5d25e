"""Large forms are parsed off the loop, and everything about them is as if they were not."""

from __future__ import annotations

import threading
import typing as t

import pytest
from werkzeug.formparser import MultiPartParser
from werkzeug.routing import Rule

from erlen import request
from tests.gateway.asgi.coloured import Coloured, post
from tests.gateway.asgi.driver import ask_once, body, http

# large bodies keep nobody waiting


def multipart(size: int) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    return head + b"z" * size + b"\r\n--b--\r\n"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
@pytest.mark.parametrize("hooked", [True, False])
def test_a_large_form_is_parsed_off_the_loop(
    colour: str, monkeypatch: pytest.MonkeyPatch, *, hooked: bool
) -> None:
    threads: list[threading.Thread] = []
    parse = MultiPartParser.parse

    def noting(*args: t.Any, **kwargs: t.Any) -> t.Any:
        threads.append(threading.current_thread())
        return parse(*args, **kwargs)

    monkeypatch.setattr(MultiPartParser, "parse", noting)
    made = Coloured(colour)
    if hooked:
        made.app.before_request(lambda: None)
    made.app.add_url_rule(
        "/",
        "view",
        made.view(lambda: f"{len(request.files['f'].read())} {request.get_data()!r}"),
        methods=["POST"],
    )
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    for _ in range(2):
        assert post(made.app, "/", *pieces, headers=headers).text == "400000 b''"
    assert len(threads) == 2
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_can_be_read_as_it_came_all_the_same(colour: str) -> None:
    made = Coloured(colour)
    data = multipart(400_000)
    made.app.add_url_rule("/", "view", made.view(lambda: str(request.get_data() == data)), methods=["POST"])
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).text == "True"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_the_limits_of_a_large_form_are_those_of_the_moment_when_it_is_asked_for(colour: str) -> None:
    made = Coloured(colour, MAX_FORM_PARTS=0)

    def view() -> str:
        if "raise" in request.args:
            request.max_form_parts = 5
        return str(len(request.files["f"].read()))

    made.app.add_url_rule("/", "view", made.view(view), methods=["POST"])
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).status == 413
    assert post(made.app, "/?raise", *pieces, headers=headers).text == "400000"


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("path", ["/", "/werkzeug"])
@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_beyond_the_limit_is_refused_however_it_comes(
    colour: str, path: str, pieces: int
) -> None:
    made = Coloured(colour, MAX_CONTENT_LENGTH=50)
    made.app.add_url_rule("/", "view", made.view(lambda: str(list(request.files))), methods=["POST"])
    made.app.url_map.add(Rule("/werkzeug", endpoint="view", methods=["POST"]))
    data = multipart(400_000)
    size = len(data) // pieces + 1
    scope = http(
        path, "POST", ("Content-Type", "multipart/form-data; boundary=b"), ("Transfer-Encoding", "chunked")
    )

    for _ in range(2):
        answer = ask_once(made.app, scope, *body(*[data[at : at + size] for at in range(0, len(data), size)]))
        assert answer.status == 413
