"""A file is answered with as Werkzeug answers: plain ones in fewer steps, and hostile requests alike."""

from __future__ import annotations

import errno
import io
import mimetypes
import os
import shutil
import stat
import sys
import tempfile
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
import werkzeug.utils
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse
from werkzeug.wsgi import FileWrapper

import erlen
from erlen import Response
from erlen.wrappers import files as disk
from erlen.wrappers import send_file as files
from tests.serve.beside import FRAMEWORKS, Framework, beside_flask, call, environ, examples, told_alike

NOW = 1_700_000_000.25
WRITTEN = 1_600_000_000_123_456_789  # nanoseconds


@pytest.fixture(autouse=True)
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setattr(werkzeug.utils, "time", lambda: NOW)


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A folder with what may lie around in one, and a secret beside it."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above, "folder")
        (folder / "sub").mkdir(parents=True)
        for name in ("a.txt", "empty.html", "b.tar.gz", "é ü.txt", "sub/c.css", "no_extension"):
            (folder / name).write_bytes(b"" if "empty" in name else name.encode() * 1000)
            os.utime(folder / name, ns=(WRITTEN, WRITTEN))
        Path(above, "secret.txt").write_text("secret")
        (folder / "link.txt").symlink_to("a.txt")
        (folder / "out.txt").symlink_to(Path(above, "secret.txt"))
        (folder / "dangling.txt").symlink_to("nothing.txt")
        (folder / "circle.txt").symlink_to("circle.txt")
        Path(os.fsdecode(os.path.join(os.fsencode(folder), b"\xff.txt"))).write_text("no UTF-8")
        os.mkfifo(folder / "fifo")
        yield str(folder)


# one answer, as everybody sees it


class Added(Response):
    """Have a constructor that says something of its own."""

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers["Cache-Control"] = "private"
        self.headers["X-Added"] = "1"


class Typed(Response):
    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **{**kwargs, "headers": {"X-Other": "headers"}})


class Early(Response):
    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        kwargs["headers"]["Cache-Control"] = "private"
        super().__init__(*args, **kwargs)


class Copied(Response):
    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers = self.headers.copy()


class Weak(Response):
    def set_etag(self, etag: str, weak: bool = False) -> None:
        super().set_etag(f"{etag}-mine", weak=True)


