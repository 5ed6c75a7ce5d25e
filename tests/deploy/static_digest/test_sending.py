"""What an application does with a folder that has a manifest, by both protocols."""

from __future__ import annotations

import gzip
import json
import logging
import os
import typing as t
from pathlib import Path

import pytest

from erlen import Erlen, url_for
from erlen.deploy.static_digest.sending import CACHE_CONTROL
from erlen.testing import FlaskClient

from .folders import LONG, app_in, names, write

YEAR = "public, max-age=31536000, immutable"


@pytest.fixture(params=["wsgi", "asgi"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def version(static: Path) -> str:
    return names(static)["css/app.css"]


def client_of(root: Path, protocol: str, **config: t.Any) -> FlaskClient:
    return app_in(root, **config).test_client(protocol=protocol)


def get(client: FlaskClient, name: str, encoding: str | None = None, **options: t.Any) -> t.Any:
    headers = dict(options.pop("headers", {}))
    if encoding is not None:
        headers["Accept-Encoding"] = encoding
    return client.open(f"/static/{name}", headers=headers, buffered=True, **options)


def test_a_version_may_be_kept_for_good(tmp_path: Path, version: str, protocol: str) -> None:
    assert YEAR == CACHE_CONTROL
    response = get(client_of(tmp_path, protocol), version)
    assert response.status_code == 200
    assert response.text == LONG
    assert response.headers["Cache-Control"] == YEAR
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("accepted", "coding", "suffix"),
    [
        ("gzip", "gzip", ".gz"),
        ("br", "br", ".br"),
        ("zstd, gzip;q=0.5", "zstd", ".zst"),
        ("identity;q=0, gzip", "gzip", ".gz"),
        ("*;q=0, br", "br", ".br"),
        ("identity;q=1, *;q=0", None, ""),
        ("gzip;q=0", None, ""),
        ("identity;q=0", None, ""),
        ("gzip;q=much, deflate", None, ""),
        ("gzip," * 100_000, None, ""),
    ],
)
def test_the_right_copy_is_sent_as_what_it_is(
    tmp_path: Path, version: str, protocol: str, accepted: str, coding: str | None, suffix: str
) -> None:
    response = get(client_of(tmp_path, protocol), version, accepted)
    content = (tmp_path / "static" / (version + suffix)).read_bytes()
    assert (response.status_code, response.data) == (200, content)
    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == YEAR
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Content-Disposition"] == f"inline; filename={Path(version).name}"


def test_each_copy_has_its_own_tag(tmp_path: Path, version: str, protocol: str) -> None:
    client = client_of(tmp_path, protocol)
    tags = {get(client, version, coding).headers["ETag"] for coding in ("", "gzip", "br", "zstd")}
    assert len(tags) == 4
    assert not [tag for tag in tags if tag.startswith("W/")]


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_a_head_request_has_the_same_headers(
    tmp_path: Path, version: str, protocol: str, coding: str
) -> None:
    client = client_of(tmp_path, protocol)
    whole = get(client, version, coding)
    head = get(client, version, coding, method="HEAD")
    assert head.data == b""
    headers, of_head = (
        {
            key.lower(): value
            for key, value in answer.headers.items()
            if key.lower() not in ("date", "expires")
        }
        for answer in (whole, head)
    )
    assert of_head == headers


@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
def test_who_has_a_copy_is_told_so(tmp_path: Path, version: str, protocol: str, coding: str) -> None:
    client = client_of(tmp_path, protocol)
    tag = get(client, version, coding).headers["ETag"]
    response = get(client, version, coding, headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == tag
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Cache-Control"] == YEAR
    assert "Content-Encoding" not in response.headers


def test_who_has_another_copy_gets_this_one(tmp_path: Path, version: str, protocol: str) -> None:
    client = client_of(tmp_path, protocol)
    tag = get(client, version, "br").headers["ETag"]
    response = get(client, version, "gzip", headers={"If-None-Match": tag})
    assert (response.status_code, response.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(response.data) == LONG.encode()


def test_a_range_is_one_of_the_copy(tmp_path: Path, version: str, protocol: str) -> None:
    """RFC 9110, section 14.2: of what would have been sent without it, the coding included."""
    client = client_of(tmp_path, protocol)
    whole = get(client, version, "gzip")
    response = get(client, version, "gzip", headers={"Range": "bytes=3-9"})
    assert (response.status_code, response.data) == (206, whole.data[3:10])
    assert response.headers["Content-Range"] == f"bytes 3-9/{len(whole.data)}"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["ETag"] == whole.headers["ETag"]
    plain = get(client, version, headers={"Range": "bytes=3-9"})
    assert (plain.status_code, plain.text) == (206, LONG[3:10])
    assert "Content-Encoding" not in plain.headers


def test_parts_of_two_copies_are_never_put_together(tmp_path: Path, version: str, protocol: str) -> None:
    client = client_of(tmp_path, protocol)
    tag = get(client, version, "br").headers["ETag"]
    resumed = {"Range": "bytes=3-", "If-Range": tag}
    assert get(client, version, "br", headers=resumed).status_code == 206
    assert get(client, version, "gzip", headers=resumed).status_code == 200
    assert get(client, version, headers=resumed).status_code == 200


def test_a_range_beyond_the_end_is_refused(tmp_path: Path, version: str, protocol: str) -> None:
    size = (tmp_path / "static" / f"{version}.gz").stat().st_size
    headers = {"Range": f"bytes={size}-"}
    client = client_of(tmp_path, protocol)
    assert get(client, version, "gzip", headers=headers).status_code == 416
    assert get(client, version, headers=headers).status_code == 206


def test_an_image_has_no_copies_and_does_not_vary(tmp_path: Path, static: Path, protocol: str) -> None:
    response = get(client_of(tmp_path, protocol), names(static)["img/logo.png"], "gzip, br")
    assert response.headers["Cache-Control"] == YEAR
    assert response.headers["Content-Type"] == "image/png"
    assert {"Vary", "Content-Encoding"}.isdisjoint(response.headers)


def test_plain_names_are_sent_as_before(tmp_path: Path, version: str, protocol: str) -> None:
    response = get(client_of(tmp_path, protocol), "css/app.css", "gzip")
    assert response.text == LONG
    assert response.headers["Cache-Control"] == "no-cache"
    assert {"Vary", "Content-Encoding"}.isdisjoint(response.headers)


def test_a_type_that_nobody_knows_is_not_guessed_of_the_copy(
    tmp_path: Path, static: Path, protocol: str
) -> None:
    write(static, data_unknown=LONG)
    response = get(client_of(tmp_path, protocol), names(static)["data.unknown"], "gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Type"] == "application/octet-stream"


def test_a_file_that_was_compressed_before_keeps_its_coding(
    tmp_path: Path, static: Path, protocol: str
) -> None:
    write(static, data_json_gz=gzip.compress(b"{}"))
    response = get(client_of(tmp_path, protocol), names(static)["data.json.gz"], "br")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("broken", ["older", "missing", "a link", "a folder"])
def test_a_copy_that_is_not_the_files_is_not_sent(
    tmp_path: Path, version: str, protocol: str, broken: str
) -> None:
    client = client_of(tmp_path, protocol)
    assert get(client, version, "gzip").headers["Content-Encoding"] == "gzip"
    copy = tmp_path / "static" / f"{version}.gz"
    if broken == "older":
        os.utime(copy, times=(0, (tmp_path / "static" / version).stat().st_mtime - 3))
    else:
        copy.unlink()
    if broken == "a link":
        (tmp_path / "secret").write_text("secret")
        copy.symlink_to(tmp_path / "secret")
    if broken == "a folder":
        copy.mkdir()
    response = get(client, version, "gzip")
    assert (response.status_code, response.text) == (200, LONG)
    assert "Content-Encoding" not in response.headers
    assert get(client, version, "gzip, br").headers["Content-Encoding"] == "br"


def test_a_version_that_is_gone_is_answered_with_the_file_and_nobody_keeps_it(
    tmp_path: Path, version: str, protocol: str
) -> None:
    client = client_of(tmp_path, protocol, SEND_FILE_MAX_AGE_DEFAULT=3600)
    assert get(client, version).headers["Cache-Control"] == YEAR
    (tmp_path / "static" / version).unlink()
    response = get(client, version, "gzip")
    assert (response.status_code, response.text) == (200, LONG)
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Expires" not in response.headers
    (tmp_path / "static/css/app.css").unlink()
    assert get(client, version).status_code == 404


def test_versions_of_earlier_runs_may_be_kept_too(
    tmp_path: Path, static: Path, version: str, protocol: str
) -> None:
    (static / "css/app.css").write_text("new")
    assert names(static)["css/app.css"] != version
    response = get(client_of(tmp_path, protocol), version, "gzip")
    assert gzip.decompress(response.data) == LONG.encode()
    assert response.headers["Cache-Control"] == YEAR


def test_the_manifest_is_not_sent(tmp_path: Path, version: str, protocol: str) -> None:
    assert get(client_of(tmp_path, protocol), "static-digest.json").status_code == 404


@pytest.mark.parametrize(
    "name", ["../shop.py", "css/../../shop.py", "%2e%2e/shop.py", "css/..%2f..%2fshop.py"]
)
def test_nothing_outside_is_sent(tmp_path: Path, version: str, protocol: str, name: str) -> None:
    (tmp_path / "shop.py").write_text("secret")
    assert get(client_of(tmp_path, protocol), name, "gzip").status_code == 404


def test_a_blueprints_files_are_sent_the_same_way(tmp_path: Path, static: Path, protocol: str) -> None:
    write(tmp_path / "blog/static", post_css=LONG)
    version = names(tmp_path / "blog/static")["post.css"]
    response = client_of(tmp_path, protocol).get(
        f"/blog/static/{version}", headers={"Accept-Encoding": "br"}, buffered=True
    )
    assert (response.status_code, response.headers["Content-Encoding"]) == (200, "br")
    assert response.headers["Cache-Control"] == YEAR


def test_what_guards_static_files_guards_versions(tmp_path: Path, version: str, protocol: str) -> None:
    app = app_in(tmp_path)
    view = app.view_functions["static"]

    def guarded(**values: t.Any) -> t.Any:
        return ("", 403) if "secret" in values["filename"] else view(**values)

    def closed(**values: t.Any) -> t.Any:
        return "", 403

    app.view_functions["static"] = guarded
    client = app.test_client(protocol=protocol)
    assert get(client, version, "gzip").headers["Content-Encoding"] == "gzip"
    app.view_functions["static"] = closed
    assert get(client, version, "gzip").status_code == 403


def test_after_hooks_may_change_it(tmp_path: Path, version: str, protocol: str) -> None:
    app = app_in(tmp_path)

    @app.after_request
    def add(response: t.Any) -> t.Any:
        response.headers["Cache-Control"] += ", x"
        response.vary.add("Origin")
        return response

    response = get(app.test_client(protocol=protocol), version, "gzip")
    assert response.headers["Cache-Control"] == f"{YEAR}, x"
    assert response.headers["Vary"] == "Accept-Encoding, Origin"


def test_a_server_that_sends_files_by_itself_gets_the_copy(
    tmp_path: Path, version: str, protocol: str
) -> None:
    response = get(client_of(tmp_path, protocol, USE_X_SENDFILE=True), version, "br")
    assert response.headers["X-Sendfile"] == str(tmp_path / "static" / f"{version}.br")
    assert response.headers["Content-Encoding"] == "br"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


# what cannot be used: one warning, and the names stay


def urls(app: Erlen) -> list[str]:
    with app.test_request_context():
        return [url_for("static", filename=name) for name in ("css/app.css", "img/logo.png")] * 2


PLAIN = ["/static/css/app.css", "/static/img/logo.png"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        '{"format": 1, "names": {"css/app.css": 1}, "versions": {}}',
        '{"format": 1, "names": {"css/app.css": "../../etc/passwd"}, "versions": {}}',
        '{"format": 9}',
    ],
)
def test_a_broken_manifest_is_one_warning_and_the_names_stay(
    tmp_path: Path, static: Path, content: str, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    (static / "static-digest.json").write_text(content)
    app = app_in(tmp_path)
    assert urls(app) == PLAIN * 2
    assert get(app.test_client(protocol=protocol), "css/app.css").status_code == 200
    assert get(app.test_client(protocol=protocol), "css/app.css").status_code == 200
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "keep their names: static-digest.json" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_one_that_is_cut_off_is_broken(
    tmp_path: Path, static: Path, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = static / "static-digest.json"
    path.write_bytes(path.read_bytes()[:-30])
    assert urls(app_in(tmp_path)) == PLAIN * 2
    assert len(caplog.records) == 1


@pytest.mark.parametrize("broken", ["missing", "changed", "link"])
def test_a_version_that_cannot_be_used_leaves_its_file_the_name(
    tmp_path: Path, static: Path, version: str, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    if broken == "changed":
        (static / "css/app.css").write_text(LONG.replace("black", "white"))
        os.utime(static / "css/app.css", times=(0, (static / version).stat().st_mtime + 1))
    else:
        (static / version).unlink()
    if broken == "link":
        (static / version).symlink_to("/etc/passwd")
    first, second, *_ = urls(app_in(tmp_path))
    assert first == PLAIN[0]
    assert second == f"/static/{names_of(static)['img/logo.png']}"
    (record,) = caplog.records
    assert record.getMessage() == (
        f"1 of the static files in {str(static)!r} keep their names, 'css/app.css' for one, because their"
        " versions are missing or not of what they are now: run 'erlen static digest'."
    )


def test_times_that_were_not_kept_do_no_harm(
    tmp_path: Path, static: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(static, a_css="url(img/logo.png)\n" * 100)
    found = names(static)
    for number, name in enumerate((*found.values(), *found)):
        os.utime(static / name, times=(0, 1_000_000_000 + number))
    assert urls(app_in(tmp_path))[:2] == [
        f"/static/{found[name]}" for name in ("css/app.css", "img/logo.png")
    ]
    with app_in(tmp_path).test_request_context():
        assert url_for("static", filename="a.css") == f"/static/{found['a.css']}"
    assert caplog.records == []


def names_of(static: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((static / "static-digest.json").read_text())["names"]
    return found


def test_an_original_need_not_be_brought_along(tmp_path: Path, static: Path, version: str) -> None:
    (static / "css/app.css").unlink()
    assert urls(app_in(tmp_path))[0] == f"/static/{version}"


def test_a_folder_behind_a_link_that_leads_out_has_no_versions(
    tmp_path: Path, static: Path, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    (static / "css").rename(tmp_path / "css")
    (static / "css").symlink_to(tmp_path / "css")
    assert urls(app_in(tmp_path))[0] == PLAIN[0]
    assert len(caplog.records) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_manifest_without_permission_is_one_warning(
    tmp_path: Path, static: Path, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    (static / "static-digest.json").chmod(0)
    assert urls(app_in(tmp_path)) == PLAIN * 2
    assert len(caplog.records) == 1
