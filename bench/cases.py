"""What is asked, and what must come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .apps import FRAMEWORKS
from .apps.work import HELLO, ITEM, STATIC
from .wsgi import Answer, Request

Ask = Callable[[Request], Answer]
FLASKLIKE = ("erlen", "flask")


def as_it_is(request: Request, ask: Ask) -> Request:
    return request


@dataclass(frozen=True)
class Case:
    """One request, and the test its answer must pass before anybody's time is taken."""

    name: str
    title: str
    request: Request
    is_right: Callable[[Answer], bool]
    frameworks: tuple[str, ...] = FRAMEWORKS
    # Completes the request with something that only the application can give: its cookie, its ETag.
    prepare: Callable[[Request, Ask], Request] = field(default=as_it_is)


def text(expected: str) -> Callable[[Answer], bool]:
    """Expect exactly this text."""

    def is_right(answer: Answer) -> bool:
        return (
            answer.status.startswith("200 ")
            and answer.header("Content-Type").startswith("text/")
            and answer.body == expected.encode()
        )

    return is_right


def json_of(expected: Any) -> Callable[[Answer], bool]:
    """Expect JSON that means this, however it is spaced and sorted."""

    def is_right(answer: Answer) -> bool:
        return (
            answer.status.startswith("200 ")
            and answer.header("Content-Type").startswith("application/json")
            and json.loads(answer.body) == expected
        )

    return is_right


def not_found(answer: Answer) -> bool:
    return answer.status.lower() == "404 not found" and len(answer.body) > 0


def ten_rows(answer: Answer) -> bool:
    return answer.body.count(b"<tr>") == 10 and b"Flask &lt;9&gt;" in answer.body and b"11.25" in answer.body


def signed(answer: Answer) -> bool:
    return answer.body == b"basket of Ada" and answer.header("X-Served-By") == "shop"


def visited_twice(answer: Answer) -> bool:
    return (
        answer.body == b"visit 2"
        and answer.header("Set-Cookie").startswith("session=")
        and answer.header("Vary") == "Cookie"
    )


def ten_kilobytes(answer: Answer) -> bool:
    return answer.status.startswith("200 ") and answer.body == (STATIC / "ten_kb.txt").read_bytes()


def not_modified(answer: Answer) -> bool:
    return answer.status.lower() == "304 not modified" and answer.body == b""


def with_its_cookie(request: Request, ask: Ask) -> Request:
    cookie = ask(request).header("Set-Cookie").partition(";")[0]
    return replace(request, headers={**request.headers, "HTTP_COOKIE": cookie})


def with_its_etag(request: Request, ask: Ask) -> Request:
    answer = ask(request)
    headers = {**request.headers, "HTTP_IF_MODIFIED_SINCE": answer.header("Last-Modified")}
    if etag := answer.header("ETag"):
        headers["HTTP_IF_NONE_MATCH"] = etag
    return replace(request, headers=headers)


def form(**fields: str) -> Request:
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    return Request("POST", "/form", body=body, content_type="application/x-www-form-urlencoded")


def json_body(data: Any) -> Request:
    return Request("POST", "/sum", body=json.dumps(data).encode(), content_type="application/json")


STATIC_FILE = Request("GET", "/static/ten_kb.txt")
WITH_STATIC = ("erlen", "flask", "falcon", "bottle")
WITH_TEMPLATES = ("erlen", "flask", "bare")

CASES = (
    Case("hello", "hello (text)", Request("GET", "/hello"), text(HELLO)),
    Case("json", "JSON out", Request("GET", "/json"), json_of(ITEM)),
    Case("path", "path variable <int:uid>", Request("GET", "/users/41"), text("user 42")),
    Case("query", "query argument", Request("GET", "/search", query="q=flask&page=2"), text("found flask")),
    Case("form", "form field", form(name="Ada", age="36", city="London"), text("Ada is 36")),
    Case(
        "json-in-out",
        "JSON in and out",
        json_body({"name": "Ada", "numbers": [1, 2, 3], "more": {"deep": True}}),
        json_of({"name": "Ada", "sum": 6}),
    ),
    Case("404", "404", Request("GET", "/nowhere/to/be/found"), not_found),
    Case("hooks", "blueprint view with hooks", Request("GET", "/shop/basket"), signed, FLASKLIKE),
    Case(
        "session",
        "session read and written",
        Request("GET", "/visits"),
        visited_twice,
        FLASKLIKE,
        with_its_cookie,
    ),
    Case("template", "render_template, 10 rows", Request("GET", "/rows"), ten_rows, WITH_TEMPLATES),
    Case(
        "template-string",
        "render_template_string",
        Request("GET", "/greeting"),
        text("<h1>Hello, World!</h1><p>Ada, Grace</p>"),
        WITH_TEMPLATES,
    ),
    Case("static", "static file of 10 kB", STATIC_FILE, ten_kilobytes, WITH_STATIC),
    Case("static-304", "static file, not modified", STATIC_FILE, not_modified, WITH_STATIC, with_its_etag),
)
