"""Addresses that are sent in few steps are sent as Werkzeug would send them."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.urls import iri_to_uri

from erlen.wrappers.addresses import absolute, is_plain_address
from tests.serve.beside import Framework, call, environ, examples, told_alike

ADDRESSES = [
    *(
        "/",
        "/a",
        "/a/b;c",
        "/a;",
        "/a/../b",
        "/a/./b",
        "/a//b",
        "//b",
        "//b/c",
        "/.",
        "/a?b=c&d#e",
        "/a?",
        "/a#",
    ),
    *("/a?b=/../c", "/a?b=//c", "/ä?ö#ü", "/a b", "/%41%zz", "a", "../a", "", "?a", "#a", "/<script>&\"'"),
    *("http://b.test", "http://b.test/", "http://b.test?a", "http://b.test/a/../b;", "https://b.test:443/a"),
    *(
        "http://b.test:80/a",
        "http://b.test:080/a",
        "http://b.test:0/",
        "http://b.test:99999/",
        "http://b.test:/",
    ),
    *(
        "http://B.Test/A",
        "http://[::1]/a",
        "http://[",
        "http://user:word@b.test/",
        "http://b..test/",
        "http://.b/",
    ),
    *(
        f"http://{'b' * 63}.test/",
        f"http://{'b' * 64}.test/",
        "http://bücher.test/ä",
        "HTTP://b.test/",
        "ftp://b/a",
    ),
    *(
        "mailto:a@b",
        "javascript:alert(1)",
        "http:/a",
        "http:///a",
        "/a\nb",
        "/a\0b",
        "/a\r\nX: 1",
        "http://b.test/\\",
    ),
    *(
        "http://b.test/a;b",
        "http://b_c.test/",
        "http://-b.test/",
        "http://xn--bcher-kva.test/",
        "http://localhost/a",
    ),
]
HOSTS = [
    "localhost",
    "Erlen.Test",
    "erlen.test:80",
    "erlen.test:8000",
    "erlen.test:443",
    "[::1]:8000",
    "b ad",
    "",
]


def outcome(function: t.Callable[[], t.Any]) -> t.Any:
    try:
        return function()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_redirect_goes_where_it_goes_in_flask(address: str, corrected: bool) -> None:
    def story(framework: Framework) -> object:
        class Response(framework.Response):  # type: ignore[misc, name-defined]
            autocorrect_location_header = corrected

        app = framework.Flask("app", static_folder=None)
        app.response_class = Response
        app.add_url_rule("/from/here", "view", lambda: framework.redirect(address))
        app.logger.disabled = True
        told = []
        for host in HOSTS if corrected else HOSTS[:1]:
            for scheme in ("http", "https"):
                asked = environ("/from/here?q=1", base_url=f"{scheme}://localhost/mount")
                asked["HTTP_HOST"] = host
                told.append(outcome(lambda asked=asked: call(app, asked)))  # type: ignore[misc]
        return told

    # COMPAT: what cannot be sent is refused in the view, and in Flask when it is sent.
    if isinstance(outcome(lambda: iri_to_uri(address)), type) or any(c in address for c in "\n\r"):
        return
    told_alike(story)


_texts = st.text("ab/.:;?#%&=[]@-_~B0é \\", max_size=12)


@given(st.sampled_from(["", "/", "http://", "http://b.test", "https://b.test:8", "//"]), _texts)
@examples(300)
def test_what_is_taken_for_plain_is_not_changed_by_werkzeug(before: str, after: str) -> None:
    address = before + after
    if is_plain_address(address):
        assert iri_to_uri(address) == address


@given(st.sampled_from(["/", "http://b.test/", "/a/"]), _texts)
@examples(300)
def test_what_is_made_absolute_is_what_werkzeug_makes(before: str, after: str) -> None:
    from werkzeug.wrappers import Response

    asked = environ("/from/here", base_url="http://erlen.test:8000/mount")
    response = Response(headers={"Location": before + after})
    response.autocorrect_location_header = True
    made = absolute(before + after, asked)
    assert made is None or made == response.get_wsgi_headers(asked)["Location"]


def test_the_common_ones_are_made_absolute_here() -> None:
    asked = environ("/", base_url="https://Erlen.test/mount")
    assert absolute("/a/b?c=d", asked) == "https://erlen.test/a/b?c=d"
    assert absolute("http://b.test/a", asked) == "http://b.test/a"


@pytest.mark.parametrize("host", ["", "b ad", "[::1]", "b/c"])
def test_a_host_that_is_not_plain_is_left_to_werkzeug(host: str) -> None:
    assert absolute("/a", environ("/") | {"HTTP_HOST": host}) is None
