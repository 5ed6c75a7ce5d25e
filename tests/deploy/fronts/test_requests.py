"""The same requests through each front and server: what is written works, and lets nobody else in."""

from __future__ import annotations

import hashlib
import json
import re
import ssl
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from .stack import DOMAIN, Stack

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

LIMIT = 100_000
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "4711",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Ssl": "off",
    "X-Forwarded-Protocol": "http",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;proto=http;host=evil.example",
    "SCRIPT_NAME": "/evil",
    "X_Forwarded_For": "203.0.113.9",
    "Proxy": "http://evil.example",
}


def whoami(stack: Stack, headers: dict[str, str] | None = None) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(stack.ask("/whoami", headers).body)
    return data


# pages and links


def test_a_page_is_answered_by_the_protocol_that_was_asked_for(stack: Stack) -> None:
    assert whoami(stack)["protocol"] == stack.cell.protocol


def test_links_have_the_prefix_and_those_with_a_host_the_scheme_of_the_client(stack: Stack) -> None:
    hello, moved, css, index = stack.ask("/").text.split()
    assert (hello, moved) == (f"{stack.prefix}/hello/a%20b", f"{stack.prefix}/moved")
    assert re.fullmatch(rf"{stack.prefix}/static/css/shop-[0-9a-f]{{20}}\.css", css)
    assert index == f"https://{DOMAIN}{stack.prefix}/"


def test_paths_and_queries_reach_the_application_decoded_once(stack: Stack) -> None:
    answer = stack.ask("/hello/a%20%C3%A9%2525?x=%C3%A9+%26")
    assert answer.text == "Hello, a é%25! é &"


def test_a_redirect_of_the_application_leads_below_the_prefix(stack: Stack) -> None:
    answer = stack.ask("/moved")
    assert answer.status == 302
    assert answer.headers["Location"] in (
        f"{stack.prefix}/hello/again",
        f"https://{DOMAIN}{stack.prefix}/hello/again",
    )


def test_a_missing_slash_is_added_by_the_application(stack: Stack) -> None:
    answer = stack.ask("/below?x=1")
    assert answer.status == 308
    assert answer.headers["Location"].removeprefix(f"https://{DOMAIN}") == f"{stack.prefix}/below/?x=1"


def test_what_is_beside_the_prefix_is_not_the_application(stack: Stack) -> None:
    if not stack.prefix:
        pytest.skip("There is nothing beside the root.")
    with stack.client() as client:
        for path in ("/", "/application/whoami", "/whoami"):
            client.request("GET", path)
            response = client.getresponse()
            response.read()
            assert response.status == 404
            assert "X-Application" not in response.headers


def test_the_prefix_alone_leads_to_the_first_page(stack: Stack) -> None:
    if not stack.prefix:
        pytest.skip("The root has a slash always.")
    answer = stack.ask("")
    if answer.status == 200:  # Apache passes it on, and the application answers
        assert "/hello/" in answer.text
    else:
        assert answer.status in (301, 308)
        assert answer.headers["Location"].removeprefix(f"https://{DOMAIN}") == f"{stack.prefix}/"


def test_errors_are_the_applications(stack: Stack) -> None:
    for path, status in (("/nothing", 404), ("/fail", 500)):
        answer = stack.ask(path)
        assert (answer.status, answer.is_of_the_application) == (status, True)


