"""What a view reads of a request besides its body."""

from __future__ import annotations

import typing as t

import pytest

from tests.protocols.web import Colour, Headers, Web


def reading(web: Web, read: t.Callable[[t.Any], t.Any], colour: Colour | None = None) -> t.Any:
    """Make an application whose only view answers with what it reads of the request."""
    app = web.Flask("app")

    def view(**values: t.Any) -> t.Any:
        return {"read": read(web.request)}

    app.add_url_rule("/", "view", colour(view) if colour else view, methods=["GET", "POST"])
    return app


def read(web: Web, app: t.Any, target: str = "/", headers: Headers | None = None) -> t.Any:
    answer = web.wire(app, target, headers=headers)
    assert answer.status == 200, answer.body
    return app.json.loads(answer.body)["read"]


# query


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("a=1&b=2&a=3", [["a", ["1", "3"]], ["b", ["2"]]]),
        ("name=J%C3%BCrg+M&x=%26%3D", [["name", ["Jürg M"]], ["x", ["&="]]]),
        ("empty=&flag", [["empty", [""]], ["flag", [""]]]),
        ("broken=%ff", [["broken", ["%FF"]]]),
        ("a;b=1", [["a;b", ["1"]]]),
        ("", []),
    ],
)
def test_query_arguments_keep_their_repetitions_and_order(
    web: Web, colour: Colour, query: str, pairs: t.Any
) -> None:
    app = reading(web, lambda request: [list(pair) for pair in request.args.lists()], colour)

    assert read(web, app, f"/?{query}") == pairs


@pytest.mark.parametrize("query", ["a=1", "", "a=%C3%A9"])
def test_query_arguments_are_the_same_object_before_and_after_the_rest_of_the_request_is_read(
    web: Web, colour: Colour, query: str
) -> None:
    def look(request: t.Any) -> list[bool]:
        first = request.args
        request.environ["QUERY_STRING"] = "changed=1"
        whole = request._get_current_object()
        return [request.args is first, whole.args is first, "changed" in whole.args]

    app = reading(web, look, colour)
    for _ in range(2):  # the first request fills the plan
        assert read(web, app, f"/?{query}") == [True, True, False]


def test_query_arguments_that_are_assigned_are_those_that_are_read(web: Web, colour: Colour) -> None:
    def assign(request: t.Any) -> list[str]:
        found = request.args["a"]
        request.args = {"a": "assigned"}
        return [found, request.args["a"], request._get_current_object().args["a"]]

    app = reading(web, assign, colour)
    for _ in range(2):
        assert read(web, app, "/?a=1") == ["1", "assigned", "assigned"]


def test_query_arguments_are_converted_or_defaulted(web: Web, colour: Colour) -> None:
    app = reading(
        web,
        lambda request: [
            request.args.get("n", 5, type=int),
            request.args.get("bad", 5, type=int),
            request.args.get("none"),
            request.args.getlist("n", type=int),
            request.query_string.decode(),
        ],
        colour,
    )

    assert read(web, app, "/?n=1&n=2&bad=x") == [1, 5, None, [1, 2], "n=1&n=2&bad=x"]


def test_a_missing_key_is_a_bad_request(web: Web, colour: Colour) -> None:
    app = reading(web, lambda request: request.args["missing"], colour)

    assert web.client(app).get("/").status_code == 400


def test_a_query_without_values_leaves_the_path_alone(web: Web) -> None:
    app = reading(web, lambda request: [request.path, request.full_path, request.url, request.base_url])

    assert read(web, app, "/?x=%2F") == ["/", "/?x=%2F", "http://localhost/?x=/", "http://localhost/"]
    assert read(web, app, "/") == ["/", "/?", "http://localhost/", "http://localhost/"]


# headers


def test_headers_are_found_by_any_case(web: Web, colour: Colour) -> None:
    app = reading(
        web,
        lambda r: [r.headers["x-one"], r.headers.get("X-ONE"), "X-One" in r.headers, "No" in r.headers],
        colour,
    )

    assert read(web, app, headers=[("X-One", "1")]) == ["1", "1", True, False]


def test_repeated_headers_are_joined(web: Web) -> None:
    app = reading(web, lambda request: [part.strip() for part in request.headers["X-Many"].split(",")])

    assert read(web, app, headers=[("X-Many", "a"), ("Other", "-"), ("X-Many", "b, c")]) == ["a", "b", "c"]


def test_repeated_cookie_headers_are_one(web: Web, colour: Colour) -> None:
    app = reading(web, lambda request: sorted(request.cookies.items()), colour)

    told = read(web, app, headers=[("Cookie", "a=1; b=2"), ("Cookie", 'c="x y"; d=')])

    assert told == [["a", "1"], ["b", "2"], ["c", "x y"], ["d", ""]]


def test_headers_with_underscores_cannot_pass_for_others_on_asgi(web: Web) -> None:
    app = reading(web, lambda request: request.headers.get("X-Real-User"))
    spoofed = [("X_Real_User", "root")]

    # What a WSGI server made of the name can't be told any more: that is the server's to drop.
    assert read(web, app, headers=spoofed) == (None if web.protocol == "asgi" else "root")
    if web.protocol == "asgi":
        assert read(web, app, headers=[("X-Real-User", "amy"), *spoofed]) == "amy"


