"""Queries and forms are those that Werkzeug finds, whatever was read, replaced or overridden before.

Large forms are parsed off the loop, and everything about them is as if they were not.
"""

from __future__ import annotations

import io
import threading
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as WerkzeugsRequest

from erlen import Erlen, Request, request
from erlen.serve.request_context import RequestContext
from erlen.wrappers.urlencoded import FORM_TYPE
from tests.gateway.asgi.coloured import Coloured, post
from tests.gateway.asgi.driver import ask_once, body, http

# large bodies keep nobody waiting


def multipart(size: int) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    return head + b"z" * size + b"\r\n--b--\r\n"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
@pytest.mark.parametrize("hooked", [True, False])
def test_a_large_form_is_parsed_off_the_loop(
    colour: str, monkeypatch: pytest.MonkeyPatch, *, hooked: bool
) -> None:
    threads: list[threading.Thread] = []
    parse = MultiPartParser.parse

    def noting(*args: t.Any, **kwargs: t.Any) -> t.Any:
        threads.append(threading.current_thread())
        return parse(*args, **kwargs)

    monkeypatch.setattr(MultiPartParser, "parse", noting)
    made = Coloured(colour)
    if hooked:
        made.app.before_request(lambda: None)
    made.app.add_url_rule(
        "/",
        "view",
        made.view(lambda: f"{len(request.files['f'].read())} {request.get_data()!r}"),
        methods=["POST"],
    )
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    for _ in range(2):
        assert post(made.app, "/", *pieces, headers=headers).text == "400000 b''"
    assert len(threads) == 2
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_can_be_read_as_it_came_all_the_same(colour: str) -> None:
    made = Coloured(colour)
    data = multipart(400_000)
    made.app.add_url_rule("/", "view", made.view(lambda: str(request.get_data() == data)), methods=["POST"])
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).text == "True"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_the_limits_of_a_large_form_are_those_of_the_moment_when_it_is_asked_for(colour: str) -> None:
    made = Coloured(colour, MAX_FORM_PARTS=0)

    def view() -> str:
        if "raise" in request.args:
            request.max_form_parts = 5
        return str(len(request.files["f"].read()))

    made.app.add_url_rule("/", "view", made.view(view), methods=["POST"])
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).status == 413
    assert post(made.app, "/?raise", *pieces, headers=headers).text == "400000"


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("path", ["/", "/werkzeug"])
@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_beyond_the_limit_is_refused_however_it_comes(
    colour: str, path: str, pieces: int
) -> None:
    made = Coloured(colour, MAX_CONTENT_LENGTH=50)
    made.app.add_url_rule("/", "view", made.view(lambda: str(list(request.files))), methods=["POST"])
    made.app.url_map.add(Rule("/werkzeug", endpoint="view", methods=["POST"]))
    data = multipart(400_000)
    size = len(data) // pieces + 1
    scope = http(
        path, "POST", ("Content-Type", "multipart/form-data; boundary=b"), ("Transfer-Encoding", "chunked")
    )

    for _ in range(2):
        answer = ask_once(made.app, scope, *body(*[data[at : at + size] for at in range(0, len(data), size)]))
        assert answer.status == 413


# beside Werkzeug's own request: what is read, in which order, and what was read or replaced before

Read = t.Callable[[t.Any], t.Any]


def _with(attribute: str, value: t.Any) -> Read:
    return lambda request: setattr(request, attribute, value)


READS: dict[str, Read] = {
    "args": lambda request: list(request.args.items(multi=True)),
    "arg": lambda request: request.args["a"],
    "number": lambda request: request.args.get("a", type=int),
    "form": lambda request: list(request.form.items(multi=True)),
    "field": lambda request: request.form["a"],
    "fields": lambda request: request.form.getlist("a"),
    "values": lambda request: list(request.values.items(multi=True)),
    "files": lambda request: list(request.files),
    "data": lambda request: request.get_data(),
    "data once": lambda request: request.get_data(cache=False),
    "data of a form": lambda request: request.get_data(parse_form_data=True),
    "a part of the stream": lambda request: request.stream.read(2),
    "the stream": lambda request: request.stream.read(),
    "headers": lambda request: request.headers.get("Content-Type"),
    "mimetype": lambda request: (request.mimetype, request.mimetype_params),
    "kinds": lambda request: (isinstance(request.args, ImmutableMultiDict), repr(request.args)),
    "a limit": _with("max_content_length", 3),
    "another storage": _with("parameter_storage_class", MultiDict),
    "another query": _with("query_string", b"a=other&b=%C3"),
    "other headers": _with("headers", Headers({"Content-Type": "text/plain"})),
    "a shallow one": _with("shallow", True),
}


