"""What is known of files: bounded, right while their status is the same, and used by views, too."""

from __future__ import annotations

import os
import threading
import time
import typing as t
from pathlib import Path

import pytest
import werkzeug.utils
from hypothesis import given
from hypothesis import strategies as st

import erlen
from erlen.wrappers import known_files
from erlen.wrappers.known_files import KnownFile, answer_with, known_file
from tests.serve.beside import Framework, beside_flask, call, environ, examples, told_alike

NOW = 1_700_000_000.25


@pytest.fixture(autouse=True)
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setattr(werkzeug.utils, "time", lambda: NOW)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_files, "_known", type(known_files._known)(4, longest=1024))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    for name in ("a.txt", "b.tar.gz", "c.TXT", "d", "data:e.txt", "f.tgz", "ü.txt", "g.txt."):
        path = tmp_path / name
        path.write_bytes(name.encode() * 3)
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return str(tmp_path)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("a.txt", True),
        ("d", True),
        # Types that more than the last suffix decides are guessed each time.
        ("b.tar.gz", False),
        ("f.tgz", False),
        ("c.TXT", False),
        ("data:e.txt", False),
        ("ü.txt", False),
        ("g.txt.", False),
        # No files of the folder.
        ("missing", False),
        ("", False),
        (".", False),
        ("..", False),
        ("../a.txt", False),
        ("/etc/passwd", False),
        ("a.txt/", True),
        ("a.txt/x", False),
        ("a\0b", False),
        ("x" * 300, False),
    ],
)
def test_files_with_a_plain_name_are_known(folder: str, name: str, is_known: bool) -> None:
    for _ in range(2):
        assert (known_file(folder, name, None) is not None) == is_known
    assert len(known_files._known) == is_known


def test_a_folder_without_a_root_is_not_kept(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert known_file(".", "a.txt", None) is None


def test_no_more_files_are_kept_than_there_is_room_for(folder: str) -> None:
    for number in range(50):
        for name in ("a.txt", f"{'./' * number}a.txt", "d"):
            assert known_file(folder, name, number) is not None
            assert len(known_files._known) <= 4


def test_a_long_name_is_not_kept(folder: str) -> None:
    name = "./" * 1000 + "a.txt"
    assert known_file(folder, name, None) is not None
    assert not known_files._known


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("other content"),
        lambda path: os.utime(path, (5, 5)),
        lambda path: path.chmod(0o640),
        lambda path: path.rename(path.with_name("x")) and path.write_bytes(b"a.txt" * 3),
    ],
    ids=["written", "touched", "mode", "replaced"],
)
def test_a_change_is_noticed(folder: str, change: t.Callable[[Path], object]) -> None:
    path = Path(folder, "a.txt")
    before = KnownFile(str(path), path.stat(), None)
    assert known_files.stamp_of(path.stat()) == before.stamp
    change(path)
    assert known_files.stamp_of(path.stat()) != before.stamp


