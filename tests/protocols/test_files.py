"""Files: whole, in parts, conditional, static."""

from __future__ import annotations

import io
import typing as t
from pathlib import Path

import pytest

from tests.protocols.web import Answer, Colour, Headers, Web

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "data.bin").write_bytes(CONTENT)
    (tmp_path / "static" / "ü.txt").write_text("text", encoding="utf-8")
    (tmp_path / "static" / "empty.css").write_text("")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def serving(web: Web, folder: Path, colour: Colour) -> t.Any:
    """Make an application that sends a file in several ways."""
    app = web.Flask("app", root_path=str(folder))
    path = folder / "static" / "data.bin"
    views: dict[str, t.Callable[[], t.Any]] = {
        "/path": lambda: web.send_file(path),
        "/string": lambda: web.send_file("static/data.bin"),
        "/io": lambda: web.send_file(io.BytesIO(CONTENT), mimetype="application/x-io"),
        "/open": lambda: web.send_file(path.open("rb"), download_name="open.bin", etag="own"),
        "/attached": lambda: web.send_file(path, as_attachment=True, download_name="dätä.bin", max_age=60),
    }
    for rule, view in views.items():
        app.add_url_rule(rule, rule.strip("/"), colour(view))
    app.add_url_rule(
        "/from/<path:name>", "from", colour(lambda name: web.send_from_directory(folder / "static", name))
    )
    return app


@pytest.mark.parametrize("path", ["/path", "/string", "/io", "/open", "/static/data.bin", "/from/data.bin"])
def test_files_are_sent_whole(web: Web, colour: Colour, folder: Path, path: str) -> None:
    answer = web.wire(serving(web, folder, colour), path)

    assert (answer.status, answer.body) == (200, CONTENT)
    if path not in ("/io", "/open"):
        assert answer.values("Content-Length") == [str(len(CONTENT))]
        assert len(answer.values("ETag")) == len(answer.values("Last-Modified")) == 1


@pytest.mark.parametrize("path", ["/path", "/static/data.bin", "/from/data.bin"])
@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, CONTENT[:10]),
        ("bytes=100-", 206, CONTENT[100:]),
        ("bytes=-5", 206, CONTENT[-5:]),
        ("bytes=99999-", 416, None),
        ("lines=1-2", 416, None),
    ],
)
def test_parts_of_files_are_sent(
    web: Web, folder: Path, path: str, asked: str, status: int, part: bytes | None
) -> None:
    answer = web.wire(serving(web, folder, Colour("def")), path, headers=[("Range", asked)])

    assert answer.status == status
    if part is not None:
        assert answer.body == part
        assert answer.values("Content-Length") == [str(len(part))]
    if status == 206:
        start = CONTENT.rindex(part) if asked == "bytes=-5" else int(asked.strip("bytes=").split("-")[0])
        end = start + len(part or b"") - 1
        assert answer.values("Content-Range") == [f"bytes {start}-{end}/{len(CONTENT)}"]


@pytest.mark.parametrize("path", ["/path", "/static/data.bin", "/from/data.bin"])
def test_files_that_did_not_change_are_not_sent_again(
    web: Web, colour: Colour, folder: Path, path: str
) -> None:
    app = serving(web, folder, colour)
    first = web.wire(app, path)
    (etag,), (date,) = first.values("ETag"), first.values("Last-Modified")

    def ask(*headers: tuple[str, str]) -> Answer:
        return web.wire(app, path, headers=list(headers))

    for fields in ([("If-None-Match", etag)], [("If-Modified-Since", date)]):
        again = ask(*fields)
        assert (again.status, again.body) == (304, b"")
        assert again.values("ETag") == [etag]
    assert ask(("If-None-Match", '"other"')).body == CONTENT
    assert ask(("Range", "bytes=0-1"), ("If-Range", etag)).status == 206
    assert ask(("Range", "bytes=0-1"), ("If-Range", '"other"')).status == 200