def test_an_answer_to_head_has_no_body(stack: Stack) -> None:
    answer = stack.ask("/hello/x", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_reaches_the_application_with_its_body(stack: Stack, method: str) -> None:
    assert stack.ask("/method", method=method, body=b"body").text == f"{method} body"


def test_a_connection_serves_several_requests(stack: Stack) -> None:
    with stack.client() as client:
        for number in range(3):
            client.request("GET", f"{stack.prefix}/hello/{number}")
            assert client.getresponse().read() == f"Hello, {number}! ".encode()


# HTTPS


def test_http_leads_to_https_with_path_and_query(stack: Stack) -> None:
    answer = stack.ask("/hello/a%20b?x=1&y=2", tls=False)
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{DOMAIN}{stack.prefix}/hello/a%20b?x=1&y=2"


def test_http_leads_to_no_host_that_a_client_names(stack: Stack) -> None:
    answer = stack.ask("/", tls=False, host="evil.example")
    assert answer.headers["Location"] == f"https://{DOMAIN}{stack.prefix}/"


def test_the_challenge_of_certbot_is_answered_without_https(stack: Stack) -> None:
    with stack.client(tls=False) as client:
        client.request("GET", "/.well-known/acme-challenge/token")
        assert client.getresponse().read() == b"proof"
        client.request("GET", "/.well-known/acme-challenge/../../key.pem")
        response = client.getresponse()
        assert response.status != 200
        response.read()


def test_old_tls_is_refused(stack: Stack) -> None:
    context = ssl._create_unverified_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with stack.connected(tls=False, port=443) as sock, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(sock, server_hostname=DOMAIN)


def test_http_2_is_spoken_to_whoever_wants_it(stack: Stack) -> None:
    with httpx.Client(http2=True, verify=False, trust_env=False, timeout=20) as client:
        answer = client.get(
            f"https://127.0.0.1{stack.prefix}/hello/x",
            headers={"Host": DOMAIN},
            extensions={"sni_hostname": DOMAIN},
        )
    assert (answer.http_version, answer.text) == ("HTTP/2", "Hello, x! ")


def test_hsts_is_the_applications(stack: Stack) -> None:
    assert stack.ask("/").headers.get_all("Strict-Transport-Security") == ["max-age=3600"]


# who asks


def test_the_application_knows_address_scheme_host_and_prefix_of_the_client(stack: Stack) -> None:
    said = whoami(stack)
    assert (said["address"], said["scheme"], said["host"]) == ("127.0.0.1", "https", DOMAIN)
    assert said["root"] == stack.prefix


def test_another_name_of_the_site_stays(stack: Stack) -> None:
    answer = stack.ask("/whoami", host=f"www.{DOMAIN}")
    assert json.loads(answer.body)["host"] == f"www.{DOMAIN}"


def test_what_a_client_says_of_these_is_not_believed(stack: Stack) -> None:
    honest, forged = whoami(stack), whoami(stack, FORGED)
    headers = forged.pop("headers")
    honest.pop("headers")
    assert forged == honest
    assert not [value for value in headers.values() if "evil" in value or "203.0.113.9" in value]


def test_a_host_that_is_none_of_the_site_is_refused(stack: Stack) -> None:
    answer = stack.ask("/whoami", host="evil.example")
    assert answer.status in (400, 421)


def test_an_upgrade_to_anything_but_a_websocket_is_not_passed_on(stack: Stack) -> None:
    headers = {
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": "h2c",
        "HTTP2-Settings": "AAMAAABkAAQAAP__",
    }
    for path in ("/whoami", "/echo/room"):
        answer = stack.ask(path, headers)
        assert answer.status != 101
        assert b"h2c" not in answer.body


# static files


def test_the_front_sends_static_files_itself(stack: Stack) -> None:
    answer = stack.ask("/static/plain.txt")
    assert (answer.status, answer.is_of_the_application) == (200, False)
    assert answer.text == "Sent by whoever is asked.\n"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_file_that_is_known_is_not_sent_again(stack: Stack, header: str) -> None:
    known = stack.ask("/static/plain.txt").headers[header]
    condition = "If-None-Match" if header == "ETag" else "If-Modified-Since"
    answer = stack.ask("/static/plain.txt", {condition: known})
    assert (answer.status, answer.body) == (304, b"")


def test_a_part_of_a_file_is_sent(stack: Stack) -> None:
    answer = stack.ask("/static/plain.txt", {"Range": "bytes=5-6"})
    assert (answer.status, answer.body) == (206, b"by")
    assert answer.headers["Content-Range"] == "bytes 5-6/26"


def test_a_version_of_a_file_is_kept_and_a_plain_name_is_not(stack: Stack) -> None:
    version = stack.ask("/").text.split()[2].removeprefix(stack.prefix)
    answer = stack.ask(version)
    assert (answer.status, answer.is_of_the_application) == (200, False)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert stack.ask("/static/css/shop.css").headers["Cache-Control"] == "no-cache"


def test_a_copy_for_gzip_is_sent_where_it_is_understood(stack: Stack) -> None:
    if stack.cell.front == "apache":
        pytest.skip("Apache sends the file itself.")
    version = stack.ask("/").text.split()[2].removeprefix(stack.prefix)
    answer = stack.ask(version, {"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert stack.ask(version).headers["Content-Encoding"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/staticfoo",
        "/static../pages.py",
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/..%2fpages.py",
        "/static//../pages.py",
        "/static/css/",
        "/static/static-digest.json",
        "/pages.py",
        "/.env",
        "/media../pages.py",
    ],
)
def test_nothing_beside_the_static_files_is_sent(stack: Stack, path: str) -> None:
    answer = stack.ask(path)
    assert answer.status in ((308, 404) if answer.is_of_the_application else (400, 403, 404))
    assert b"import" not in answer.body
    assert b"versions" not in answer.body


def test_an_upload_is_shown_and_runs_no_script(stack: Stack) -> None:
    answer = stack.ask("/media/upload.html")
    assert (answer.status, answer.is_of_the_application) == (200, False)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# limits


def test_an_upload_at_the_limit_arrives(stack: Stack) -> None:
    assert stack.ask("/upload", method="POST", body=b"x" * LIMIT).text == str(LIMIT)


def test_an_upload_with_a_byte_more_is_refused_by_the_front(stack: Stack) -> None:
    answer = stack.ask("/upload", method="POST", body=b"x" * (LIMIT + 1))
    assert (answer.status, answer.is_of_the_application) == (413, False)


def test_an_upload_that_does_not_say_its_length_has_the_same_limit(stack: Stack) -> None:
    def pieces(last: bytes) -> Any:
        yield from (b"x" * 10_000 for _ in range(10))
        yield last

    for last, status in ((b"", 200), (b"x", 413)):
        body = [piece for piece in pieces(last) if piece]
        answer = stack.ask("/upload", method="POST", body=iter(body), chunked=True)
        assert answer.status == status


def test_cookies_of_eight_kilobytes_arrive(stack: Stack) -> None:
    cookies = "; ".join(f"{name}={name * 4000}" for name in "ab")
    assert stack.ask("/cookie", {"Cookie": cookies}).text == "8000"


def test_a_full_session_cookie_leaves(stack: Stack) -> None:
    answer = stack.ask("/log-in")
    assert answer.text == "logged in"
    assert 3500 < len(answer.headers["Set-Cookie"]) < 4093


# what takes time


def test_events_leave_one_by_one(stack: Stack) -> None:
    gate = f"events-{stack.cell.name}"
    with stack.client() as client:
        client.request("GET", f"{stack.prefix}/events/{gate}")
        response = client.getresponse()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        read = b""
        while b"first" not in read:
            piece = response.read1(100)
            assert piece, read
            read += piece
        assert b"last" not in read
        stack.open_gate(gate)
        assert b"last" in response.read()


def test_a_large_download_arrives_whole(stack: Stack) -> None:
    expected = hashlib.sha256(b"".join(bytes([number]) * 100_000 for number in range(200)))
    assert hashlib.sha256(stack.ask("/download").body).digest() == expected.digest()


def test_a_websocket_is_opened_where_the_server_has_any(stack: Stack) -> None:
    uri = f"wss://{DOMAIN}{stack.prefix}/echo/room"
    if stack.cell.protocol == "wsgi":
        with pytest.raises(InvalidStatus) as caught:
            stack.websocket(uri)
        assert caught.value.response.status_code == 426
        return
    with stack.websocket(uri) as client:
        client.send("hello")
        assert client.recv(timeout=20) == f"room wss {stack.prefix}: hello"


# what is not for the public


@pytest.mark.parametrize("path", ["/livez", "/readyz", "//livez", "/./livez", "/%6civez"])
def test_probes_are_not_answered(stack: Stack, path: str) -> None:
    answer = stack.ask(path)
    assert answer.status in (404, 308)
    assert "ok" not in answer.text.split()


def test_the_front_does_not_say_its_version(stack: Stack) -> None:
    for path in ("/", "/static/plain.txt", "/static/nothing"):
        answer = stack.ask(path)
        assert not re.search(r"nginx/\d", f"{answer.headers} {answer.body!r}")