def test_a_proxy_header_never_becomes_a_setting_on_asgi(web: Web) -> None:
    """CVE-2016-5385: HTTP_PROXY in an environ, as a setting, is the client's word."""
    app = reading(web, lambda request: request.environ.get("HTTP_PROXY"))
    told = read(web, app, headers=[("Proxy", "http://evil.test")])

    assert told == (None if web.protocol == "asgi" else "http://evil.test")


def test_headers_that_have_a_meaning_are_read(web: Web, colour: Colour) -> None:
    def told(request: t.Any) -> t.Any:
        return {
            "auth": [request.authorization.username, request.authorization.password],
            "language": request.accept_languages.best_match(["de", "en"]),
            "type": request.accept_mimetypes.best_match(["text/html", "application/json"]),
            "agent": request.user_agent.string,
            "match": request.if_none_match.as_set(),
            "since": request.if_modified_since.isoformat(),
            "range": request.range.ranges,
            "referrer": request.referrer,
            "cache": request.cache_control.no_cache is not None,
            "origin": request.origin,
        }

    app = reading(
        web, lambda r: {k: sorted(v) if isinstance(v, set) else v for k, v in told(r).items()}, colour
    )
    headers = [
        ("Authorization", "Basic YW15OnNlY3JldA=="),
        ("Accept-Language", "en;q=0.5, de"),
        ("Accept", "application/json"),
        ("User-Agent", "curl/8"),
        ("If-None-Match", '"a", "b"'),
        ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("Range", "bytes=0-9"),
        ("Referer", "http://example.org/"),
        ("Cache-Control", "no-cache"),
        ("Origin", "http://example.org"),
    ]

    assert read(web, app, headers=headers) == {
        "auth": ["amy", "secret"],
        "language": "de",
        "type": "application/json",
        "agent": "curl/8",
        "match": ["a", "b"],
        "since": "1994-11-06T08:49:37+00:00",
        "range": [[0, 10]],
        "referrer": "http://example.org/",
        "cache": True,
        "origin": "http://example.org",
    }


def test_latin_headers_arrive_as_their_bytes_say(web: Web) -> None:
    app = reading(web, lambda request: request.headers["X-Name"])

    assert read(web, app, headers=[("X-Name", "J\xfcrg")]) == "Jürg"


# connection


def test_a_request_knows_its_connection(web: Web, colour: Colour) -> None:
    app = reading(
        web,
        lambda r: [r.scheme, r.host, r.remote_addr, r.is_secure, r.method, r.host_url, r.server[0]],
        colour,
    )

    told = read(web, app)

    assert told == ["http", "localhost", "192.0.2.7", False, "GET", "http://localhost/", "localhost"]


def test_the_client_may_speak_https_to_any_host(web: Web) -> None:
    app = reading(web, lambda request: [request.url, request.is_secure, web.url_for("view", _external=True)])

    told = web.client(app).get("/?a", base_url="https://example.org:8443").json["read"]

    assert told == ["https://example.org:8443/?a", True, "https://example.org:8443/"]


def test_the_client_comes_from_this_machine(web: Web) -> None:
    app = reading(web, lambda request: [request.remote_addr, request.user_agent.string.partition("/")[0]])

    assert web.client(app).get("/").json["read"] == ["127.0.0.1", "Werkzeug"]


@pytest.mark.parametrize("host", ["evil.test", "example.org.evil.test", "bad host"])
def test_hosts_that_are_not_trusted_are_bad_requests(web: Web, host: str) -> None:
    app = reading(web, lambda request: request.host)
    app.config["TRUSTED_HOSTS"] = ["example.org", ".example.net"]
    client = web.client(app)

    assert client.get("/", headers={"Host": "example.org"}).json["read"] == "example.org"
    assert client.get("/", headers={"Host": "a.example.net"}).json["read"] == "a.example.net"
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_the_environ_is_complete(web: Web, colour: Colour) -> None:
    keys = (
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT"),
        *("SERVER_PROTOCOL", "REMOTE_ADDR", "HTTP_HOST", "HTTP_X_ONE", "wsgi.url_scheme", "wsgi.version"),
    )
    app = reading(web, lambda request: [request.environ[key] for key in keys], colour)

    assert read(web, app, "/?q=%20", headers=[("X-One", "1")]) == [
        *("GET", "", "/", "q=%20", "localhost", "80"),
        *("HTTP/1.1", "192.0.2.7", "localhost", "1", "http", [1, 0]),
    ]


def test_a_request_class_of_the_application_is_used(web: Web, colour: Colour) -> None:
    class Request(web.Request):  # type: ignore[name-defined,misc]
        @property
        def tenant(self) -> str:
            return self.headers.get("X-Tenant", "none")

    app = reading(web, lambda request: [request.tenant, type(request._get_current_object()).__name__], colour)
    app.request_class = Request

    assert read(web, app, headers=[("X-Tenant", "acme")]) == ["acme", "Request"]


def test_what_the_request_is_given_stays_on_it(web: Web, colour: Colour, hooks: Colour) -> None:
    app = reading(web, lambda request: [request.user, request.environ["own.key"]], colour)

    @app.before_request
    @hooks
    def before() -> None:
        request = web.request._get_current_object()
        request.user = "amy"
        web.request.environ["own.key"] = "kept"

    assert read(web, app) == ["amy", "kept"]