@pytest.mark.parametrize("path", ["/path", "/io", "/static/data.bin"])
def test_head_of_a_file_tells_its_length(web: Web, colour: Colour, folder: Path, path: str) -> None:
    answer = web.wire(serving(web, folder, colour), path, "HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.values("Content-Length") == [str(len(CONTENT))]


def test_downloads_are_named(web: Web, colour: Colour, folder: Path) -> None:
    answer = web.wire(serving(web, folder, colour), "/attached")

    assert answer.values("Content-Disposition") == [
        "attachment; filename=data.bin; filename*=UTF-8''d%C3%A4t%C3%A4.bin"
    ]
    assert answer.values("Cache-Control") == ["public, max-age=60"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/static/%C3%BC.txt", 200),
        ("/static/empty.css", 200),
        ("/static/none", 404),
        ("/static/", 404),
        ("/static/../secret.txt", 404),
        ("/static/%2e%2e/secret.txt", 404),
        ("/from/..%2Fsecret.txt", 404),
        ("/from/%00", 404),
    ],
)
def test_folders_give_what_is_in_them_and_nothing_else(
    web: Web, colour: Colour, folder: Path, target: str, status: int
) -> None:
    answer = web.wire(serving(web, folder, colour), target)

    assert answer.status == status
    assert b"secret" not in answer.body


def test_blueprints_serve_files_of_their_own(web: Web, folder: Path) -> None:
    app = web.Flask("app", static_folder=None)
    shop = web.Blueprint(
        "shop",
        "app",
        root_path=str(folder),
        static_folder="static",
        static_url_path="/files",
        url_prefix="/shop",
    )
    app.register_blueprint(shop)
    with app.test_request_context():
        address = web.url_for("shop.static", filename="ü.txt")

    assert address == "/shop/files/%C3%BC.txt"
    assert web.wire(app, address).body == b"text"


def test_the_age_of_static_files_is_the_configurations(web: Web, folder: Path) -> None:
    app = serving(web, folder, Colour("def"))
    assert web.wire(app, "/static/data.bin").values("Cache-Control") == ["no-cache"]
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600

    assert web.wire(app, "/static/data.bin").values("Cache-Control") == ["public, max-age=3600"]


def test_hooks_run_around_files_and_may_change_them(
    web: Web, colour: Colour, hooks: Colour, folder: Path
) -> None:
    app, log = serving(web, folder, colour), []
    app.before_request(hooks(lambda: log.append("before")))
    app.teardown_request(hooks(lambda error: log.append("teardown")))

    @app.after_request
    @hooks
    def after(response: t.Any) -> t.Any:
        log.append("after")
        response.headers["X-After"] = "yes"
        if web.request.args:
            response.direct_passthrough = False
            response.data = response.data[:4]
        return response

    whole, changed = web.wire(app, "/path"), web.wire(app, "/path?short")

    assert (whole.body, whole.values("X-After")) == (CONTENT, ["yes"])
    assert (changed.body, changed.values("Content-Length")) == (CONTENT[:4], ["4"])
    assert log == ["before", "after", "teardown"] * 2


def test_a_server_may_be_told_to_send_the_file(web: Web, colour: Colour, folder: Path) -> None:
    app = serving(web, folder, colour)
    app.config["USE_X_SENDFILE"] = True

    answer = web.wire(app, "/path")

    assert answer.values("X-Sendfile") == [str(folder / "static" / "data.bin")]
    assert answer.body == b""


def test_files_are_closed(web: Web, colour: Colour, folder: Path) -> None:
    app, opened = web.Flask("app"), []

    def view() -> t.Any:
        opened.append((folder / "static" / "data.bin").open("rb"))
        return web.send_file(opened[-1], download_name="data.bin")

    app.add_url_rule("/", "view", colour(view))
    requests: list[tuple[str, Headers]] = [("GET", []), ("HEAD", []), ("GET", [("Range", "bytes=0-1")])]

    for method, headers in requests:
        web.wire(app, "/", method, headers)

    assert [file.closed for file in opened] == [True, True, True]