class Unconditional(Response):
    def make_conditional(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        self.headers["X-Asked"] = str(sorted(kwargs.items()))
        return self


class Shouting(Response):
    default_status = 203


CLASSES = [Response, Response, WerkzeugResponse, Added, Typed, Early, Copied, Weak, Unconditional, Shouting]


class ServerWrapper(FileWrapper):
    """Be what a server sends files with."""


def _refused(function: t.Callable[[], t.Any]) -> str:
    try:
        return repr(function())
    except Exception as error:
        return type(error).__name__


def told(
    send: t.Callable[..., t.Any], given_environ: dict[str, t.Any], *args: t.Any, **options: t.Any
) -> t.Any:
    """Return all that can be seen of an answer; the class and code of an error."""
    environ = given_environ.copy()
    try:
        response = send(*args, environ=environ, **options)
    except Exception as error:
        # Where there are two errors, a name that is no UTF-8 may be the first or the last.
        kind = ValueError if isinstance(error, ValueError) else type(error)
        return kind, getattr(error, "errno", None), getattr(error, "length", None)
    seen = (
        _refused(response.get_data) if response.direct_passthrough else None,
        type(response),
        response.status,
        list(response.headers),
        response.direct_passthrough,
        response.is_sequence,
        hasattr(response.response, "close"),
    )
    return seen, call(response, environ)


# Werkzeug leaves a file open where it fails half-way; ours are looked after below.
leaky = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


# the property: whatever is asked for, and with whatever headers

NAMES = ["a.txt", "empty.html", "b.tar.gz", "é ü.txt", "sub/c.css", "no_extension", "link.txt"]
BAD = [
    "missing",
    "sub",
    "",
    "a.txt/",
    "a\0b",
    "x" * 300,
    "dangling.txt",
    "circle.txt",
    "a.txt/b",
    "\udcff.txt",
]
TAGS = [
    '"{tag}"',
    'W/"{tag}"',
    '"{tag}", "x"',
    '"x", W/"{tag}"',
    "{tag}",
    '"x"',
    "*",
    "",
    '"',
    ",,",
    " ",
    "x" * 9000,
]
DATES = [
    "{modified}",
    "{modified} ",
    "Sun, 13 Sep 2020 12:26:39 GMT",
    "Sun, 13 Sep 2020 12:26:41 GMT",
    "Sunday, 13-Sep-20 12:26:40 GMT",
    "Tue, 19 Jan 2038 03:14:08 +0100",
    "Fri, 32 Foo 2020 25:61:61 GMT",
    "Mon, 01 Jan 99999 00:00:00 GMT",
    "-1",
    "9" * 400,
    "",
    "\xff",
]
RANGES = [
    "bytes=0-0",
    "bytes=1-3",
    "bytes=2-",
    "bytes=-2",
    "bytes=0-99999999999999999999",
    "bytes=99999999999999999999-",
    "bytes=5-2",
    "bytes=0-0,2-3",
    "bytes=-0",
    "bytes=--1",
    "bytes=a-b",
    "items=0-1",
    "bytes",
    "bytes=",
    "",
    "bytes=" + "0-0," * 500,
]
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_IF_NONE_MATCH": st.sampled_from(TAGS),
        "HTTP_IF_MODIFIED_SINCE": st.sampled_from(DATES),
        "HTTP_RANGE": st.sampled_from(RANGES),
        "HTTP_IF_RANGE": st.sampled_from(TAGS + DATES),
        "HTTP_IF_MATCH": st.sampled_from(TAGS),
        "wsgi.file_wrapper": st.just(ServerWrapper),
    },
)
OPTIONS = st.fixed_dictionaries(
    {"response_class": st.sampled_from(CLASSES)},
    optional={
        "mimetype": st.sampled_from([None, "text/html", "x/y", "text/x; charset=latin1"]),
        "as_attachment": st.sampled_from([True, False, 1, None]),
        "download_name": st.sampled_from(
            [None, "é.txt", 'a b"c.txt', "", "x.tar.gz", "a\nb", "a\\b;c", "\udc80"]
        ),
        "max_age": st.sampled_from([None, 0, -1, 60, 10**6, 1.5, True, 10**30, len, lambda path: None, "x"]),
        "etag": st.sampled_from([True, True, False, "mine", 'a"b', None, 1]),
        "conditional": st.sampled_from([True, True, False, 1]),
        "last_modified": st.sampled_from([None, 1, 1.5, -1, 10**30]),
        "use_x_sendfile": st.booleans(),
    },
)
METHODS = st.sampled_from(["GET", "GET", "HEAD", "POST"])


