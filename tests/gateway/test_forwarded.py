"""What proxies are believed to say, by both protocols; Hypothesis writes the headers."""

from __future__ import annotations

import io
import ipaddress
import json
import typing as t

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app

from erlen import Erlen, request, url_for
from erlen.gateway.asgi.environ import make_environ
from erlen.gateway.forwarded import forwarded_items
from erlen.plan.edge import FORWARDED, MOST_HOPS, TrustedProxies
from tests.amounts import part_of
from tests.gateway.asgi.driver import ask_once, http

X_FORWARDED = (
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
)
TRUSTED = "10.0.0.0/8"
PROXY, STRANGER = "10.0.0.1", "203.0.113.7"
Headers: t.TypeAlias = "t.Sequence[tuple[str, str]]"


def application(**keys: t.Any) -> Erlen:
    app = Erlen("app")
    app.config.update(TRUSTED_PROXIES=TRUSTED, TRUSTED_PROXY_HEADERS=X_FORWARDED)
    app.config.update(keys)

    def view() -> t.Any:
        return {
            "address": request.remote_addr,
            "port": request.environ.get("REMOTE_PORT"),
            "secure": request.is_secure,
            "host": request.host,
            "root": request.root_path,
            "url": request.url,
            "link": url_for("plain", _external=True),
            "server": [request.environ["SERVER_NAME"], request.environ["SERVER_PORT"]],
            "proxy": request.environ.get("erlen.proxy"),
        }

    async def coroutine() -> t.Any:
        return view()

    app.add_url_rule("/plain", "plain", view)
    app.add_url_rule("/coroutine", "coroutine", coroutine)
    return app


APPS = {
    "x-forwarded": application(),
    "one hop": application(TRUSTED_PROXY_HOPS=1),
    "everybody": application(TRUSTED_PROXIES="*", TRUSTED_PROXY_HOPS=2),
    "forwarded": application(TRUSTED_PROXY_HEADERS="Forwarded"),
    "nobody": application(TRUSTED_PROXIES=None),
}


def by_both(app: Erlen, headers: Headers, peer: str = PROXY) -> tuple[int, t.Any]:
    """Send a request by WSGI and by ASGI; return status and data, which have to be the same."""
    scope = http("/coroutine", "GET", *headers, client=(peer, 50_000), server=("127.0.0.1", 8000))
    if not peer:  # a Unix socket
        scope |= {"client": None, "server": ("/run/app.sock", None)}
    environ = make_environ(scope) | {"wsgi.input": io.BytesIO()}
    del environ["asgi.scope"]
    data, status, _ = run_wsgi_app(app, environ, buffered=True)
    body = b"".join(data)
    answer = ask_once(app, scope)
    assert (int(status[:3]), body) == (answer.status, answer.body)
    return int(status[:3]), json.loads(body) if status == "200 OK" else None


def told(app: Erlen, *headers: tuple[str, str], peer: str = PROXY) -> t.Any:
    status, data = by_both(app, headers, peer)
    assert status == 200
    return data


# from whom


def test_a_trusted_peer_is_believed() -> None:
    assert told(
        APPS["x-forwarded"],
        ("X-Forwarded-For", STRANGER),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "shop.example"),
        ("X-Forwarded-Port", "8443"),
        ("X-Forwarded-Prefix", "/base/"),
    ) == {
        "address": STRANGER,
        "port": "0",
        "secure": True,
        "host": "shop.example:8443",
        "root": "/base",
        "url": "https://shop.example:8443/base/coroutine",
        "link": "https://shop.example:8443/base/plain",
        "server": ["shop.example", "8443"],
        "proxy": PROXY,
    }


def test_forwarded_has_all_of_it_in_one_header() -> None:
    came = told(APPS["forwarded"], ("Forwarded", f'for="{STRANGER}:80";Proto=HTTPS;host="shop.example:8443"'))
    assert (came["address"], came["url"]) == (STRANGER, "https://shop.example:8443/coroutine")


@pytest.mark.parametrize("name", ["x-forwarded", "forwarded", "nobody"])
def test_a_stranger_changes_nothing(name: str) -> None:
    headers = [(header, "https" if "Proto" in header else "1.2.3.4") for header in X_FORWARDED]
    headers.append(("Forwarded", "for=1.2.3.4;proto=https;host=evil.example"))
    assert told(APPS[name], *headers, peer=STRANGER) == told(APPS[name], peer=STRANGER)


@pytest.mark.parametrize("peer", ["::ffff:10.0.0.1", "10.255.255.255"])
def test_an_address_counts_whatever_it_is_written_like(peer: str) -> None:
    assert told(APPS["x-forwarded"], ("X-Forwarded-For", STRANGER), peer=peer)["address"] == STRANGER