def outcomes(request: t.Any, names: t.Iterable[str]) -> list[object]:
    found: list[object] = []
    for name in names:
        try:
            found.append(READS[name](request))
        except Exception as error:
            found.append(type(error).__name__)
    return found


def read_in_a_view(environ: dict[str, t.Any], names: list[str], request_class: type[Request]) -> list[object]:
    app = Erlen(__name__)
    app.request_class = request_class
    found: list[object] = []
    app.add_url_rule("/", "view", lambda: found.extend(outcomes(request, names)) or "", methods=["POST"])
    for _ in range(2):  # the first request fills the plan
        found.clear()
        b"".join(app({**environ, "wsgi.input": io.BytesIO(environ["body"])}, lambda *_: None))
    return found


@given(
    names=st.lists(st.sampled_from(sorted(READS)), min_size=1, max_size=4),
    query=st.sampled_from(["", "a=1&a=2&b", "a=%C3%A9+x;y&&=", "%ff=%zz&a", "a=\xc3\xa9"]),
    data=st.sampled_from([b"", b"a=1&b=%26&a=+", b"a=\xc3\xa9&&=;", b"a=\xff", b"\0=%00&a"]),
    kind=st.sampled_from(
        [
            FORM_TYPE,
            FORM_TYPE.upper(),
            f"{FORM_TYPE}; charset=utf-8",
            f"{FORM_TYPE};",
            "text/plain",
            "",
            "multipart/form-data; boundary=b",
        ]
    ),
    length=st.sampled_from([None, "", "0", "2", "5", "+5", "1_0", "x", "99"]),
)
@settings(deadline=None)
def test_a_request_reads_as_werkzeugs(
    names: list[str], query: str, data: bytes, kind: str, length: str | None
) -> None:
    if kind.startswith("multipart") or length == "99":
        # What is malformed or broken off is refused by each in its own way.
        data, length = b"", "0"
    environ = {
        **EnvironBuilder("/", method="POST").get_environ(),
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "body": data,
    }
    if length is not None:
        environ["CONTENT_LENGTH"] = length if length != "5" else str(len(data))
    werkzeugs = WerkzeugsRequest({**environ, "wsgi.input": io.BytesIO(data)})
    werkzeugs.max_form_memory_size, werkzeugs.max_form_parts = 500_000, 1000
    assert read_in_a_view(environ, names, Request) == outcomes(werkzeugs, names)


class OwnQuery(Request):
    """A request whose query was overridden."""

    @property
    def query_string(self) -> bytes:  # type: ignore[override]
        return b"a=own"


class OwnType(Request):
    """A request whose content type was overridden."""

    mimetype = FORM_TYPE  # type: ignore[assignment]


class OwnStorage(Request):
    """A request whose fields may be changed."""

    parameter_storage_class = MultiDict  # type: ignore[assignment]


class Loads(Request):
    """A request that parses its form as it likes."""

    def _load_form_data(self) -> None:
        self.__dict__["form"] = ImmutableMultiDict({"a": "loaded"})


