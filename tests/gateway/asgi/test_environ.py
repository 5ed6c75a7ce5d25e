"""Environs of scopes: what hostile header fields, paths and scopes become."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Erlen, request
from erlen.gateway.asgi import environ as environs
from erlen.gateway.asgi.environ import MalformedScope, make_environ
from tests.gateway.asgi.driver import CONNECT, Server, ask, body, http, run, websocket


def with_headers(*pairs: tuple[bytes, bytes]) -> dict[str, t.Any]:
    return http(headers=list(pairs))


# header fields


def test_a_name_with_an_underscore_does_not_pass_for_its_hyphenated_twin() -> None:
    environ = make_environ(with_headers((b"x_user", b"admin"), (b"x-user", b"guest"), (b"x_user", b"admin")))

    assert environ["HTTP_X_USER"] == "guest"
    assert "HTTP_X_OTHER" not in make_environ(with_headers((b"x_other", b"1")))


@pytest.mark.parametrize("name", [b"content_length", b"content_type", b"transfer_encoding"])
def test_an_underscore_spoofs_no_field_of_its_own_name_either(name: bytes) -> None:
    environ = make_environ(with_headers((name, b"12")))

    assert not {"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_TRANSFER_ENCODING"} & environ.keys()


@pytest.mark.parametrize("name", [b"proxy", b"Proxy", b"PROXY"])
def test_the_field_proxy_is_not_passed_on(name: bytes) -> None:
    assert "HTTP_PROXY" not in make_environ(with_headers((name, b"http://evil")))


@pytest.mark.parametrize("name", [b"x-pa\xdfword", b"x-\xff", b"x-\xb5", b""])
def test_a_name_that_is_no_ascii_or_empty_is_dropped(name: bytes) -> None:
    """In Unicode a sharp s becomes SS in upper case: the name of another field."""
    plain = make_environ(with_headers())

    assert make_environ(with_headers((name, b"1"))).keys() == plain.keys()


def test_bytes_of_a_value_are_kept_in_the_disguise_of_latin_1() -> None:
    environ = make_environ(with_headers((b"x-name", "é\x80€".encode()), (b"x-raw", bytes(range(128, 256)))))

    assert environ["HTTP_X_NAME"].encode("latin1").decode() == "é\x80€"
    assert environ["HTTP_X_RAW"].encode("latin1") == bytes(range(128, 256))


def test_fields_of_one_name_are_joined_as_http_allows() -> None:
    environ = make_environ(
        with_headers((b"accept", b"a"), (b"cookie", b"x=1"), (b"accept", b"b"), (b"cookie", b"y=2"))
    )

    assert (environ["HTTP_ACCEPT"], environ["HTTP_COOKIE"]) == ("a, b", "x=1; y=2")


@pytest.mark.parametrize("name", [b"content-length", b"host", b"content-type"])
def test_two_different_fields_where_only_one_can_be_true_are_malformed(name: bytes) -> None:
    with pytest.raises(MalformedScope, match="two different"):
        make_environ(with_headers((name, b"1"), (name, b"2")))
    with pytest.raises(MalformedScope, match="two different"):
        environs.joined([(name, b"1"), (name, b"2")])


@pytest.mark.parametrize("name", [b"content-length", b"host", b"content-type"])
def test_two_that_agree_are_one(name: bytes) -> None:
    key = {b"content-length": "CONTENT_LENGTH", b"host": "HTTP_HOST", b"content-type": "CONTENT_TYPE"}[name]

    assert make_environ(with_headers((name, b"1"), (name, b"1")))[key] == "1"
    assert environs.joined([(name, b"1"), (name, b"1")]) == {name: b"1"}


@pytest.mark.parametrize("value", [b"", b"-1", b"+1", b"1 ", b"0x1", b"1,1", "１".encode(), b"\xb2", b"1_0"])
def test_a_content_length_that_is_no_number_is_malformed(value: bytes) -> None:
    with pytest.raises(MalformedScope, match="no number"):
        make_environ(with_headers((b"content-length", value)))


def test_the_names_that_are_remembered_are_bounded() -> None:
    for number in range(2_000):
        make_environ(with_headers((b"x-%d" % number, b"1")))

    assert len(environs._names) <= 512
    assert make_environ(with_headers((b"x-1999", b"1")))["HTTP_X_1999"] == "1"


# where it goes


@pytest.mark.parametrize(
    ("path", "raw_path", "expected"),
    [
        ("/a", b"/a", "/a"),
        ("/a/b", b"/a%2Fb", "/a/b"),
        ("/é", b"/%C3%A9", "/\xc3\xa9"),
        ("/é", None, "/\xc3\xa9"),
        # What is no UTF-8 only raw_path has.
        ("/\ufffd", b"/%FF", "/\xff"),
        # Middleware changed the one and not the other.
        ("/ü", b"/%C3%A9", "/\xc3\xbc"),
        ("/é", b"/%zz%", "/\xc3\xa9"),
        ("/é", b"/%C3%A9?x=%C3", "/\xc3\xa9"),
        ("/\udcff", None, "/\xff"),
    ],
)
def test_a_path_is_written_as_wsgi_writes_it(path: str, raw_path: bytes | None, expected: str) -> None:
    environ = make_environ(http(path=path, raw_path=raw_path))

    assert environ["PATH_INFO"] == expected


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("", "/a", ("", "/a")),
        ("/app", "/app/a", ("/app", "/a")),
        ("/app/", "/app/a", ("/app", "/a")),
        ("/app", "/app", ("/app", "")),
        # Servers of the earlier wording leave it out; and a name that only begins alike is another one.
        ("/app", "/a", ("/app", "/a")),
        ("/app", "/apple", ("/app", "/apple")),
        ("/ä", "/ä/a", ("/\xc3\xa4", "/a")),
        ("/ä", "/a", ("/\xc3\xa4", "/a")),
    ],
)
def test_the_root_is_taken_off_only_where_it_is_before_the_path(
    root: str, path: str, expected: tuple[str, str]
) -> None:
    environ = make_environ(http(root_path=root, path=path, raw_path=None))

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == expected


def test_the_target_as_it_came_is_kept_with_its_query() -> None:
    environ = make_environ(http("/a b?x=%C3%A9", raw_path=b"/a%20b"))

    assert environ["REQUEST_URI"] == environ["RAW_URI"] == "/a%20b?x=%C3%A9"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"server": None}, ("localhost", "80")),
        ({"server": None, "scheme": "https"}, ("localhost", "443")),
        ({"server": ()}, ("localhost", "80")),
        ({"server": ("", 0)}, ("localhost", "80")),
        # Unix sockets, as uvicorn, granian and gunicorn describe them: absolute, relative and abstract.
        ({"server": ("/run/app.sock", None)}, ("localhost", "80")),
        ({"server": ("app.sock", None), "scheme": "https"}, ("localhost", "443")),
        ({"server": ("/run/app.sock", "0")}, ("localhost", "80")),
        ({"server": ("/", "r")}, ("localhost", "80")),
        ({"server": ("/", "1")}, ("localhost", "80")),
        ({"server": ("a", "p"), "scheme": "https"}, ("localhost", "443")),
        ({"server": (0, 97)}, ("localhost", "80")),
        ({"server": ("::1", 8000)}, ("::1", "8000")),
        ({"server": ("127.0.0.1", "8000")}, ("127.0.0.1", "8000")),  # granian writes numbers as text
    ],
)
def test_a_server_that_has_no_address_still_gives_pep_3333_what_it_asks_for(
    given: dict[str, t.Any], expected: tuple[str, str]
) -> None:
    environ = make_environ(http(**given))

    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == expected


@pytest.mark.parametrize("server", [("/run/app.sock", None), ("/run/app.sock", "0"), ("/", "r")])
def test_a_request_without_host_to_a_unix_socket_is_one_to_localhost(server: t.Any) -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: request.url)

    assert ask(app, http(headers=[], server=server)).text == "http://localhost/"


@pytest.mark.parametrize(
    ("client", "address", "port"),
    [
        (None, None, None),
        ((), None, None),
        (("", 0), None, None),
        (("/", "r"), None, None),
        ((0, 97), None, None),
        (("unix:", None), "unix:", None),
        # What middleware puts there that has read it in a header, where no port is told.
        (("10.0.0.1", 0), "10.0.0.1", "0"),
        (("10.0.0.1", 50_000), "10.0.0.1", "50000"),
        (("10.0.0.1", "50000"), "10.0.0.1", "50000"),
    ],
)
def test_a_client_may_have_no_address(client: t.Any, address: str | None, port: str | None) -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: f"{request.remote_addr} {request.environ.get('REMOTE_PORT')}")

    assert ask(app, http(client=client)).text == f"{address} {port}"


# malformed scopes: 400, and nothing of the application runs

OPTIONAL = ("scheme", "raw_path", "query_string", "root_path", "headers", "client", "server", "extensions")


@pytest.mark.parametrize("coroutine", [True, False])
@pytest.mark.parametrize("key", OPTIONAL)
def test_a_scope_may_leave_out_what_asgi_lets_it_leave_out(key: str, coroutine: bool) -> None:
    scope = http()
    del scope[key]

    assert ask(greeting(coroutine), scope).text == "hello"


@pytest.mark.parametrize("coroutine", [True, False])
@pytest.mark.parametrize("key", ["path", "method"])
def test_a_scope_without_what_it_must_have_is_answered_with_400(key: str, coroutine: bool) -> None:
    scope = http()
    del scope[key]

    assert ask(greeting(coroutine), scope).status == 400


WRONG: list[dict[str, t.Any]] = [
    {"path": b"/"},
    {"path": None},
    {"path": "/\ud800"},
    {"method": None},
    {"method": b"GET"},
    {"method": ""},
    {"query_string": "x=1"},
    {"root_path": b"/x"},
    {"root_path": "/\ud800"},
    {"raw_path": "/"},
    {"headers": None},
    {"headers": [("host", "localhost")]},
    {"headers": [(b"host",)]},
    {"headers": [b"host: localhost"]},
    {"headers": [(b"host", None)]},
    {"client": "127.0.0.1"},
    {"client": ("127.0.0.1",)},
    {"server": ("localhost",)},
    {"extensions": ["tls"]},
    {"headers": [(b"host", b"a"), (b"host", b"b")]},
    {"headers": [(b"content-length", b"1"), (b"content-length", b"2")]},
    {"headers": [(b"content-length", b"x")]},
    {"headers": [(b"content-length", b"9" * 5_000)]},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("way", ["coroutine", "plain", "hooked", "wrapped"])
def test_a_malformed_scope_is_answered_with_400_or_as_if_that_were_not_there(
    wrong: dict[str, t.Any], way: str
) -> None:
    """What nobody looks at may be wrong; nothing is raised at the server."""
    app = greeting(way == "coroutine" or way == "hooked")
    if way == "hooked":
        app.before_request(lambda: [request.environ][1:] or None)
    if way == "wrapped":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    answer = ask(app, http() | wrong)

    assert answer.complete
    assert answer.status in ({400} if way == "wrapped" else {200, 400, 404})


@pytest.mark.parametrize("wrong", WRONG[:-1], ids=str)
def test_an_environ_of_a_malformed_scope_is_malformed_and_nothing_else(wrong: dict[str, t.Any]) -> None:
    with pytest.raises(MalformedScope):
        make_environ(http() | wrong)


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if "method" not in wrong][:-1], ids=str)
def test_a_malformed_scope_of_a_websocket_is_closed(wrong: dict[str, t.Any]) -> None:
    app = Erlen("app")

    @app.websocket("/")
    async def view() -> None: ...

    async def main() -> list[t.Any]:
        server = Server(websocket() | wrong, CONNECT)
        await server.start(app)
        return server.sent

    sent = run(main())

    assert sent == [{"type": "websocket.close", "code": 1002}]


def test_a_scope_of_an_unknown_type_is_the_servers_error() -> None:
    with pytest.raises(ValueError, match="not 'mqtt'"):
        ask(Erlen("app"), {"type": "mqtt"})


@pytest.mark.parametrize("path", ["hello", "", "*", "//", "/\x00", "/..", "/%", "http://x/", "/a\r\nb", "?"])
def test_whatever_path_comes_is_answered(path: str) -> None:
    app = greeting(coroutine=True)
    app.before_request(lambda: [request.url][1:] or None)

    answer = ask(app, http(path=path, raw_path=path.encode()))

    assert answer.complete
    assert answer.status in (200, 308, 404)


def greeting(coroutine: bool) -> Erlen:
    app = Erlen("app")

    async def view() -> str:
        return "hello"

    app.add_url_rule("/", "view", view if coroutine else lambda: "hello")
    return app


def test_lengths_of_the_body_are_told_as_they_were_read() -> None:
    app = Erlen("app")

    @app.post("/")
    def view() -> dict[str, t.Any]:
        return {"length": request.content_length, "data": request.get_data(as_text=True)}

    chunked = http("/", "POST", ("Transfer-Encoding", "chunked"))

    assert ask(app, chunked, *body(b"ab", b"c")).text == '{"data":"abc","length":3}\n'