@pytest.mark.parametrize("peer", ["localhost", "0.0.0.0", "<local>", "proxy.example", "10.0.0.1.2", "10.1"])
def test_what_is_no_address_is_no_proxy(peer: str) -> None:
    for name in ("x-forwarded", "forwarded"):
        came = told(APPS[name], ("X-Forwarded-For", STRANGER), ("Forwarded", f"for={STRANGER}"), peer=peer)
        assert came["address"] == peer


def test_a_unix_socket_is_believed_where_it_is_named() -> None:
    headers = [("X-Forwarded-For", STRANGER), ("X-Forwarded-Proto", "https")]
    app = application(TRUSTED_PROXIES="unix")
    assert told(app, *headers, peer="")["proxy"] == "unix"
    assert told(app, *headers, peer="")["address"] == STRANGER
    assert told(APPS["x-forwarded"], *headers, peer="") == told(APPS["x-forwarded"], peer="")
    assert told(app, *headers, peer="127.0.0.1") == told(app, peer="127.0.0.1")


# how far


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("x-forwarded", f"1.2.3.4, {STRANGER}, 10.0.0.9, 10.0.0.8", STRANGER),
        ("x-forwarded", f"{STRANGER},, 10.0.0.9 ,", STRANGER),
        ("x-forwarded", "10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("one hop", f"{STRANGER}, 10.0.0.9", "10.0.0.9"),
        ("everybody", f"1.2.3.4, {STRANGER}, 5.6.7.8", STRANGER),
        ("everybody", STRANGER, STRANGER),
        ("x-forwarded", f"{STRANGER}:4711", STRANGER),
        ("x-forwarded", "[2001:db8::1]:80, 10.0.0.9:1", "2001:db8::1"),
        ("x-forwarded", "2001:DB8:0::1", "2001:db8::1"),
        ("x-forwarded", "::ffff:203.0.113.7", STRANGER),
    ],
)
def test_addresses_are_followed_from_the_end_as_long_as_they_are_trusted(
    name: str, value: str, address: str
) -> None:
    assert told(APPS[name], ("X-Forwarded-For", value))["address"] == address


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (name, header)
        for name, form in (("x-forwarded", "{}"), ("forwarded", "for={}"))
        for header in map(
            form.format, ("unknown", "_hidden", "unix:", "1.2.3", "fe80::1%eth0", '"', "1.2.3.4, x")
        )
    ],
)
def test_a_client_without_an_address_does_not_pass_for_its_proxy(name: str, header: str) -> None:
    came = told(APPS[name], ("Forwarded" if name == "forwarded" else "X-Forwarded-For", header))
    assert (came["address"], came["port"]) == (None, None)


def test_a_proxy_that_asks_for_itself_keeps_its_address() -> None:
    for name in ("x-forwarded", "forwarded"):
        assert told(APPS[name], ("X-Forwarded-For", " , "), ("Forwarded", ""))["address"] == PROXY


def test_the_other_headers_are_read_as_far_as_the_addresses() -> None:
    lists = [
        ("X-Forwarded-Proto", "ftp, https, http"),
        ("X-Forwarded-Host", "evil.example, shop.example, inner"),
    ]
    two = told(APPS["x-forwarded"], ("X-Forwarded-For", f"1.2.3.4, {STRANGER}, 10.0.0.9"), *lists)
    assert two["url"] == "https://shop.example/coroutine"
    one = told(APPS["x-forwarded"], ("X-Forwarded-For", STRANGER), *lists)
    assert one["url"] == "http://inner/coroutine"
    none = told(APPS["x-forwarded"], *lists)
    assert none["url"] == "http://inner/coroutine"


def test_a_proxy_that_overwrites_what_another_one_said_is_enough() -> None:
    headers = [("X-Forwarded-For", f"{STRANGER}, 10.0.0.9"), ("X-Forwarded-Proto", "https")]
    assert told(APPS["x-forwarded"], *headers)["secure"]


def test_an_element_of_forwarded_stands_for_one_proxy() -> None:
    came = told(
        APPS["forwarded"],
        ("Forwarded", f"for=1.2.3.4;host=evil.example, for={STRANGER};proto=https;host=shop.example"),
        ("Forwarded", "for=10.0.0.9;proto=http;host=inner"),
    )
    assert (came["address"], came["url"]) == (STRANGER, "https://shop.example/coroutine")


def test_a_quote_that_a_client_opens_takes_in_nothing_of_the_proxys() -> None:
    came = told(
        APPS["forwarded"], ("Forwarded", 'for="1.2.3.4'), ("Forwarded", f"for={STRANGER};proto=https")
    )
    assert (came["address"], came["secure"]) == (STRANGER, True)


