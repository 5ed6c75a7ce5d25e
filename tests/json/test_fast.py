"""The providers of other libraries say what the default one says, or differ as the documentation says."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import importlib.util
import json
import math
import sys
import threading
import typing as t
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

import erlen
from erlen import Erlen
from erlen.json.fast import MsgspecProvider, OrjsonProvider
from erlen.json.provider import DefaultJSONProvider

PROVIDERS = (OrjsonProvider, MsgspecProvider)
Provider: t.TypeAlias = t.Any

for_each_provider = pytest.mark.parametrize("kind", PROVIDERS, ids=lambda kind: kind.__name__)


class App:
    """What a provider asks of its application."""

    debug = False
    response_class = erlen.Response


APP: t.Any = App()
DEFAULT = DefaultJSONProvider(APP)
DEFAULT.ensure_ascii = False
ORJSON, MSGSPEC = (kind(APP) for kind in PROVIDERS)


@dataclasses.dataclass
class Point:
    x: int
    _y: object


class Html:
    def __html__(self) -> str:
        return "<b>é</b>"


class Text(str): ...


class Number(int): ...


class Ratio(float): ...


class Colour(enum.Enum):
    RED = "red"


class Pair(t.NamedTuple):
    one: object
    other: object


def outcome(function: t.Callable[[], t.Any]) -> object:
    """What a call answers, or the class of what it raises."""
    try:
        return function()
    except Exception as error:
        return type(error)


# the same

text = st.text(st.characters(exclude_categories=["Cs"]))
floats = st.floats(allow_nan=False, allow_infinity=False)
# Exponents are written in other ways.
floats_without_exponent = floats.filter(lambda number: "e" not in repr(number))
scalars = st.none() | st.booleans() | st.integers() | floats | text
plain_scalars = st.none() | st.booleans() | st.integers() | floats_without_exponent | text
others = st.one_of(
    st.decimals(allow_nan=False),
    st.uuids(),
    text.map(Markup),
    text.map(Text),
    st.integers().map(Number),
    floats_without_exponent.map(Ratio),
    st.just(Html()),
    st.builds(Point, st.integers(), text),
    st.builds(Pair, st.integers(), text),
)
dates = st.dates(datetime.date(1000, 1, 1)) | st.datetimes(datetime.datetime(1000, 1, 1))


def nested(leaves: st.SearchStrategy[t.Any], keys: st.SearchStrategy[t.Any] = text) -> t.Any:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )


def compact(value: object) -> str:
    return DEFAULT.dumps(value, separators=(",", ":"))


@given(nested(scalars | others))
def test_any_value_is_written_so_that_it_is_read_as_the_same(value: object) -> None:
    expected = json.loads(DEFAULT.dumps(value))
    assert json.loads(ORJSON.dumps(value)) == expected
    assert json.loads(MSGSPEC.dumps(value)) == expected


@given(nested(plain_scalars | others | dates))
def test_orjson_writes_the_same_text(value: object) -> None:
    assert ORJSON.dumps(value) == compact(value)


@given(nested(plain_scalars | others), st.booleans())
def test_indented_text_has_the_same_lines(value: object, ensure_ascii: bool) -> None:
    arguments = {"indent": 2, "ensure_ascii": ensure_ascii}
    lines = DEFAULT.dumps(value, **arguments).count("\n")
    assert ORJSON.dumps(value, **arguments) == DEFAULT.dumps(value, **arguments)
    assert MSGSPEC.dumps(value, **arguments).count("\n") == lines


@given(nested(plain_scalars))
def test_what_is_no_ascii_is_escaped_where_that_is_wanted(value: object) -> None:
    for provider in (ORJSON, MSGSPEC):
        written = provider.dumps(value, ensure_ascii=True)
        assert written.isascii()
        assert json.loads(written) == json.loads(compact(value))
    assert ORJSON.dumps(value, ensure_ascii=True) == DEFAULT.dumps(
        value, ensure_ascii=True, separators=(",", ":")
    )


@given(nested(scalars), st.sampled_from([None, 2]), st.booleans())
def test_any_json_is_read_as_the_same(value: object, indent: int | None, as_bytes: bool) -> None:
    written: str | bytes = json.dumps(value, indent=indent)
    expected = json.loads(written)
    if as_bytes:
        written = t.cast(str, written).encode()
    assert MSGSPEC.loads(written) == expected
    # An integer too large for orjson is read as a float.
    assert close(ORJSON.loads(written), expected)


def close(got: t.Any, expected: t.Any) -> bool:
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(close, got, expected))
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(close(got[key], expected[key]) for key in got)
    if isinstance(got, float) and isinstance(expected, int):
        return math.isclose(got, expected)
    return type(got) is type(expected) and got == expected


@given(st.text() | st.text('[]{}",:0123456789.eE+-truefalsn \t\n\\u\x00é', max_size=12))
def test_what_is_read_is_read_by_python_too(written: str) -> None:
    """Never the other way round: the libraries are stricter."""
    for provider in (ORJSON, MSGSPEC):
        got = outcome(lambda provider=provider: provider.loads(written))
        if isinstance(got, type):
            assert issubclass(got, ValueError)
        else:
            assert close(got, json.loads(written))


# what is refused is left to Python

REFUSED: dict[str, object] = {
    "keys that are integers": {10: 1, 9: 2},
    "keys that are not": {None: 1},
    "a key that is a truth value": {True: 1},
    "keys of two types": {1: 1, "a": 2},
    "keys that no JSON has": {(1,): 1},
    "a large integer": 2**70,
    "a very small one": {"a": [-(2**70)]},
    "half a character": "\ud800",
    "an object": object(),
    "a complex number": {"x": 1j},
    "a class": Point,
    "deep nesting": json.loads("[" * 300 + "]" * 300),
}


@for_each_provider
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_the_library_refuses_is_written_by_python(
    kind: Provider, value: object, indent: int | None
) -> None:
    layout: dict[str, t.Any] = {"indent": 2} if indent else {"separators": (",", ":")}
    expected = outcome(lambda: DEFAULT.dumps(value, **layout))
    assert outcome(lambda: kind(APP).dumps(value, indent=indent)) == expected


@for_each_provider
def test_a_circle_is_refused_in_pythons_words(kind: Provider) -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular reference"):
        kind(APP).dumps(circle)


@for_each_provider
def test_what_default_raises_comes_out(kind: Provider) -> None:
    provider = kind(APP)

    def default(value: object) -> t.NoReturn:
        raise LookupError(value)

    provider.default = default
    with pytest.raises(LookupError):
        provider.dumps(1j)


@for_each_provider
@pytest.mark.parametrize(
    "arguments",
    [
        {"indent": 4},
        {"separators": (", ", ": ")},
        {"separators": (",", ":"), "indent": 2},
        {"skipkeys": True},
        {"cls": json.JSONEncoder},
        {"allow_nan": False},
    ],
    ids=str,
)
def test_arguments_that_the_library_does_not_know_are_pythons(
    kind: Provider, arguments: dict[str, t.Any]
) -> None:
    value = {"b": [1, "é"], "a": None}
    assert kind(APP).dumps(value, **arguments) == DEFAULT.dumps(value, **arguments)


@for_each_provider
def test_reading_with_arguments_is_pythons(kind: Provider) -> None:
    assert kind(APP).loads("1.10", parse_float=decimal.Decimal) == decimal.Decimal("1.10")


# the differences: each is a row of docs/reference/json.md

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2026, 1, 31, 12, 30, 0, 5, tzinfo=UTC)
FULL_MINUTE = MOMENT.replace(microsecond=0)
WRITTEN: dict[str, tuple[object, object, object, object]] = {
    "white space": ({"a": [1, 2]}, '{"a": [1, 2]}', '{"a":[1,2]}', '{"a":[1,2]}'),
    "beyond ASCII": ("é\u2028", '"\\u00e9\\u2028"', '"é\u2028"', '"é\u2028"'),
    "not a number": ([math.nan, math.inf], "[NaN, Infinity]", "[null,null]", "[null,null]"),
    "moments": (
        MOMENT,
        '"Sat, 31 Jan 2026 12:30:00 GMT"',
        '"Sat, 31 Jan 2026 12:30:00 GMT"',
        '"2026-01-31T12:30:00.000005Z"',
    ),
    "dates": (
        datetime.date(2026, 1, 31),
        '"Sat, 31 Jan 2026 00:00:00 GMT"',
        '"Sat, 31 Jan 2026 00:00:00 GMT"',
        '"2026-01-31"',
    ),
    "times": (datetime.time(12, 30), TypeError, TypeError, '"12:30:00"'),
    "durations": (datetime.timedelta(days=1), TypeError, TypeError, '"P1D"'),
    "enumerations": (Colour.RED, TypeError, '"red"', '"red"'),
    "sets": ({1}, TypeError, TypeError, "[1]"),
    "bytes": (b"b", TypeError, TypeError, '"Yg=="'),
    "large floats": (1e16, "1e+16", "1e+16", "1e16"),
    "small floats": (1e-8, "1e-08", "1e-8", "1e-8"),
    "decimals": (decimal.Decimal("1.10"), '"1.10"', '"1.10"', '"1.10"'),
    "UUIDs": (uuid.UUID(int=5), *(['"00000000-0000-0000-0000-000000000005"'] * 3)),
    "dataclasses": (Point(1, None), '{"_y": null, "x": 1}', '{"_y":null,"x":1}', '{"_y":null,"x":1}'),
    "HTML": (Html(), '"<b>\\u00e9</b>"', '"<b>é</b>"', '"<b>é</b>"'),
    "integers": (2**70, str(2**70), str(2**70), str(2**70)),
    "keys": ({"b": 1, "a": 2}, '{"a": 2, "b": 1}', '{"a":2,"b":1}', '{"a":2,"b":1}'),
}
READ: dict[str, tuple[str | bytes, object, object, object]] = {
    "not a number": ("NaN", "nan", ValueError, ValueError),
    "too large a float": ("1e400", math.inf, ValueError, ValueError),
    "a large integer": (str(2**64), 2**64, float(2**64), 2**64),
    "half a character": ('"\\ud800"', "\ud800", ValueError, ValueError),
    "UTF-16": ('"a"'.encode("utf-16"), "a", ValueError, ValueError),
    "deep nesting": ("[" * 1_000_000 + "]" * 1_000_000, RecursionError, ValueError, ValueError),
}


@pytest.mark.parametrize("row", WRITTEN.values(), ids=WRITTEN)
def test_what_is_written_differs_as_the_documentation_says(row: tuple[t.Any, ...]) -> None:
    value, *expected = row
    providers = (DefaultJSONProvider(APP), ORJSON, MSGSPEC)
    assert [outcome(lambda p=p: p.dumps(value)) for p in providers] == expected


@pytest.mark.parametrize("row", READ.values(), ids=READ)
def test_what_is_read_differs_as_the_documentation_says(row: tuple[t.Any, ...]) -> None:
    written, *expected = row
    got = [outcome(lambda p=p: p.loads(written)) for p in (DEFAULT, ORJSON, MSGSPEC)]
    for one, other in zip(got, expected, strict=True):
        if isinstance(other, type):
            assert isinstance(one, type)
            assert issubclass(one, other)
        else:
            assert one == other or str(one) == other


def test_msgspec_has_keys_of_more_types_where_they_are_not_sorted() -> None:
    provider = MsgspecProvider(APP)
    key = uuid.UUID(int=5)
    assert outcome(lambda: provider.dumps({key: 1})) is TypeError
    provider.sort_keys = False
    assert provider.dumps({key: 1}) == '{"00000000-0000-0000-0000-000000000005":1}'


def test_default_is_not_asked_for_what_the_library_knows() -> None:
    asked: list[object] = []
    values = [uuid.UUID(int=1), Colour.RED, MOMENT, decimal.Decimal(1), Point(1, 2), Html()]
    told = {}
    for provider in (OrjsonProvider(APP), MsgspecProvider(APP)):
        provider.default = lambda value: asked.append(type(value)) or "default"
        provider.dumps(values)
        told[type(provider)] = tuple(asked)
        asked.clear()
    assert told[OrjsonProvider] == (datetime.datetime, decimal.Decimal, Point, Html)
    assert told[MsgspecProvider] == (Html,)


# settings


@for_each_provider
def test_settings_may_change_at_any_time(kind: Provider) -> None:
    provider = kind(APP)
    value = {"b": "é", "a": 1j}
    provider.default = str
    assert provider.dumps(value) == '{"a":"1j","b":"é"}'
    provider.sort_keys = False
    assert provider.dumps(value) == '{"b":"é","a":"1j"}'
    provider.ensure_ascii = True
    assert provider.dumps(value) == '{"b":"\\u00e9","a":"1j"}'
    provider.default = repr
    assert provider.dumps(value) == '{"b":"\\u00e9","a":"1j"}'
    assert provider.dumps(value, sort_keys=True, ensure_ascii=False, default=str) == '{"a":"1j","b":"é"}'


@for_each_provider
def test_settings_and_methods_of_a_subclass_count(kind: Provider) -> None:
    class Own(kind):  # type: ignore[misc]
        sort_keys = False
        ensure_ascii = True
        mimetype = "application/vnd.own+json"

        def default(self, value: object) -> str:
            return f"{type(self).__name__} {value}"

    response = Own(APP).response({"b": "é", "a": 1j})
    assert response.data == b'{"b":"\\u00e9","a":"Own 1j"}\n'
    assert response.mimetype == "application/vnd.own+json"


@for_each_provider
@pytest.mark.parametrize(("compact", "debug", "indented"), [(None, True, True), (None, False, False)])
@pytest.mark.parametrize("value", [{"a": [1, {"b": "é"}], "c": {}, "d": []}, [], {10: 1}], ids=str)
def test_responses_are_indented_in_debug_mode(
    kind: Provider, compact: bool | None, debug: bool, indented: bool, value: object
) -> None:
    app: t.Any = App()
    app.debug = debug
    provider, default = kind(app), DefaultJSONProvider(app)
    default.ensure_ascii = False
    provider.compact = default.compact = compact
    assert provider.response(value).data == default.response(value).data
    assert (b"\n  " in provider.response({"a": 1}).data) is indented


# in an application


def application(kind: Provider, by_class: bool) -> Erlen:
    if by_class:
        app: Erlen = type("Own", (Erlen,), {"json_provider_class": kind})("app", static_folder=None)
    else:
        app = Erlen("app", static_folder=None)
        app.json = kind(app)
    app.secret_key = "secret"
    app.add_url_rule("/dict", "dict", lambda: {"é": [1.5, None]})
    app.add_url_rule("/list", "list", lambda: [Markup("<b>"), uuid.UUID(int=1)])
    app.add_url_rule("/jsonify", "jsonify", lambda: erlen.jsonify(a=1, b=[MOMENT.year]))
    app.add_url_rule("/read", "read", lambda: {"read": erlen.request.get_json()}, methods=["POST"])
    app.add_url_rule("/page", "page", lambda: erlen.render_template_string("{{ x|tojson }}", x=HOSTILE))
    app.add_url_rule(
        "/session",
        "session",
        lambda: str(erlen.session.setdefault("é", [1, ("a", FULL_MINUTE)])),
    )
    return app


HOSTILE = {"</script>": ["<!--", "'\"&", Markup("<b>"), "\u2028", Html()], "&": 1}
in_an_application = pytest.mark.parametrize("by_class", [True, False], ids=["class", "instance"])


@for_each_provider
@in_an_application
def test_views_answer_by_the_provider(kind: Provider, by_class: bool) -> None:
    client = application(kind, by_class).test_client()
    for _ in range(2):
        assert client.get("/dict").data == '{"é":[1.5,null]}\n'.encode()
        assert client.get("/list").data == b'["<b>","00000000-0000-0000-0000-000000000001"]\n'
        assert client.get("/jsonify").data == b'{"a":1,"b":[2026]}\n'
    assert client.get("/dict").content_type == "application/json"


@for_each_provider
@in_an_application
def test_requests_are_read_by_the_provider(kind: Provider, by_class: bool) -> None:
    client = application(kind, by_class).test_client()
    assert client.post("/read", json={"é": [1, None]}).json == {"read": {"é": [1, None]}}
    for body in (b"{", b"NaN", b'"\xff"', b"", b"[" * 100_000, b'{"a":1,}', b"\xef\xbb\xbf1"):
        assert client.post("/read", data=body, content_type="application/json").status_code == 400


@for_each_provider
@in_an_application
def test_json_in_a_page_cannot_end_a_script_or_an_attribute(kind: Provider, by_class: bool) -> None:
    page = application(kind, by_class).test_client().get("/page").text
    assert not set("<>&'") & set(page)
    assert json.loads(page) == json.loads(DEFAULT.dumps(HOSTILE))


@given(nested(st.text("<>&'\"\\/!-\u2028é") | st.builds(Html)))
def test_any_json_in_a_page_is_safe(value: object) -> None:
    for kind in PROVIDERS:
        app = _PAGES[kind]
        with app.app_context():
            page = erlen.render_template_string("{{ x|tojson }}{{ x|tojson(indent=2) }}", x=value)
        assert not set("<>&'") & set(page)


_PAGES = {kind: application(kind, False) for kind in PROVIDERS}


@for_each_provider
def test_a_session_can_be_read_with_another_provider(kind: Provider) -> None:
    fast, default = application(kind, False), application(DefaultJSONProvider, False)
    for one, other in ((fast, default), (default, fast)):
        first, then = one.test_client(), other.test_client()
        said = first.get("/session").text
        cookie = first.get_cookie("session")
        assert cookie is not None
        then.set_cookie("session", cookie.value)
        assert then.get("/session").text == said


@for_each_provider
def test_a_dict_of_a_view_needs_no_response_object(kind: Provider) -> None:
    app = application(kind, False)
    assert app.request_planner.current(app).json_text is not None
    app.debug = True  # then it is indented
    assert app.request_planner.current(app).json_text is None


@for_each_provider
@pytest.mark.parametrize("name", ["dumps", "response"])
@pytest.mark.parametrize("place", ["subclass", "instance", "class"])
def test_a_method_that_somebody_replaces_is_called(
    kind: Provider, name: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    original = getattr(kind, name)

    def replaced(*args: t.Any, **kwargs: t.Any) -> t.Any:
        log.append(name)
        return original(*args, **kwargs)

    app = application(type("Own", (kind,), {name: replaced}) if place == "subclass" else kind, False)
    if place != "subclass":
        assert app.test_client().get("/dict").json == {"é": [1.5, None]}
    if place == "class":
        monkeypatch.setattr(kind, name, replaced)
    elif place == "instance":
        monkeypatch.setattr(app.json, name, replaced.__get__(app.json))
    assert app.test_client().get("/dict").json == {"é": [1.5, None]}
    assert log == [name]


@for_each_provider
def test_a_setting_of_the_provider_is_heard_between_requests(kind: Provider) -> None:
    app = application(kind, False)
    client = app.test_client()
    assert client.get("/dict").data == '{"é":[1.5,null]}\n'.encode()
    app.json.ensure_ascii = True
    app.json.mimetype = "application/vnd.own+json"
    assert client.get("/dict").data == b'{"\\u00e9":[1.5,null]}\n'
    assert client.get("/dict").content_type == "application/vnd.own+json"


@for_each_provider
def test_threads_write_at_the_same_time(kind: Provider) -> None:
    provider = kind(APP)
    faults: list[object] = []

    def default(value: object) -> object:
        provider.dumps({"inner": [1]})
        return "default"

    provider.default = default

    def write(n: int) -> None:
        value = {"n": n, "list": [n] * 50, "x": Html()}
        expected = {**value, "x": "default"}
        faults.extend(1 for _ in range(200) if json.loads(provider.dumps(value)) != expected)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


# where the library is missing


@for_each_provider
def test_without_the_library_the_extra_is_named(kind: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    name = kind.__name__.removesuffix("Provider").lower()
    assert importlib.util.find_spec(name) is not None
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf"pip install 'erlen\[{name}\]'") as caught:
        kind(APP)
    assert caught.value.name == name