def test_what_no_header_can_tell_is_not_kept(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def describe(path: str, found: os.stat_result, age: int | None) -> t.NoReturn:
        raise OverflowError("the year is too large")

    monkeypatch.setattr(known_files, "describe", describe)
    assert known_file(folder, "a.txt", None) is None


def test_each_age_has_headers_of_its_own(folder: str) -> None:
    told = {}
    for age in (None, 0, 60, None, 60):
        answer = answer_with(folder, "a.txt", age, environ(), unseen=True)
        assert answer is not None
        headers = dict(answer.pairs)
        told[age] = headers["Cache-Control"], headers.get("Expires")
    assert told == {
        None: ("no-cache", None),
        0: ("no-cache, max-age=0", "Tue, 14 Nov 2023 22:13:20 GMT"),
        60: ("public, max-age=60", "Tue, 14 Nov 2023 22:14:20 GMT"),
    }


def test_headers_of_one_answer_are_not_those_of_the_next(folder: str) -> None:
    first = answer_with(folder, "a.txt", None, environ(), unseen=True)
    assert first is not None
    kept = first.pairs.copy()
    first.pairs.clear()
    second = answer_with(folder, "a.txt", None, environ(), unseen=True)
    assert second is not None
    assert second.pairs == kept


def test_a_file_that_is_replaced_all_the_time_is_described_as_what_is_sent(folder: str) -> None:
    """Each content has a length of its own, so that a body with the headers of another one shows."""
    path, stop = Path(folder, "a.txt"), threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            number = number % 50 + 1
            other = path.with_name("other")
            other.write_bytes(bytes([number]) * number)
            os.utime(other, (number, number))
            other.replace(path)

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        app = erlen.Erlen("app", static_folder=folder, static_url_path="/static")
        for _ in range(300):
            answer = call(app, environ("/static/a.txt"))
            headers, size = dict(answer.headers), len(answer.body)
            if set(answer.body) <= set(range(1, 51)):
                assert answer.body == bytes([size]) * size
                assert headers["ETag"].startswith(f'"{size}.0-{size}-')
                assert headers["Content-Length"] == str(size)
    finally:
        stop.set()
        thread.join()


# through views, beside Flask

HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_IF_NONE_MATCH": st.sampled_from(["{tag}", "W/{tag}", '"x"', "x"]),
        "HTTP_IF_MODIFIED_SINCE": st.sampled_from(["{modified}", "Sun, 13 Sep 2020 12:26:41 GMT", "x"]),
        "HTTP_RANGE": st.sampled_from(["bytes=1-2", "bytes=99-", "x"]),
    },
)


@examples(100)
@given(
    name=st.sampled_from(["a.txt", "b.tar.gz", "c.TXT", "d", "ü.txt", "missing", "../x", "sub", ".", ""]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "max_age": st.sampled_from([None, 0, 60, -5, 1.5, True, lambda path: len(path) % 10]),
            "mimetype": st.sampled_from([None, "text/x"]),
            "as_attachment": st.booleans(),
            "conditional": st.booleans(),
            "etag": st.sampled_from([True, False, "mine"]),
        },
    ),
    by_name=st.booleans(),
    method=st.sampled_from(["GET", "HEAD"]),
    headers=HEADERS,
    hooked=st.booleans(),
)
def test_a_view_sends_a_file_as_on_flask(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    options: dict[str, t.Any],
    by_name: bool,
    method: str,
    headers: dict[str, str],
    hooked: bool,
) -> None:
    root = tmp_path_factory.getbasetemp() / "views"
    (root / "sub").mkdir(parents=True, exist_ok=True)
    for each in ("a.txt", "b.tar.gz", "c.TXT", "d", "ü.txt"):
        (root / each).write_bytes(each.encode() * 3)
        os.utime(root / each, (1_600_000_000, 1_600_000_000))

    def story(framework: Framework) -> t.Any:
        app = framework.Flask("app", root_path=str(root), static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        seen: list[t.Any] = []

        @app.get("/")
        def view() -> t.Any:
            if by_name:
                return framework.send_from_directory(str(root), name, **options)
            return framework.send_file(name, **options)

        if hooked:

            @app.after_request
            def look(response: t.Any) -> t.Any:
                seen.append((response.status, list(response.headers), response.direct_passthrough))
                return response

        first = call(app, environ())
        known = dict(first.headers)
        filled = {
            key: value.format(tag=known.get("ETag"), modified=known.get("Last-Modified"))
            for key, value in headers.items()
        }
        return first, call(app, environ(method=method) | filled), seen

    told_alike(story)


@beside_flask
def test_an_age_is_asked_for_by_a_view(framework: Framework) -> t.Any:
    asked: list[t.Any] = []

    class Mine(framework.Flask):  # type: ignore[misc]
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            asked.append(filename)
            return 5

    app = Mine("app", static_folder=None)
    app.add_url_rule("/", view_func=lambda: framework.send_file(__file__))
    return [dict(call(app).headers)["Cache-Control"] for _ in range(2)], asked