# what


@pytest.mark.parametrize("name", ["x-forwarded", "forwarded"])
def test_headers_that_are_not_named_are_not_read(name: str) -> None:
    app = application(TRUSTED_PROXY_HEADERS="Forwarded" if name == "forwarded" else "X-Forwarded-For")
    others = [(header, "https" if "Proto" in header else "1.2.3.4") for header in X_FORWARDED[1:]]
    if name == "forwarded":
        sent = [("Forwarded", f"for={STRANGER}"), ("X-Forwarded-For", "1.2.3.4"), *others]
    else:
        sent = [
            ("X-Forwarded-For", STRANGER),
            ("Forwarded", "for=1.2.3.4;proto=https;host=evil.example"),
            *others,
        ]
    came = told(app, *sent)
    assert (came["address"], came["url"]) == (STRANGER, "http://localhost/coroutine")


def test_by_default_address_and_scheme_are_believed() -> None:
    app = Erlen("app")
    assert app.config["TRUSTED_PROXY_HEADERS"] == X_FORWARDED[:2]


@pytest.mark.parametrize(
    ("scheme", "secure"), [("https", True), ("HTTPS", True), ("wss", True), ("ws", False)]
)
def test_schemes_of_websockets_are_known(scheme: str, secure: bool) -> None:
    assert told(APPS["x-forwarded"], ("X-Forwarded-Proto", scheme))["secure"] is secure


@pytest.mark.parametrize(
    ("header", "value"),
    [
        *(("Proto", value) for value in ("ftp", "https:", "on", "https https", "h\xe9")),
        *(
            ("Host", value)
            for value in ("a/b", "a b", "user@evil", "a:b", "a:0", "a:65536", "[::1", "\xe9.example")
        ),
        *(("Port", value) for value in ("0", "65536", "-1", "80a", "\xb2", "+80")),
        *(
            ("Prefix", value)
            for value in ("//evil.example", "base", "/a/../b", "/.", "/a//b", "/a b", "/a?b", "/\xe9")
        ),
    ],
)
def test_what_is_malformed_is_ignored(header: str, value: str) -> None:
    app = APPS["x-forwarded"]
    assert told(app, (f"X-Forwarded-{header}", value)) == told(app)


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"Host": "shop.example"}, "shop.example"),
        ({"Host": "shop.example:80"}, "shop.example"),
        ({"Host": "shop.example:8080"}, "shop.example:8080"),
        ({"Host": "shop.example:8080", "Port": "81"}, "shop.example:81"),
        ({"Host": "[2001:db8::1]:81"}, "[2001:db8::1]:81"),
        ({"Host": "[2001:db8::1]", "Port": "443", "Proto": "https"}, "[2001:db8::1]"),
        ({"Port": "81"}, "localhost:81"),
        ({"Port": "443", "Proto": "https"}, "localhost"),
    ],
)
def test_host_and_port_go_together(headers: dict[str, str], host: str) -> None:
    sent = [(f"X-Forwarded-{name}", value) for name, value in headers.items()]
    assert told(APPS["x-forwarded"], *sent)["host"] == host


def test_a_port_without_any_host_is_the_servers() -> None:
    trusted = TrustedProxies((), True, False, 1, frozenset(["x-forwarded-port"]))
    assert forwarded_items(trusted, {"HTTP_X_FORWARDED_PORT": "81"}) == {
        "erlen.proxy": "unix",
        "SERVER_PORT": "81",
    }


def test_the_prefix_stands_before_the_path_that_the_server_serves_under() -> None:
    scope = http(
        "/mounted/coroutine", "GET", ("X-Forwarded-Prefix", "/base"), client=(PROXY, 1), root_path="/mounted"
    )
    assert b'"root":"/base/mounted"' in ask_once(APPS["x-forwarded"], scope).body


@pytest.mark.parametrize("host", ["evil.example", "a..b", f"{'a' * 64}.example"])
def test_the_forwarded_host_is_checked_as_any_other(host: str) -> None:
    app = application(TRUSTED_HOSTS=["shop.example", "localhost"])
    assert by_both(app, [("X-Forwarded-Host", "shop.example")])[0] == 200
    assert by_both(app, [("X-Forwarded-Host", host)])[0] == 400


def test_a_long_chain_of_trusted_addresses_is_followed_no_further_than_its_bound() -> None:
    chain = ", ".join(f"10.1.{number}.1" for number in range(200))
    assert told(APPS["x-forwarded"], ("X-Forwarded-For", chain))["address"] == f"10.1.{200 - MOST_HOPS}.1"


