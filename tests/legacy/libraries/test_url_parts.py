"""A URL in parts; compared with Werkzeug 1.0.1 in `tests/contract`."""

from __future__ import annotations

import pytest

from erlen.legacy.libraries.url_parts import URL, BytesURL, split, unsplit

FULL = "http://user:p%40ss@example.com:8080/a?b=c#d"


def test_the_parts_of_a_text() -> None:
    url = URL(*split(FULL))
    assert (url.host, url.port, url.auth) == ("example.com", 8080, "user:p%40ss")
    assert (url.username, url.password, url.raw_password) == ("user", "p@ss", "p%40ss")
    assert url.encode_netloc() == "user:p%40ss@example.com:8080"
    assert str(url) == url.to_url() == FULL
    assert url.decode_query().to_dict() == {"b": "c"}
    assert url.replace(path="/x", query="").to_url() == "http://user:p%40ss@example.com:8080/x#d"
    assert url.join("../y?z").to_url() == "http://user:p%40ss@example.com:8080/y?z"


def test_the_parts_of_bytes() -> None:
    url = BytesURL(*split(b"http://\xe4:80/\xff?q"))
    assert (url.host, url.port, url.path, url.auth) == (b"\xe4", 80, b"/\xff", None)
    assert bytes(url) == b"http://\xe4:80/\xff?q"
    assert str(url) == "http://\ufffd:80/\ufffd?q"


@pytest.mark.parametrize(
    ("netloc", "host", "port", "encoded"),
    [
        ("", None, None, ""),
        ("host", "host", None, "host"),
        ("host:", "host", None, "host"),
        ("host:x", "host", None, "host"),
        ("host:99999", "host", None, "host"),
        ("[::1]:5000", "::1", 5000, "[::1]:5000"),
        ("[::1]", "::1", None, "[::1]"),
        ("bücher.example", "bücher.example", None, "xn--bcher-kva.example"),
    ],
)
def test_a_host_has_a_name_and_a_port(netloc: str, host: str | None, port: int | None, encoded: str) -> None:
    url = URL("http", netloc, "", "", "")
    assert (url.host, url.port, url.encode_netloc()) == (host, port, encoded)


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        (("http", "a", "b", "c", "d"), "http://a/b?c#d"),
        (("", "a", "", "", ""), "//a"),
        (("mailto", "", "x", "", ""), "mailto:x"),
        (("file", "", "/x", "", ""), "file:///x"),
        ((b"", b"", b"/x", b"y", b""), b"/x?y"),
    ],
)
def test_parts_make_a_url(parts: tuple[str, ...], url: str) -> None:
    assert unsplit(parts) == url