class Parses(Request):
    """A request with a parser of its own."""

    class form_data_parser_class(FormDataParser):  # type: ignore[assignment]
        def parse(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            return io.BytesIO(), ImmutableMultiDict({"a": "parsed"}), ImmutableMultiDict()


class Super(Request):
    """A request that asks for the attributes of its parent again and again."""

    @property
    def form(self) -> t.Any:  # type: ignore[override]
        return ImmutableMultiDict({"a": super().form["a"] + super().form["a"]})

    @property
    def args(self) -> t.Any:  # type: ignore[override]
        return ImmutableMultiDict({"a": super().args["a"] + super().args["a"]})


class New(Request):
    """A request whose making was overridden."""

    def __new__(cls, *args: t.Any) -> New:
        made = super().__new__(cls)
        made.__dict__["args"] = ImmutableMultiDict({"a": "new"})
        return made


class Set(Request):
    """A request that notices what is set."""

    def __setattr__(self, name: str, value: t.Any) -> None:
        super().__setattr__(name, value)
        if name == "view_args":
            self.__dict__["args"] = ImmutableMultiDict({"a": "set"})


class OwnAttributes(Request):
    """A request that answers for its attributes by itself."""

    def __getattribute__(self, name: str) -> t.Any:
        found = super().__getattribute__(name)
        return ImmutableMultiDict({"a": "answered"}) if name == "args" else found


class OwnEnviron(Request):
    """A request with another environ than the one it was made with."""

    @property
    def environ(self) -> t.Any:
        return {**self.__dict__["kept"], "QUERY_STRING": "a=other"}

    @environ.setter
    def environ(self, value: t.Any) -> None:
        self.__dict__["kept"] = value


@pytest.mark.parametrize(
    ("request_class", "kind", "expected"),
    [
        (Request, FORM_TYPE, ["1", "2"]),
        (Request, f"{FORM_TYPE}; charset=utf-8", ["1", "2"]),
        (Request, "text/plain", ["1", "BadRequestKeyError"]),
        (OwnQuery, FORM_TYPE, ["own", "2"]),
        (OwnType, "text/plain", ["1", "2"]),
        (OwnStorage, FORM_TYPE, ["1", "2"]),
        (Loads, FORM_TYPE, ["1", "loaded"]),
        (Parses, FORM_TYPE, ["1", "parsed"]),
        (Super, FORM_TYPE, ["11", "22"]),
        (New, FORM_TYPE, ["new", "2"]),
        (Set, FORM_TYPE, ["set", "2"]),
        (OwnAttributes, FORM_TYPE, ["answered", "2"]),
        (OwnEnviron, FORM_TYPE, ["other", "2"]),
    ],
)
def test_what_a_request_class_overrides_is_asked(
    request_class: type[Request], kind: str, expected: list[str]
) -> None:
    environ = {
        **EnvironBuilder("/?a=1", method="POST").get_environ(),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": "3",
        "body": b"a=2",
    }
    assert read_in_a_view(environ, ["arg", "field"], request_class) == expected


def test_a_method_that_is_patched_while_the_application_serves_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", "view", lambda: f"{request.args['a']} {request.form['a']}", methods=["POST"])
    client = app.test_client()

    def answer() -> str:
        return client.post("/?a=1", data={"a": "2"}).text

    assert [answer() for _ in range(2)] == ["1 2"] * 2
    with monkeypatch.context() as patch:
        patch.setattr(Request, "query_string", b"a=patched")
        patch.setattr(Request, "_load_form_data", Loads._load_form_data)
        assert answer() == "patched loaded"
    with monkeypatch.context() as patch:
        patch.setattr(Request, "args", {"a": "of the class"})
        assert answer() == "of the class 2"
    with monkeypatch.context() as patch:
        patch.setattr(RequestContext, "request", OwnQuery(EnvironBuilder("/").get_environ()))
        assert answer() == "own BadRequestKeyError" or client.post("/?a=1").status_code == 400
    assert answer() == "1 2"


def test_a_request_is_closed_and_let_go_by_its_environ_however_it_ends() -> None:
    app = Erlen(__name__)
    closed: list[str] = []

    @app.post("/")
    def view() -> str:
        environs.append(request.environ)
        if "close" in request.args:
            request.close = lambda: closed.append("its own")  # type: ignore[method-assign]
        return "".join(request.files)

    environs: list[t.Any] = []
    for path in ("/", "/?a=1", "/?close"):
        environ = EnvironBuilder(path, method="POST").get_environ()
        b"".join(app(environ, lambda *_: None))  # type: ignore[arg-type]
    assert [environ["werkzeug.request"] for environ in environs] == [None] * 3
    assert closed == ["its own"]