# what Hypothesis writes

PIECES = st.sampled_from(
    [
        *("1.2.3.4", "10.0.0.9", "10.0.0.9:1", "::1", "[::1]:80", "unknown", "_x", "http", "https", "wss"),
        *(
            "evil.example",
            "a:1",
            "443",
            "/evil",
            "//",
            '"',
            "\\",
            ";",
            "=",
            ",",
            ", ",
            "for=",
            "proto=",
            "host=",
            "\xe9",
        ),
    ]
)
VALUES = st.lists(PIECES, max_size=8).map("".join) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20
)
NAMES = st.sampled_from([*X_FORWARDED, "Forwarded"])
LISTS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
ADDRESSES = (
    st.ip_addresses().filter(lambda address: address not in ipaddress.ip_network("10.0.0.0/7")).map(str)
)


@settings(max_examples=part_of(600), deadline=None)
@given(headers=LISTS, name=st.sampled_from(sorted(APPS)), peer=st.sampled_from([PROXY, STRANGER, "::1", ""]))
def test_no_headers_are_an_error_and_both_protocols_agree(headers: Headers, name: str, peer: str) -> None:
    assert by_both(APPS[name], headers, peer)[0] in (200, 400)


@settings(max_examples=part_of(300), deadline=None)
@given(headers=LISTS, name=st.sampled_from(["x-forwarded", "one hop", "forwarded", "nobody"]), peer=ADDRESSES)
def test_headers_of_a_stranger_never_change_anything(headers: Headers, name: str, peer: str) -> None:
    if name != "nobody" and peer == PROXY:
        return
    assert by_both(APPS[name], headers, peer) == by_both(APPS[name], [], peer)


@settings(max_examples=part_of(600), deadline=None)
@given(
    client=ADDRESSES,
    scheme=st.sampled_from(["http", "https"]),
    between=st.lists(st.integers(0, 255).map("10.2.3.{}".format), max_size=3),
    written=LISTS,
    family=st.sampled_from(["x-forwarded", "forwarded"]),
    bounded=st.booleans(),
)
@example("203.0.113.1", "https", [], [("Forwarded", 'for="')], "forwarded", False)
@example("203.0.113.1", "https", ["10.2.3.1"], [("X-Forwarded-For", "10.0.0.9")], "x-forwarded", True)
def test_nothing_that_a_client_writes_is_taken_for_what_proxies_write(
    client: str, scheme: str, between: list[str], written: Headers, family: str, bounded: bool
) -> None:
    """The proxies add what they see to the header, as they should, and overwrite the scheme."""
    if family == "forwarded":
        named, header = ["Forwarded"], "forwarded"
        sent = [(name, value) for name, value in written if name != "Forwarded"]
        form = 'for="[{}]"' if ":" in client else "for={}"
        added = [form.format(client), *map("for={}".format, between)]
        added = [f"{element};proto={scheme};host=shop.example" for element in added]
    else:
        named, header = ["X-Forwarded-For", "X-Forwarded-Proto"], "x-forwarded-for"
        sent = [(name, value) for name, value in written if name not in named]
        sent.append(("X-Forwarded-Proto", scheme))
        added = [client, *between]
    before = [value for name, value in written if name.lower() == header]
    sent.append((named[0], ", ".join([*before, *added])))
    hops = len(added) if bounded else None
    trusted = ["10.0.0.0/8", *([client] if bounded else [])]  # bounded, a client may be anybody
    app = application(TRUSTED_PROXIES=trusted, TRUSTED_PROXY_HEADERS=named, TRUSTED_PROXY_HOPS=hops)

    came = told(app, *sent)

    real = ipaddress.ip_address(client)
    assert came["address"] == str(getattr(real, "ipv4_mapped", None) or real)
    assert came["secure"] is (scheme == "https")
    assert came["host"] == ("shop.example" if family == FORWARDED else "localhost")
    assert came["root"] == ""


@settings(max_examples=part_of(1000), deadline=None)
@given(element=st.lists(PIECES, max_size=12).map("".join))
def test_time_and_result_of_any_forwarded_header_are_bounded(element: str) -> None:
    trusted = TrustedProxies((ipaddress.ip_network(TRUSTED),), True, False, 3, frozenset([FORWARDED]))
    items = forwarded_items(trusted, {"REMOTE_ADDR": PROXY, "HTTP_FORWARDED": element})
    assert items.get("wsgi.url_scheme", "http") in ("http", "https")
    assert items.get("REMOTE_ADDR") is None or ipaddress.ip_address(items["REMOTE_ADDR"] or "")