def encodable(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def filled(headers: dict[str, t.Any], path: str) -> dict[str, t.Any]:
    """Put what a browser would know of a file into its headers."""
    known = {"tag": "", "modified": ""}
    if os.path.isfile(path) and path.isprintable():
        with werkzeug.utils.send_file(path, environ()) as response:
            known = {"tag": response.get_etag()[0], "modified": response.headers["Last-Modified"]}
    return {
        name: value.format(**known) if isinstance(value, str) else value for name, value in headers.items()
    }


@leaky
@examples(300)
@given(name=st.sampled_from([*NAMES, *NAMES, *BAD]), method=METHODS, headers=HEADERS, options=OPTIONS)
def test_a_file_is_sent_as_werkzeug_sends_it(
    root: str, name: str, method: str, headers: dict[str, t.Any], options: dict[str, t.Any]
) -> None:
    given_environ = environ(method=method) | filled(headers, os.path.join(root, name.replace("\0", "")))
    options = {"path_or_file": name, "_root_path": root, **options}
    assert told(files.send_file, given_environ, **options) == told(
        werkzeug.utils.send_file, given_environ, **options
    )


@leaky
@examples(60)
@given(name=st.text(min_size=1, max_size=12).filter(encodable), headers=HEADERS, options=OPTIONS)
def test_a_file_of_any_name_is_sent_as_werkzeug_sends_it(
    name: str, headers: dict[str, t.Any], options: dict[str, t.Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if "/" not in name and "\0" not in name and name not in (".", ".."):
            Path(folder, name).write_bytes(b"data")
        given_environ = environ() | filled(headers, os.path.join(folder, name.replace("\0", "")))
        options = {"_root_path": folder, **options}
        assert told(files.send_from_directory, given_environ, ".", name, **options) == told(
            werkzeug.utils.send_from_directory, given_environ, ".", name, **options
        )


STEPS = [
    "..",
    ".",
    "",
    "a.txt",
    "sub",
    "c.css",
    "folder",
    "secret.txt",
    "link.txt",
    "out.txt",
    "dangling.txt",
]
STEPS += [
    "fifo",
    "circle.txt",
    "\\",
    "..\\",
    "C:",
    "C:\\a.txt",
    "\0",
    "x" * 256,
    "%2e%2e",
    "~",
    "é ü.txt",
    " ",
]


@examples(300)
@given(
    steps=st.lists(st.sampled_from(STEPS), max_size=6),
    start=st.sampled_from(["", "/", "//", "../folder/"]),
    directory=st.sampled_from(["", ".", "sub", "absolute", "missing", "sub/.."]),
    method=METHODS,
)
def test_a_path_leads_where_werkzeug_lets_it_lead(
    root: str, steps: list[str], start: str, directory: str, method: str
) -> None:
    path = start + "/".join(steps)
    directory = root if directory == "absolute" else directory
    options = {"_root_path": root, "response_class": Response}
    answers = [
        told(send, environ(method=method), directory, path, **options)
        for send in (files.send_from_directory, werkzeug.utils.send_from_directory)
    ]
    assert answers[0] == answers[1]
    # SECURITY: nothing outside of the folder, but by a link that lies in it.
    if "out.txt" not in path:
        assert "secret" not in str(answers[0])


@pytest.mark.parametrize("length", [255, 256, 4095, 4096, 100_000])
def test_a_name_that_is_too_long_is_not_found(root: str, length: int) -> None:
    with pytest.raises(NotFound):
        files.send_from_directory(root, "x" * length, environ=environ(), _root_path=root)


def test_what_is_no_regular_file_is_not_found_and_not_opened(root: str) -> None:
    for path in ("fifo", "sub", ".", "../../../../dev/zero"):
        with pytest.raises(NotFound):
            files.send_from_directory(root, path, environ=environ(), _root_path=root, response_class=Response)
    with pytest.raises(NotFound):
        files.send_from_directory("/dev", "zero", environ=environ(), _root_path=root, response_class=Response)


def test_a_directory_is_an_error_before_anything_is_said_of_it(root: str) -> None:
    with pytest.raises(IsADirectoryError):
        files.send_file(path_or_file="sub", environ=environ(), _root_path=root, response_class=Response)


@pytest.mark.parametrize("kwargs", [{"unknown": 1}, {"path_or_file": "b.tar.gz"}])
def test_arguments_that_werkzeug_refuses_are_refused(root: str, kwargs: dict[str, t.Any]) -> None:
    options = {"_root_path": root, "response_class": Response, **kwargs}
    with pytest.raises(TypeError):
        files.send_from_directory(root, "a.txt", environ=environ(), **options)


def test_a_root_that_is_relative_is_joined_as_often_as_werkzeug_joins_it(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(os.path.dirname(root))
    answers = [
        told(send, environ(), "sub", "c.css", _root_path="folder", response_class=Response)
        for send in (files.send_from_directory, werkzeug.utils.send_from_directory)
    ]
    assert answers[0] == answers[1]


# the file itself


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("old")
    return path


def sent(path: Path, **headers: str) -> t.Any:
    return files.send_file(
        path_or_file=path, environ=environ() | headers, _root_path="/", response_class=Response
    )


def etag_of(path: Path) -> str:
    with sent(path) as response:
        return str(response.headers["ETag"])


def on_opening(monkeypatch: pytest.MonkeyPatch, action: t.Callable[[], object]) -> None:
    """Do something between the look at a file and its opening."""

    def opening(*args: t.Any) -> t.Any:
        monkeypatch.delattr(disk, "open")
        action()
        return open(*args)

    monkeypatch.setattr(disk, "open", opening, raising=False)


@pytest.mark.parametrize("content", ["", "longer than before", "new"])
def test_a_file_replaced_while_it_is_opened_is_described_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    def replace() -> None:
        other = path.with_name("other")
        other.write_text(content)
        os.utime(other, (5, 5))
        other.replace(path)

    on_opening(monkeypatch, replace)
    answer = call(sent(path))
    headers = dict(answer.headers)
    assert answer.body == content.encode()
    assert headers["Content-Length"] == str(len(content))
    assert headers["ETag"] == etag_of(path)
    assert headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:05 GMT"


def test_a_part_of_a_file_that_was_replaced_is_not_joined_to_the_old_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = etag_of(path)
    on_opening(monkeypatch, lambda: path.write_text("another one"))
    answer = call(sent(path, HTTP_RANGE="bytes=1-2", HTTP_IF_RANGE=before))
    assert (answer.status, answer.body) == ("200 OK", b"another one")


def test_a_file_that_goes_while_it_is_opened_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_opening(monkeypatch, path.unlink)
    with pytest.raises(FileNotFoundError):
        sent(path)


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir, os.mkfifo])
def test_a_file_of_a_folder_that_goes_while_it_is_opened_is_not_found(
    path: Path, monkeypatch: pytest.MonkeyPatch, make: t.Callable[[Path], object]
) -> None:
    original = disk.open_at_once

    def opening(*args: t.Any) -> int:
        path.unlink()
        make(path)
        return original(*args)

    monkeypatch.setattr(disk, "open_at_once", opening)
    with pytest.raises(NotFound):
        files.send_from_directory(
            path.parent, path.name, environ=environ(), _root_path="/", response_class=Response
        )


def test_a_file_that_shrinks_while_it_is_sent_ends_with_an_error(path: Path) -> None:
    response = sent(path)
    os.truncate(path, 1)
    pieces = iter(t.cast(t.Any, response.response))
    assert next(pieces) == b"o"
    with pytest.raises(OSError, match="shorter"):
        next(pieces)
    response.close()


def test_a_file_that_grows_while_it_is_sent_is_sent_as_far_as_its_headers_say(path: Path) -> None:
    response = sent(path)
    with path.open("a") as file:
        file.write(" and more")
    assert call(response).body == b"old"


def test_an_open_function_of_ones_own_gives_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.open", lambda *args: io.BytesIO(b"mine"))
    assert call(sent(path)).body == b"mine"


def test_what_is_not_sent_is_not_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = etag_of(path)
    monkeypatch.setattr(disk, "open", lambda *args: pytest.fail("it was opened"), raising=False)
    assert call(sent(path, HTTP_IF_NONE_MATCH=tag)).status == "304 NOT MODIFIED"
    assert call(sent(path, REQUEST_METHOD="HEAD"), environ(method="HEAD")).status == "200 OK"


@pytest.mark.parametrize("headers", [{"REQUEST_METHOD": "HEAD"}, {"HTTP_IF_NONE_MATCH": "tag"}])
def test_what_is_not_sent_can_be_read_all_the_same(path: Path, headers: dict[str, str]) -> None:
    headers = {name: etag_of(path) if value == "tag" else value for name, value in headers.items()}
    with sent(path, **headers) as response:
        response.direct_passthrough = False
        assert response.get_data() == b"old"
    with sent(path, **headers) as response:
        body: t.Any = response.response
        assert body.seekable()
        body.seek(1)
        assert body.tell() == 1
        assert next(body) == b"ld"


def test_a_file_that_was_closed_unread_stays_closed(path: Path) -> None:
    response = sent(path, REQUEST_METHOD="HEAD")
    response.close()
    response.close()
    with pytest.raises(ValueError, match="closed file"):
        next(t.cast(t.Any, response.response))


@pytest.fixture
def unreadable() -> Iterator[Path]:
    """A file that we may see and not read: root may do both, so that nobody has to look."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    path = folder / "a.txt"
    path.write_text("private")
    path.chmod(0)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        yield path
    finally:
        if superuser:
            os.seteuid(0)
        shutil.rmtree(folder)


@pytest.mark.parametrize("headers", [{}, {"REQUEST_METHOD": "HEAD"}, {"HTTP_IF_MODIFIED_SINCE": "its"}])
def test_a_file_that_may_not_be_read_is_an_error_though_nothing_of_it_is_sent(
    unreadable: Path, headers: dict[str, str]
) -> None:
    modified = werkzeug.http.http_date(unreadable.stat().st_mtime)
    headers = {name: modified if value == "its" else value for name, value in headers.items()}
    with pytest.raises(PermissionError) as caught:
        sent(unreadable, **headers)
    assert caught.value.errno == errno.EACCES


def test_a_file_is_closed_where_no_response_can_be_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[t.IO[bytes]] = []

    def opening(*args: t.Any) -> t.Any:
        opened.append(open(*args))  # noqa: SIM115
        return opened[0]

    monkeypatch.setattr(disk, "open", opening, raising=False)
    with pytest.raises(ValueError, match="line break"):
        files.send_file(
            path_or_file=path,
            environ=environ(),
            _root_path="/",
            response_class=Response,
            download_name="a\nb",
        )
    assert opened[0].closed


@pytest.mark.parametrize("headers", [{}, {"HTTP_IF_NONE_MATCH": "tag"}])
def test_a_plain_file_takes_half_as_many_calls_as_with_werkzeug(path: Path, headers: dict[str, str]) -> None:
    """Otherwise the properties above might hold Werkzeug against itself."""
    given_environ = environ() | {name: etag_of(path) for name in headers}
    counts = []
    for send in (files.send_file, werkzeug.utils.send_file):
        calls = 0

        def count(frame: FrameType, event: str, _: object) -> None:
            nonlocal calls
            # What Python's own modules call is the same for both, and differs from version to version.
            is_ours = any(name in frame.f_code.co_filename for name in ("/werkzeug/", "/erlen/"))
            calls += event == "call" and is_ours

        sys.setprofile(count)
        try:
            response = send(path_or_file=path, environ=given_environ, _root_path="/", response_class=Response)
        finally:
            sys.setprofile(None)
        response.close()
        counts.append(calls)
    assert counts[0] * 2 < counts[1], counts


# what users change


def test_a_type_that_is_added_counts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.newtype"
    path.write_text("")
    with sent(path) as response:
        assert response.mimetype == "application/octet-stream"
    monkeypatch.setattr(mimetypes, "_db", mimetypes.MimeTypes())
    mimetypes.add_type("text/x-new", ".newtype")
    with sent(path) as response:
        assert response.content_type == "text/x-new; charset=utf-8"


@leaky
@pytest.mark.parametrize("name", ["make_conditional", "set_etag", "last_modified", "status_code"])
@pytest.mark.parametrize("owner", [Response, WerkzeugResponse])
def test_a_method_that_is_patched_on_a_response_class_takes_effect(
    path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    class Patched(Exception):
        pass

    def refuse(*args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        raise Patched

    call(sent(path))
    stand_in = refuse if callable(getattr(owner, name)) else property(refuse, refuse)
    monkeypatch.setattr(owner, name, stand_in)
    with pytest.raises(Patched):
        call(sent(path, HTTP_IF_NONE_MATCH="x"))


def test_a_function_may_make_the_responses(path: Path) -> None:
    def make(*args: t.Any, **kwargs: t.Any) -> Response:
        return Response(*args, **kwargs)

    with files.send_file(
        path_or_file=path, environ=environ(), _root_path="/", response_class=make
    ) as response:
        assert response.headers["ETag"] == etag_of(path)


def test_the_age_is_asked_for_once_and_by_the_path_of_the_file(path: Path) -> None:
    asked: list[str] = []

    def age(path: str) -> t.Any:
        asked.append(path)
        return 1.5

    response = files.send_file(
        path_or_file=path.name,
        environ=environ(),
        _root_path=str(path.parent),
        response_class=Response,
        max_age=age,
    )
    with response:
        assert response.cache_control.max_age == 1
    assert asked == [str(path)]


# through an application, beside Flask


def application(framework: Framework, root: str, after: t.Callable[[t.Any], t.Any] | None = None) -> t.Any:
    app = framework.Flask("files", root_path=root, static_folder=root, static_url_path="/static")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    if after is not None:
        app.after_request(after)
    return app


def known_headers(root: str) -> dict[str, dict[str, str]]:
    """The headers of requests, by what they are after."""
    with werkzeug.utils.send_file(os.path.join(root, "a.txt"), environ()) as response:
        tag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    return {
        "GET": {},
        "HEAD": {"REQUEST_METHOD": "HEAD"},
        "304": {"HTTP_IF_NONE_MATCH": tag, "HTTP_IF_MODIFIED_SINCE": modified},
        "304 by date": {"HTTP_IF_MODIFIED_SINCE": modified},
        "304 for HEAD": {"HTTP_IF_NONE_MATCH": tag, "REQUEST_METHOD": "HEAD"},
        "206": {"HTTP_RANGE": "bytes=1-2"},
        "416": {"HTTP_RANGE": "bytes=99999-"},
        "412": {"HTTP_IF_MATCH": '"x"'},
        "file wrapper": {"wsgi.file_wrapper": t.cast(str, ServerWrapper)},
    }


KINDS = ["GET", "HEAD", "304", "304 by date", "304 for HEAD", "206", "416", "412", "file wrapper"]


def _read(response: t.Any) -> None:
    response.direct_passthrough = False
    response.set_data(response.get_data().upper())


def _replace(response: t.Any) -> None:
    response.response.close()
    response.response = [b"mine"]


def _ask(response: t.Any) -> None:
    answers = (
        response.status_code,
        response.direct_passthrough,
        response.is_streamed,
        response.content_length,
        response.mimetype,
        response.get_etag(),
        response.last_modified,
        response.cache_control,
        response.accept_ranges,
        _refused(response.get_data),
    )
    response.headers["X-Asked"] = " ".join(map(str, answers))


def _drop(response: t.Any) -> None:
    for name in ("ETag", "Content-Length"):
        response.headers.pop(name, None)


def _ask_again(response: t.Any) -> None:
    tag = response.headers.get("ETag", "")
    response.make_conditional(environ(headers={"If-None-Match": tag}))


AFTER: dict[str, t.Callable[[t.Any], t.Any]] = {
    "looks": lambda response: response.headers.add("X-Seen", str(list(response.headers))),
    "asks": _ask,
    "tags": lambda response: response.set_etag("mine", weak=True),
    "reads": _read,
    "replaces the body": _replace,
    "says another status": lambda response: setattr(response, "status_code", 200),
    "drops headers": _drop,
    "makes it conditional again": _ask_again,
    "varies": lambda response: response.vary.add("Accept"),
    "sets a cookie": lambda response: response.set_cookie("a", "b"),
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "416"])  # an error page has no file
@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER)
@beside_flask
def test_after_hooks_see_and_do_what_they_do_in_flask(
    framework: Framework, root: str, kind: str, after: t.Callable[[t.Any], t.Any]
) -> t.Any:
    def hook(response: t.Any) -> t.Any:
        after(response)
        return response

    app = application(framework, root, hook)
    return call(app, environ("/static/a.txt") | known_headers(root)[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("config", [{}, {"SEND_FILE_MAX_AGE_DEFAULT": 60}, {"USE_X_SENDFILE": True}], ids=str)
@beside_flask
def test_the_static_view_answers_as_flasks(
    framework: Framework, root: str, kind: str, config: dict[str, t.Any]
) -> t.Any:
    app = application(framework, root)
    app.config.update(config)
    return call(app, environ("/static/a.txt") | known_headers(root)[kind])


@leaky
@examples(60)
@given(
    name=st.sampled_from([*NAMES, *NAMES, "missing", "sub", "../secret.txt"]),
    method=METHODS,
    headers=HEADERS,
    age=st.sampled_from([None, 0, 60]),
    x_sendfile=st.sampled_from([False, False, True]),
)
def test_any_request_for_a_static_file_is_answered_as_by_flask(
    root: str, name: str, method: str, headers: dict[str, t.Any], age: int | None, x_sendfile: bool
) -> None:
    given_environ = environ(method=method) | filled(headers, os.path.join(root, name))
    given_environ["PATH_INFO"] = "/static/" + name.encode().decode("latin1")

    def story(framework: Framework) -> t.Any:
        app = application(framework, root)
        app.config.update(SEND_FILE_MAX_AGE_DEFAULT=age, USE_X_SENDFILE=x_sendfile)
        return call(app, given_environ.copy())

    told_alike(story)


HOSTILE = [
    "../secret.txt",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "/etc/passwd",
    "//etc/passwd",
    "sub/../../secret.txt",
    "..\\secret.txt",
    "C:/a.txt",
    "a.txt\0",
    "a.txt/",
    "a.txt/x",
    "x" * 300,
    "x/" * 3000,
    "sub",
    "",
    "fifo",
    "dangling.txt",
    "circle.txt",
    "link.txt",
    "\xc3\xa9 \xc3\xbc.txt",
    "\xff\xfe",
    ".",
    "~root",
]


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name)[:30] for name in HOSTILE])
@beside_flask
def test_a_hostile_path_is_answered_as_in_flask(framework: Framework, root: str, name: str) -> t.Any:
    answer = call(application(framework, root), environ() | {"PATH_INFO": f"/static/{name}"})
    assert b"secret" not in answer.body
    return answer


@beside_flask
def test_everything_that_flask_lets_one_override_is_asked(framework: Framework, root: str) -> t.Any:
    asked: list[t.Any] = []

    class Mine(framework.Flask):  # type: ignore[misc]
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            asked.append(("age", filename))
            return None if filename == "sub/c.css" else 5

        def send_static_file(self, filename: str) -> t.Any:
            asked.append(("static", filename))
            return super().send_static_file(filename)

    class Parts(framework.Blueprint):  # type: ignore[misc]
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            asked.append(("blueprint", filename))
            return 7

    app = Mine("files", root_path=root, static_folder=root, static_url_path="/static")
    app.register_blueprint(Parts("parts", "parts", root_path=root, static_folder=root, url_prefix="/parts"))
    base = os.path.basename(root)
    answers = [
        call(app, environ(url)) for url in ("/static/a.txt", "/static/sub/c.css", f"/parts/{base}/a.txt")
    ]
    return answers, asked


def test_methods_for_static_files_are_the_classs_and_the_instances(root: str) -> None:
    for framework in FRAMEWORKS:
        app = application(framework, root)
        app.send_static_file = lambda filename: f"mine: {filename}"
        assert call(app, environ("/static/a.txt")).body == b"mine: a.txt"


def test_a_response_class_of_ones_own_makes_the_answer(root: str) -> None:
    answers = []
    for framework in FRAMEWORKS:

        class Mine(framework.Response):  # type: ignore[misc, name-defined]
            def set_etag(self, etag: str, weak: bool = False) -> None:
                super().set_etag("mine")

        app = application(framework, root)
        app.response_class = Mine
        answers.append(call(app, environ("/static/a.txt", headers={"If-None-Match": '"mine"'})))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].status == "304 NOT MODIFIED"


@pytest.mark.parametrize("name", ["send_file", "send_from_directory"])
def test_werkzeugs_functions_can_be_patched(root: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    app = application(erlen, root)
    call(app, environ("/static/a.txt"))
    monkeypatch.setattr(werkzeug.utils, name, lambda *args, **kwargs: f"patched {name}")
    assert call(app, environ("/static/a.txt")).body.decode() == f"patched {name}"


def test_a_file_is_sent_by_the_servers_own_wrapper(root: str) -> None:
    seen: list[t.Any] = []

    def wrapper(file: t.Any, size: int) -> t.Any:
        seen.extend((type(file), stat.S_ISREG(os.fstat(file.fileno()).st_mode), size))
        return ServerWrapper(file, size)

    given_environ = environ("/static/a.txt") | {"wsgi.file_wrapper": wrapper}
    body = application(erlen, root)(given_environ, lambda status, headers: None)
    assert type(body) is ServerWrapper
    assert seen == [io.BufferedReader, True, 8192]
    body.close()
    assert body.file.closed


@pytest.mark.parametrize("conditional", [True, False])
def test_a_device_is_no_file_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conditional: bool
) -> None:
    (tmp_path / "nul.txt").write_bytes(b"x")
    app = erlen.Erlen("app")
    with app.test_request_context():
        erlen.send_from_directory(tmp_path, "nul.txt", conditional=conditional).close()
        monkeypatch.setattr(disk, "_IS_WINDOWS", True)
        with pytest.raises(NotFound):
            erlen.send_from_directory(tmp_path, "nul.txt", conditional=conditional)
