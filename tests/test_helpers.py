"""What views call: streams that keep their request, redirects, messages, files, URLs, paths."""

from __future__ import annotations

import importlib
import importlib.machinery
import io
import itertools
import os
import sys
import types
import typing as t
from pathlib import Path

import flask
import flask.helpers
import pytest
import werkzeug.exceptions
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response as WerkzeugResponse

import erlen
import erlen.helpers
from erlen import Erlen, stream_with_context
from erlen.active import cv_app, cv_request
from erlen.helpers import _split_blueprint_path, get_debug_flag, get_load_dotenv, get_root_path


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    app = Erlen("helped", root_path=str(tmp_path))
    app.secret_key = "secret"
    app.testing = True
    return app


@pytest.fixture
def ends(app: Erlen) -> list[t.Any]:
    """What the teardown functions of the application heard, in order."""
    heard: list[t.Any] = []
    app.teardown_request(lambda error: heard.append(("request", type(error), erlen.request.path)))
    app.teardown_appcontext(lambda error: heard.append(("app", type(error), erlen.g.get("name"))))
    return heard


def ended(path: str = "/", error: type | None = None, name: object = None) -> list[t.Any]:
    error = error or type(None)
    return [("request", error, path), ("app", error, name)]


# streams


def test_a_stream_has_its_request_session_and_g(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    def index() -> t.Iterator[str]:
        erlen.session["user"] = "ada"
        erlen.g.name = "g"

        def generate() -> t.Iterator[str]:
            yield erlen.request.args["name"]
            yield erlen.session["user"]
            yield erlen.g.name
            yield erlen.current_app.name

        return stream_with_context(generate())

    assert app.test_client().get("/?name=World").text == "Worldadaghelped"
    assert ends == ended(name="g")


def test_a_generator_function_can_be_decorated(app: Erlen) -> None:
    @app.get("/")
    def index() -> t.Any:
        @stream_with_context
        def generate(greeting: str) -> t.Iterator[str]:
            """Greet."""
            yield greeting
            yield erlen.request.args["name"]

        assert generate.__name__ == "generate"
        assert generate.__doc__ == "Greet."
        return generate("Hello ")  # type: ignore[arg-type]

    assert app.test_client().get("/?name=World").text == "Hello World"


def test_any_iterator_can_be_streamed_and_is_closed(app: Erlen) -> None:
    closed: list[str] = []

    class Items:
        def __init__(self) -> None:
            self.left = ["c", "b", "a"]

        def __iter__(self) -> Items:
            return self

        def __next__(self) -> str:
            if not self.left:
                raise StopIteration
            return self.left.pop()

        def close(self) -> None:
            closed.append(erlen.request.path)

    app.add_url_rule("/", "index", lambda: stream_with_context(Items()))
    app.add_url_rule("/text", "text", lambda: stream_with_context("text"))  # type: ignore[call-overload]
    assert app.test_client().get("/").text == "abc"
    assert closed == ["/"]
    assert app.test_client().get("/text").text == "text"


def test_teardown_waits_for_the_end_of_the_stream_and_runs_once(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    def index() -> t.Iterator[str]:
        def generate() -> t.Iterator[str]:
            ends.append("first")
            yield "a"
            ends.append("last")

        return stream_with_context(generate())

    response = app.test_client().get("/", buffered=False)
    assert ends == ["first"]  # the client reads one item to see the headers
    assert response.data == b"a"
    response.close()
    assert ends == ["first", "last", *ended()]
    assert cv_request.get(None) is cv_app.get(None) is None


def test_a_stream_that_is_closed_half_way_tears_down_once(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    def index() -> t.Iterator[str]:
        def generate() -> t.Iterator[str]:
            try:
                yield from ["a", "b"]
            finally:
                ends.append(erlen.request.path)

        return stream_with_context(generate())

    response = app.test_client().get("/")
    next(response.iter_encoded())
    response.close()
    # COMPAT: teardown functions hear of the end that came too early, as in Flask.
    assert ends == ["/", *ended(error=GeneratorExit)]
    assert cv_request.get(None) is None


def test_an_unread_stream_tears_down_without_an_error(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    def index() -> t.Iterator[str]:
        return stream_with_context(iter(["never"]))

    assert app.test_client().head("/").data == b""
    assert ends == ended()


def test_an_error_in_a_stream_reaches_the_server_and_the_teardown(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    def index() -> t.Iterator[str]:
        def generate() -> t.Iterator[str]:
            yield "a"
            raise ZeroDivisionError

        return stream_with_context(generate())

    response = app.test_client().get("/")
    with pytest.raises(ZeroDivisionError):
        response.data  # noqa: B018
    response.close()
    assert ends == ended(error=ZeroDivisionError)
    assert cv_request.get(None) is None


def test_two_streams_of_one_response_tear_down_after_the_second(app: Erlen, ends: list[t.Any]) -> None:
    streams: list[t.Iterator[str]] = []

    @app.get("/")
    def index() -> t.Iterator[str]:
        streams.extend(stream_with_context(iter([name])) for name in "ab")
        return itertools.chain(*streams)

    with app.test_client().get("/") as response:
        assert (response.text, ends) == ("ab", ended())


def test_a_stream_that_is_read_when_its_request_is_over_has_it_and_tears_down_again(
    app: Erlen, ends: list[t.Any]
) -> None:
    streams: list[t.Iterator[str]] = []

    @app.get("/")
    def index() -> str:
        streams.extend(stream_with_context(erlen.request.path for _ in "x") for _ in "ab")
        return ""

    app.test_client().get("/")
    assert ends == ended()
    # COMPAT: as Flask does after each stream.
    assert list(streams[0]) == ["/"]
    assert ends == ended() * 2
    streams[1].close()  # type: ignore[attr-defined]
    assert ends == ended() * 2


def test_a_stream_that_is_read_inside_the_view_leaves_the_request_active(
    app: Erlen, ends: list[t.Any]
) -> None:
    @app.get("/")
    def index() -> str:
        text = "".join(stream_with_context(iter(["a", "b"])))
        assert ends == []
        return text + erlen.request.path

    assert app.test_client().get("/").text == "ab/"
    assert ends == ended()


def test_a_stream_in_a_coroutine_view_has_its_request(app: Erlen, ends: list[t.Any]) -> None:
    @app.get("/")
    async def index() -> t.Iterator[str]:
        erlen.session["user"] = "ada"

        @stream_with_context
        def generate() -> t.Iterator[str]:
            yield erlen.session["user"]

        return t.cast(t.Any, generate())

    client = app.test_client()
    client.get("/").close()
    assert client.get("/").text == "ada"
    with client:
        client.get("/").close()
    with client:
        assert client.get("/").text == "ada"
    assert [what for what, _, _ in ends] == ["request", "app"] * 4


def test_a_stream_in_an_application_context_that_goes_on_leaves_it_alone(
    app: Erlen, ends: list[t.Any]
) -> None:
    app.add_url_rule("/", "index", lambda: stream_with_context(iter(["a"])))
    with app.app_context():
        erlen.g.name = "outer"
        assert app.test_client().get("/").text == "a"
        assert ends == ended()[:1]
    assert ends == ended(name="outer")


def test_streaming_needs_a_request(app: Erlen) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="only be used while a request is active"):
        stream_with_context(iter(["a"]))


@pytest.mark.parametrize("value", [5, None])
def test_what_cannot_be_streamed_is_named(app: Erlen, value: t.Any) -> None:
    with app.test_request_context(), pytest.raises(TypeError, match=rf"given a {type(value).__name__}\.$"):
        stream_with_context(value)


def test_an_asynchronous_generator_is_refused(app: Erlen) -> None:
    @stream_with_context  # type: ignore[arg-type]
    async def generate() -> t.AsyncIterator[str]:
        yield "a"

    with app.test_request_context(), pytest.raises(TypeError, match="given a async_generator"):
        generate()  # type: ignore[call-arg]


# responses


def test_a_response_is_made_of_what_a_view_would_return(app: Erlen) -> None:
    with app.test_request_context():
        assert erlen.make_response().status_code == 200
        assert type(erlen.make_response()) is app.response_class
        assert erlen.make_response("text").data == b"text"
        assert erlen.make_response(("text", 201)).status_code == 201
        response = erlen.make_response("text", 202, {"X-A": "b"})
        assert (response.data, response.status_code, response.headers["X-A"]) == (b"text", 202, "b")


def test_a_redirect_is_the_applications(app: Erlen) -> None:
    with app.app_context():
        response = erlen.redirect("/there", 307)
        assert type(response) is app.response_class
        assert (response.location, response.status_code) == ("/there", 307)
        app.redirect = lambda location, code: f"{location} {code}"  # type: ignore[method-assign, assignment]
        assert erlen.redirect("/there") == "/there 302"  # type: ignore[comparison-overlap]


def test_without_an_application_a_redirect_is_werkzeugs() -> None:
    class Mine(WerkzeugResponse):
        pass

    assert type(erlen.redirect("/there")) is WerkzeugResponse
    assert type(erlen.redirect("/there", Response=Mine)) is Mine


def test_abort_asks_the_applications_aborter(app: Erlen) -> None:
    class Teapot(HTTPException):
        code = 900

    app.aborter.mapping[900] = Teapot
    with app.app_context():
        with pytest.raises(Teapot):
            erlen.abort(900)
        with pytest.raises(NotFound, match="nothing here"):
            erlen.abort(404, description="nothing here")
        with pytest.raises(HTTPException) as caught:
            erlen.abort(WerkzeugResponse("given", 409))
        assert caught.value.get_response().data == b"given"


def test_without_an_application_abort_is_werkzeugs() -> None:
    with pytest.raises(werkzeug.exceptions.Unauthorized):
        erlen.abort(401)
    with pytest.raises(LookupError):
        erlen.abort(900)


def test_abort_goes_on_where_an_aborter_only_returns(app: Erlen) -> None:
    app.aborter = t.cast(t.Any, lambda code: None)
    with app.app_context(), pytest.raises(NotFound):
        erlen.abort(404)


def test_a_url_is_the_applications(app: Erlen) -> None:
    app.add_url_rule("/items/<self>", "item", lambda self: "")
    with app.test_request_context():
        assert erlen.url_for("item", self=1, q="x", _anchor="a b") == "/items/1?q=x#a%20b"
        assert erlen.url_for("item", self=1, _external=True) == "http://localhost/items/1"
        assert erlen.url_for("item", self=1, _scheme="https") == "https://localhost/items/1"
        with pytest.raises(BuildError):
            erlen.url_for("missing")
        app.url_for = lambda endpoint, **values: f"{endpoint} {sorted(values)}"
        assert erlen.url_for("x", a=1) == "x ['_anchor', '_external', '_method', '_scheme', 'a']"


# flashed messages


def test_messages_are_flashed_to_the_next_request(app: Erlen) -> None:
    app.add_url_rule("/flash", "flash", lambda: str(erlen.flash("saved")) + str(erlen.flash("oh", "error")))
    app.add_url_rule("/get", "get", lambda: repr(erlen.get_flashed_messages(with_categories=True)))
    client = app.test_client()
    client.get("/flash")
    assert client.get("/get").text == "[('message', 'saved'), ('error', 'oh')]"
    assert client.get("/get").text == "[]"


def test_messages_can_be_read_again_in_the_same_request(app: Erlen) -> None:
    with app.test_request_context():
        erlen.flash("saved")
        erlen.flash("oh", "error")
        assert erlen.get_flashed_messages() == ["saved", "oh"]
        assert erlen.get_flashed_messages() == ["saved", "oh"]
        assert erlen.get_flashed_messages(category_filter=["error"]) == ["oh"]
        assert erlen.get_flashed_messages(True, ("error", "info")) == [("error", "oh")]
        assert "_flashes" not in erlen.session


def test_a_flashed_message_is_a_signal(app: Erlen) -> None:
    heard: list[t.Any] = []

    def listen(sender: Erlen, message: str, category: str) -> None:
        heard.append((sender, message, category))

    with app.test_request_context(), erlen.message_flashed.connected_to(listen, app):
        erlen.flash("saved", "info")
    assert heard == [(app, "saved", "info")]


def test_flashing_tells_the_session_that_it_changed(app: Erlen) -> None:
    with app.test_request_context():
        erlen.session["_flashes"] = []
        erlen.session.modified = False
        erlen.flash("saved")
        assert erlen.session.modified


# files


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "a.txt").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


FILES: dict[str, tuple[t.Callable[[t.Any, Path], t.Any], dict[str, str]]] = {
    "path": (lambda web, root: web.send_file("up/a.txt"), {}),
    "absolute path": (lambda web, root: web.send_file(root / "up" / "a.txt"), {}),
    "attachment": (
        lambda web, root: web.send_file("up/a.txt", as_attachment=True, download_name="ä.txt"),
        {},
    ),
    "type and age": (lambda web, root: web.send_file("up/a.txt", "text/html", max_age=60), {}),
    "age of a function": (lambda web, root: web.send_file("up/a.txt", max_age=lambda path: 7), {}),
    "etag of ones own": (lambda web, root: web.send_file("up/a.txt", etag="mine", last_modified=1), {}),
    "unchanged": (lambda web, root: web.send_file("up/a.txt", etag="mine"), {"If-None-Match": '"mine"'}),
    "range": (lambda web, root: web.send_file("up/a.txt"), {"Range": "bytes=1-2"}),
    "open file": (lambda web, root: web.send_file(io.BytesIO(b"data"), "text/plain"), {}),
    "from a directory": (lambda web, root: web.send_from_directory("up", "a.txt", mimetype="x/y"), {}),
    "outside a directory": (lambda web, root: web.send_from_directory("up", "../secret.txt"), {}),
    "missing": (lambda web, root: web.send_from_directory("up", "missing.txt"), {}),
}


@pytest.mark.parametrize(("send", "headers"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("age", [None, 3600])
def test_a_file_is_sent_as_flask_sends_it(
    files: Path, send: t.Callable[[t.Any, Path], t.Any], headers: dict[str, str], age: int | None
) -> None:
    answers = []
    for web, app_class in ((erlen, Erlen), (flask, flask.Flask)):
        app = app_class("files", root_path=str(files))
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = age
        app.add_url_rule("/", "index", lambda web=web: send(web, files))
        with app.test_client().get("/", headers=headers) as response:
            answers.append((response.status_code, response.data, dateless(response.headers)))
    assert answers[0] == answers[1]


def dateless(headers: t.Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(header for header in headers if header[0] not in ("Date", "Expires"))


def test_the_server_may_send_the_file(app: Erlen, files: Path) -> None:
    app.config["USE_X_SENDFILE"] = True
    app.add_url_rule("/", "index", lambda: erlen.send_file("up/a.txt"))
    with app.test_client().get("/") as response:
        assert response.headers["X-Sendfile"] == str(files / "up" / "a.txt")


def test_werkzeugs_functions_are_looked_up_when_called(app: Erlen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("werkzeug.utils.send_file", lambda **kwargs: sorted(kwargs)[:1])
    with app.test_request_context():
        assert erlen.send_file("x") == ["_root_path"]  # type: ignore[comparison-overlap]


# the environment

FLAGS = [None, "", "0", "1", "false", "False", "no", "NO", "true", "yes", "x"]


@pytest.mark.parametrize("value", FLAGS)
def test_flags_in_the_environment_mean_what_they_mean_to_flask(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FLASK_DEBUG", "FLASK_SKIP_DOTENV"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert get_debug_flag() is flask.helpers.get_debug_flag()
    for default in (True, False):
        assert get_load_dotenv(default) is flask.helpers.get_load_dotenv(default)


# names and places


@pytest.mark.parametrize(
    "name", ["erlen", "erlen.helpers", "json", "json.tool", "nowhere", "no.where", "__main__"]
)
def test_the_root_of_a_module_is_where_flask_finds_it(name: str) -> None:
    assert get_root_path(name) == flask.helpers.get_root_path(name)


def test_the_root_is_found_without_running_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broken_module.py").write_text("raise NotImplementedError")
    assert get_root_path("broken_module") == str(tmp_path)


def test_a_module_of_a_silent_loader_is_asked_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loader:
        def create_module(self, spec: object) -> None:
            return None

        def exec_module(self, module: types.ModuleType) -> None:
            module.__file__ = file

    class Finder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> t.Any:
            if name.startswith("silent_"):
                return importlib.machinery.ModuleSpec(name, t.cast(t.Any, Loader()))
            return None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    file: str | None = str(tmp_path / "silent.py")
    assert get_root_path("silent_one") == str(tmp_path)
    file = None
    with pytest.raises(RuntimeError, match=r"'silent_two'.*root_path="):
        get_root_path("silent_two")
    for name in ("silent_one", "silent_two"):
        monkeypatch.delitem(sys.modules, name)


def test_a_namespace_package_has_no_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "spread_out").mkdir()
    importlib.import_module("spread_out")
    with pytest.raises(RuntimeError, match=r"No root path.*'spread_out'.*namespace package"):
        get_root_path("spread_out")
    monkeypatch.delitem(sys.modules, "spread_out", raising=False)


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=4).map(".".join))
def test_a_blueprint_path_ends_with_its_outermost_parent(name: str) -> None:
    assert _split_blueprint_path(name) == flask.helpers._split_blueprint_path(name)


def test_the_working_directory_is_the_root_of_a_program_without_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    assert get_root_path("__main__") == os.getcwd()
