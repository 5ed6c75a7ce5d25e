"""Static files, straight: what Flask sends is sent, by both protocols, and nothing replaced is missed."""

from __future__ import annotations

import io
import mimetypes
import os
import socket
import sys
import tempfile
import time
import typing as t
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest
import werkzeug.utils
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.sansio.response import Response as SansIOResponse
from werkzeug.wrappers import Response as WerkzeugResponse
from werkzeug.wsgi import FileWrapper

import erlen
from erlen.declare import resources
from erlen.serve import static_files
from erlen.wrappers import files, known_files
from tests.gateway.asgi.driver import ask, http
from tests.protocols.web import WAYS, Answer, Web
from tests.serve.beside import Framework, beside_flask, call, environ, examples

NOW = 1_700_000_000.25


@pytest.fixture(autouse=True)
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setattr(werkzeug.utils, "time", lambda: NOW)


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The answers that the straight form gives."""
    given: list[object] = []
    original = static_files.StaticView._answer

    def answer(self: t.Any, context: t.Any, name: str) -> t.Any:
        found = original(self, context, name)
        if found is not None:
            given.append(found)
        return found

    monkeypatch.setattr(static_files.StaticView, "_answer", answer)
    return given


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("content")
    os.utime(folder / "a.txt", (1_600_000_000, 1_600_000_000))
    return folder


def application(
    framework: Framework, folder: Path | str, config: t.Mapping[str, t.Any] | None = None, **options: t.Any
) -> t.Any:
    options = {"static_url_path": "/static", **options}
    app = framework.Flask("files", root_path=str(folder), static_folder=str(folder), **options)
    app.config.update(config or {}, PROPAGATE_EXCEPTIONS=False)
    return app


def sent(app: t.Any, name: str = "a.txt", **items: t.Any) -> t.Any:
    """Ask for a file as a WSGI server does, with further items of the environ."""
    return call(app, environ("/") | {"PATH_INFO": f"/static/{name}"} | items)


# the property: any file, any request, both protocols

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0\r\n"), min_size=1, max_size=20
) | st.sampled_from(
    ["a.txt", "B.HTML", "c.tar.gz", "d.svgz", "e.Css", "f", ".g", "h.", "ü.js", "data:x", "a b.png"]
)
WANTED = st.sampled_from(
    (
        "{name} {name} {name} sub/{name} ./{name} sub/../{name} ../{name} /{name} .. sub {name}/ {name}/x"
        " \\{name} ..\\{name} C:/{name} x{name} %2e%2e/{name} \xff " + "x" * 300
    ).split(" ")
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "If-None-Match": st.sampled_from(
            ["{tag}", "W/{tag}", '"x"', 'W/"x"', '"x", {tag}', "*", '""', '"', "x", '"a"b"', 'W/"']
        ),
        "If-Modified-Since": st.sampled_from(
            ["{modified}", "Sun, 13 Sep 2020 12:26:39 GMT", "Sun, 13 Sep 2020 12:26:41 GMT", "x", ""]
        ),
        "If-Match": st.sampled_from(["{tag}", '"x"', "*"]),
        "If-Range": st.sampled_from(["{tag}", '"x"', "{modified}", "Sun, 13 Sep 2020 12:26:39 GMT"]),
        "Range": st.sampled_from(
            ["bytes=0-", "bytes=1-2", "bytes=-2", "bytes=0-0,2-3", "bytes=99-", "x", "bytes=2-1", "bytes=-0"]
        ),
        "Cookie": st.sampled_from(["session=x", "other=x"]),
    },
)
AGES = st.sampled_from([None, None, 0, 60, timedelta(minutes=1), timedelta(seconds=-1), -1, True, 1.5, 10**6])


@examples(150)
@given(
    name=NAMES,
    wanted=WANTED,
    content=st.binary(max_size=30),
    requests=st.lists(
        st.tuples(st.sampled_from(["GET", "GET", "HEAD", "OPTIONS", "POST"]), HEADERS), min_size=1, max_size=3
    ),
    age=AGES,
)
def test_any_file_is_sent_as_by_flask(
    name: str,
    wanted: str,
    content: bytes,
    requests: list[tuple[str, dict[str, str]]],
    age: t.Any,
) -> None:
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above, "files")
        (folder / "sub").mkdir(parents=True)
        if name not in (".", ".."):
            for path in (folder / name, folder / "sub" / name, Path(above, name)):
                if not path.exists():
                    path.write_bytes(content)
                    os.utime(path, (1_600_000_000, 1_600_000_000))
        target = "/static/" + werkzeug.urls.quote(
            wanted.format(name=name).encode("utf-8", "replace"), safe="/"
        )
        answers = [_answers(Web(way), folder, target, requests, age) for way in WAYS]
        assert answers[1] == answers[0]
        assert answers[2] == answers[0]


def _answers(
    web: Web, folder: Path, target: str, requests: list[tuple[str, dict[str, str]]], age: t.Any
) -> list[Answer]:
    app = application(web, folder, {"SEND_FILE_MAX_AGE_DEFAULT": age}, static_url_path="/static")
    app.secret_key = "key"
    first = web.wire(app, target)
    known = {name.lower(): value for name, value in first.headers}
    told = [first]
    for method, headers in requests:
        filled = [
            (header, value.format(tag=known.get("etag", '"-"'), modified=known.get("last-modified", "-")))
            for header, value in headers.items()
        ]
        told.append(web.wire(app, target, method, filled))
    # ASGI writes the names of headers in lower case.
    return [
        answer._replace(headers=[(name.lower(), value) for name, value in answer.headers]) for answer in told
    ]


# the straight form is taken, and by few steps


@pytest.mark.parametrize("items", [{}, {"REQUEST_METHOD": "HEAD"}, {"HTTP_IF_NONE_MATCH": "its"}])
def test_a_plain_file_takes_the_straight_form(
    folder: Path, straight: list[object], items: dict[str, str]
) -> None:
    app = application(erlen, folder)
    tag = dict(sent(app).headers)["ETag"]
    straight.clear()
    sent(app, **{key: tag if value == "its" else value for key, value in items.items()})
    assert [type(answer) for answer in straight] == [known_files.FileAnswer]


@pytest.mark.parametrize("hook", ["before_request", "after_request"])
def test_a_file_that_hooks_may_look_at_is_a_response(folder: Path, straight: list[object], hook: str) -> None:
    app = application(erlen, folder)
    getattr(app, hook)(lambda *response: response[0] if response else None)
    assert sent(app).body == b"content"
    assert [type(answer) for answer in straight] == [erlen.Response]


def looks(app: t.Any, name: str = "a.txt", **items: t.Any) -> tuple[int, int, int]:
    """Count the calls of a warm request, those that ask for the status of a file, and those that open one."""
    counts = [0, 0, 0]
    given = environ(f"/static/{name}") | items
    kinds = {os.stat: 1, os.fstat: 1, os.access: 1, os.open: 2, open: 2}

    def profile(frame: FrameType, event: str, function: t.Any) -> None:
        if event == "call" and frame.f_code.co_filename != __file__:
            counts[0] += 1
        elif event == "c_call" and (kind := kinds.get(function)):
            counts[kind] += 1

    for _ in range(3):
        b"".join(app(given.copy(), lambda *_: None))
    sys.setprofile(profile)
    try:
        b"".join(app(given.copy(), lambda *_: None))
    finally:
        sys.setprofile(None)
    return counts[0], counts[1], counts[2]


def test_a_known_file_is_looked_at_once_and_opened_once(folder: Path) -> None:
    app = application(erlen, folder)
    tag = dict(sent(app).headers)["ETag"]
    assert looks(app)[1:] == (1, 1)
    assert looks(app, HTTP_IF_NONE_MATCH=tag)[1:] == (1, 0)
    assert looks(app, HTTP_IF_NONE_MATCH='"older"')[1:] == (2, 1)
    assert looks(app, REQUEST_METHOD="HEAD")[1:] == (1, 0)


# what users replace


def _none(*args: t.Any, **kwargs: t.Any) -> None:
    return None


def test_a_type_that_is_added_counts_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(erlen, folder)
    assert ("Content-Type", "text/plain; charset=utf-8") in sent(app).headers
    monkeypatch.setitem(mimetypes.types_map, ".txt", "text/x-mine")
    assert ("Content-Type", "text/x-mine; charset=utf-8") in sent(app).headers
    monkeypatch.setitem(mimetypes.encodings_map, ".txt", "x-mine")
    assert ("Content-Encoding", "x-mine") in sent(app).headers
    monkeypatch.undo()
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: ("text/x-other", None))
    assert ("Content-Type", "text/x-other; charset=utf-8") in sent(app).headers


@beside_flask
def test_an_age_of_ones_own_is_asked_for(framework: Framework) -> t.Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("content")
        os.utime(Path(folder, "a.txt"), (1_600_000_000, 1_600_000_000))
        app = application(framework, folder)
        blueprint = framework.Blueprint(
            "parts", "parts", static_folder=folder, static_url_path="/static", url_prefix="/p"
        )
        app.register_blueprint(blueprint)

        def age() -> list[str]:
            answers = [call(app, environ(f"{prefix}/static/a.txt")) for prefix in ("", "/p")]
            return [dict(answer.headers)["Cache-Control"] for answer in answers]

        told = [age()]
        app.get_send_file_max_age = lambda name: 5
        told.append(age())
        blueprint.get_send_file_max_age = lambda name: 6
        told.append(age())
        del app.get_send_file_max_age
        told.append(age())
        del blueprint.get_send_file_max_age
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(seconds=7)
        return [*told, age()]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (werkzeug.utils, "send_file"),
        (werkzeug.utils, "send_from_directory"),
        (resources, "send_from_directory"),
        (erlen.Erlen, "send_static_file"),
        (resources.Resources, "send_static_file"),
    ],
)
def test_a_function_that_is_patched_takes_effect(
    folder: Path, monkeypatch: pytest.MonkeyPatch, owner: t.Any, name: str
) -> None:
    app = application(erlen, folder)
    sent(app)
    monkeypatch.setattr(owner, name, lambda *args, **kwargs: "patched", raising=False)
    assert sent(app).body == b"patched"
    monkeypatch.undo()
    assert sent(app).body == b"content"


@pytest.mark.parametrize("owner", [erlen.Response, WerkzeugResponse, SansIOResponse])
@pytest.mark.parametrize("name", ["set_etag", "make_conditional", "status_code"])
def test_a_method_of_responses_that_is_patched_takes_effect(
    folder: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, straight: list[object]
) -> None:
    if name == "make_conditional" and owner is SansIOResponse:
        pytest.skip("it is in the class above")
    app = application(erlen, folder)
    sent(app)
    original = getattr(owner, name)
    if isinstance(original, property):
        stand_in: t.Any = property(
            lambda self: original.fget(self), lambda self, value: original.fset(self, value)
        )
    else:
        stand_in = lambda *args, **kwargs: original(*args, **kwargs)  # noqa: E731
    straight.clear()
    monkeypatch.setattr(owner, name, stand_in)
    assert sent(app).body == b"content"
    assert straight == []


def test_an_open_function_of_ones_own_gives_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(erlen, folder)
    sent(app)
    opened: list[t.Any] = []
    original = open

    def mine(*args: t.Any) -> t.Any:
        opened.append(args)
        return original(*args)

    monkeypatch.setattr("builtins.open", mine)
    assert sent(app).body == b"content"
    assert opened == [(str(folder / "a.txt"), "rb")]


@beside_flask
def test_a_view_around_the_static_view_is_called(framework: Framework) -> t.Any:
    """A decorator copies the attributes of the view: that must not let requests past it."""
    from functools import wraps

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("content")
        app = application(framework, folder)
        told = [sent(app).body]
        view = app.view_functions["static"]

        @wraps(view)
        def guarded(**values: t.Any) -> t.Any:
            return "no" if values["filename"] == "a.txt" else view(**values)

        app.view_functions["static"] = guarded
        return [*told, sent(app).body]


@beside_flask
def test_the_folder_may_be_changed(framework: Framework) -> t.Any:
    with tempfile.TemporaryDirectory() as above:
        for name in ("one", "two"):
            Path(above, name).mkdir()
            Path(above, name, "a.txt").write_text(name)
        app = application(framework, Path(above, "one"))
        told = [sent(app).body]
        app.static_folder = str(Path(above, "two"))
        told.append(sent(app).body)
        app.static_folder = "one"
        app.root_path = above
        return [*told, sent(app).body]


@beside_flask
def test_a_session_is_refreshed_with_a_file(framework: Framework) -> t.Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("content")
        os.utime(Path(folder, "a.txt"), (1_600_000_000, 1_600_000_000))
        app = application(framework, folder)
        app.secret_key = "key"

        @app.get("/login")
        def login() -> str:
            framework.session.permanent = True
            return ""

        cookie = dict(call(app, "/login").headers)["Set-Cookie"].partition(";")[0]
        headers = dict(sent(app, HTTP_COOKIE=cookie).headers)
        return "Set-Cookie" in headers, headers["Vary"], headers["ETag"].partition("-")[0]


def test_a_folder_that_has_or_may_have_a_source_is_left_to_the_view(
    folder: Path, straight: list[object]
) -> None:
    app = application(erlen, folder)
    counts = []
    sources: list[dict[str, object] | None] = [None, {}, {str(folder): object()}, {str(folder): None}]
    for table in sources:
        if table is not None:
            app.static_sources = table
        straight.clear()
        sent(app)
        counts.append(len(straight))
    assert counts == [1, 0, 0, 1]


@pytest.mark.parametrize("size", [7, known_files.LARGEST_READ + 1])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_file_of_an_asgi_server_that_opens_files_is_named_to_it(
    folder: Path, size: int, is_known: bool
) -> None:
    (folder / "a.txt").write_bytes(b"a" * size)
    app = application(erlen, folder)
    extensions: t.Any = {"http.response.pathsend": {}}
    if is_known:
        ask(app, http("/static/a.txt"))
    answer = ask(app, http("/static/a.txt", extensions=extensions))
    assert answer.sent[1:] == [{"type": "http.response.pathsend", "path": str(folder / "a.txt")}]
    assert answer.headers["content-length"] == str(size)
    known = ("If-None-Match", answer.headers["etag"])
    answer = ask(app, http("/static/a.txt", "GET", known, extensions=extensions))
    assert answer.sent[0]["status"] == 304
    assert "content-length" not in answer.headers
    assert answer.sent[1:] == [{"type": "http.response.body", "body": b""}]


def test_a_file_of_a_server_that_has_a_way_to_send_files_is_handed_to_it(folder: Path) -> None:
    seen: list[t.Any] = []

    class Wrapper(FileWrapper):
        def __init__(self, file: t.IO[bytes], size: int) -> None:
            super().__init__(file, size)
            seen.append(file.name)

    app = application(erlen, folder)
    for _ in range(2):
        assert sent(app, **{"wsgi.file_wrapper": Wrapper}).body == b"content"
    assert seen == [str(folder / "a.txt")] * 2


# bad files

LARGE = known_files.LARGEST_READ + 100


@beside_flask
def test_a_folder_that_disappears_has_no_files(framework: Framework) -> t.Any:
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above, "files")
        folder.mkdir()
        (folder / "a.txt").write_text("content")
        app = application(framework, folder)
        told = [sent(app).status]
        tag = dict(sent(app).headers)["ETag"]
        folder.rename(Path(above, "gone"))
        told += [sent(app).status, sent(app, HTTP_IF_NONE_MATCH=tag).status]
        Path(above, "gone").rename(folder)
        return [*told, sent(app).status]


@beside_flask
def test_what_is_outside_is_sent_by_a_link_alone(framework: Framework) -> t.Any:
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above, "files")
        folder.mkdir()
        Path(above, "secret.txt").write_text("outside")
        (folder / "link.txt").symlink_to(Path(above, "secret.txt"))
        (folder / "nowhere.txt").symlink_to("missing.txt")
        app = application(framework, folder)
        names = ["link.txt", "nowhere.txt", "../secret.txt", f"/{above}/secret.txt", "x/../../secret.txt"]
        answers = [sent(app, name) for name in names * 2]
        return [(answer.status, answer.body == b"outside") for answer in answers]


@pytest.mark.parametrize("name", [b"\xff.txt", b"a\xe4.txt", "ä.txt".encode()])
@beside_flask
def test_a_name_in_another_encoding_is_not_found(framework: Framework, name: bytes) -> t.Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text("content")
        app = application(framework, folder)
        return [sent(app, name.decode("latin1"))[::2] for _ in range(2)]


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS: list[t.Callable[[Path], None]] = [_fifo, _socket, _device, Path.mkdir]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("before", [False, True], ids=["never a file", "a file before"])
@beside_flask
def test_what_is_no_regular_file_is_not_found(
    framework: Framework, make: t.Callable[[Path], None], before: bool
) -> t.Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        app = application(framework, folder)
        told = []
        if before:
            path.write_text("content")
            told.append(sent(app).status)
            path.unlink()
        make(path)
        return told, [sent(app, REQUEST_METHOD=method).status for method in ("GET", "HEAD")]


@pytest.mark.parametrize("items", [{}, {"HTTP_IF_NONE_MATCH": "its"}, {"REQUEST_METHOD": "HEAD"}], ids=str)
@beside_flask
def test_a_file_that_may_no_longer_be_read_is_an_error(framework: Framework, items: dict[str, str]) -> t.Any:
    superuser = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "a.txt")
        path.write_text("content")
        app = application(framework, folder)
        tag = dict(sent(app).headers)["ETag"]
        path.chmod(0)
        if superuser:  # root may read it all the same
            os.seteuid(65534)
        try:
            items = {key: tag if value == "its" else value for key, value in items.items()}
            return sent(app, **items).status
        finally:
            if superuser:
                os.seteuid(0)


@pytest.fixture(params=["small", "large"])
def served(request: pytest.FixtureRequest, folder: Path) -> tuple[t.Any, Path]:
    """An application that has sent a file, and the path of that."""
    path = folder / "b.txt"
    path.write_bytes(b"a" * (10 if request.param == "small" else LARGE))
    app = application(erlen, folder)
    assert sent(app, "b.txt").status == "200 OK"
    return app, path


def when_opened(monkeypatch: pytest.MonkeyPatch, action: t.Callable[[], object]) -> None:
    """Do something between the moment that a file is wanted and the one that it is opened."""
    original = files.open_at_once

    def opening(*args: t.Any) -> int:
        monkeypatch.undo()
        action()
        return original(*args)

    for module in (files, known_files):
        monkeypatch.setattr(module, "open_at_once", opening)


def agrees(answer: t.Any, path: Path) -> bool:
    """Tell whether headers and body are those of the file that is there now."""
    headers, found = dict(answer.headers), path.stat()
    tag = files.describe(str(path), found, None).tag
    is_described = headers["Content-Length"] == str(found.st_size) and headers["ETag"] == f'"{tag}"'
    return answer.body == path.read_bytes() and is_described


@pytest.mark.parametrize("size", [3, LARGE + 1])
def test_a_file_that_is_replaced_before_it_is_opened_is_described_as_it_is(
    served: tuple[t.Any, Path], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    app, path = served

    def replace() -> None:
        other = path.with_name("other")
        other.write_bytes(b"b" * size)
        other.replace(path)

    when_opened(monkeypatch, replace)
    assert agrees(sent(app, "b.txt"), path)
    assert agrees(sent(app, "b.txt"), path)


@pytest.mark.parametrize("make", [*KINDS, Path.exists])
def test_a_file_that_goes_before_it_is_opened_is_not_found(
    served: tuple[t.Any, Path], monkeypatch: pytest.MonkeyPatch, make: t.Callable[[Path], None]
) -> None:
    app, path = served

    def replace() -> None:
        path.unlink()
        make(path)

    when_opened(monkeypatch, replace)
    assert sent(app, "b.txt").status == "404 NOT FOUND"


def test_a_file_that_shrinks_while_it_is_read_is_described_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(erlen, folder)
    sent(app)
    original = os.read

    def reading(*args: t.Any) -> bytes:
        monkeypatch.undo()
        os.truncate(folder / "a.txt", 2)
        return original(*args)

    monkeypatch.setattr(os, "read", reading)
    answer = sent(app)
    assert answer.body == b"co"
    assert dict(answer.headers)["Content-Length"] == "2"


def test_a_large_file_that_shrinks_while_it_is_sent_ends_with_an_error(folder: Path) -> None:
    larger = b"a" * (2 * io.DEFAULT_BUFFER_SIZE + LARGE)  # a buffer is read with the first piece
    (folder / "b.txt").write_bytes(larger)
    app = application(erlen, folder)
    for _ in range(2):
        body: t.Any = app(environ("/static/b.txt"), lambda *_: None)
        try:
            assert next(body)
            os.truncate(folder / "b.txt", 10)
            with pytest.raises(OSError, match="shorter"):
                list(body)
        finally:
            body.close()
        (folder / "b.txt").write_bytes(larger)


def test_what_is_written_to_a_file_counts_at_once(folder: Path) -> None:
    app = application(erlen, folder)
    tag = dict(sent(app).headers)["ETag"]
    (folder / "a.txt").write_text("changed")
    assert agrees(sent(app), folder / "a.txt")
    assert sent(app, HTTP_IF_NONE_MATCH=tag).status == "200 OK"
