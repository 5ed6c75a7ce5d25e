"""The default provider writes byte for byte what Flask's writes, and notices each change of its settings."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import io
import json
import math
import threading
import typing as t
import uuid

import flask.json.provider
import pytest
from flask.json.provider import DefaultJSONProvider as FlaskProvider
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.wrappers import Response

from erlen.json import provider as provider_module
from erlen.json.provider import DefaultJSONProvider, JSONProvider


class App:
    """What a provider asks of its application."""

    debug = False
    response_class = Response


# Where an application is expected: only what a provider asks of it.
APP: t.Any = App()


@pytest.fixture
def provider() -> DefaultJSONProvider:
    return DefaultJSONProvider(APP)


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Html:
    def __html__(self) -> str:
        return "<b>html</b>"


special = st.one_of(
    st.datetimes(
        timezones=st.none() | st.just(datetime.timezone.utc), min_value=datetime.datetime(1000, 1, 1)
    ),
    st.dates(min_value=datetime.date(1000, 1, 1)),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.builds(Point, st.integers(), st.integers()),
    st.just(Html()),
    st.text().map(Markup),
    st.binary(max_size=2),
    st.just(Point),
    st.complex_numbers(),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
keys = st.text() | st.integers() | st.booleans() | st.none() | st.floats() | st.tuples()
values = st.recursive(
    scalars | special,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def outcome(function: t.Callable[[], t.Any]) -> object:
    """What a call answers, or the class of what it raises."""
    try:
        return function()
    except Exception as error:
        return type(error)


@given(
    value=values,
    ensure_ascii=st.booleans(),
    sort_keys=st.booleans(),
    arguments=st.sampled_from(
        [{}, {"separators": (",", ":")}, {"separators": [",", ":"]}, {"indent": 2}, {"sort_keys": False}]
    ),
)
def test_any_value_becomes_the_text_that_flask_makes_of_it(
    value: object, ensure_ascii: bool, sort_keys: bool, arguments: dict[str, t.Any]
) -> None:
    ours = DefaultJSONProvider(APP)
    theirs = FlaskProvider(APP)
    for provider in (ours, theirs):
        provider.ensure_ascii = ensure_ascii
        provider.sort_keys = sort_keys
    expected = outcome(lambda: theirs.dumps(value, **arguments))
    # Twice: the second time an encoder is used again.
    assert outcome(lambda: ours.dumps(value, **arguments)) == expected
    assert outcome(lambda: ours.dumps(value, **arguments)) == expected


@given(values, st.sampled_from([True, False, None, 0]), st.booleans())
def test_a_response_is_the_one_that_flask_makes(value: object, compact: t.Any, debug: bool) -> None:
    app = App()
    app.debug = debug
    answers = []
    for provider_class in (DefaultJSONProvider, FlaskProvider):
        provider = provider_class(t.cast(t.Any, app))
        provider.compact = compact
        response = outcome(lambda provider=provider: provider.response(value))
        answers.append((response.data, response.mimetype) if isinstance(response, Response) else response)
    assert answers[0] == answers[1]


@given(st.lists(scalars), st.dictionaries(st.text(), scalars))
def test_arguments_stand_for_the_value_that_flask_takes_them_for(
    args: list[t.Any], kwargs: dict[str, t.Any]
) -> None:
    ours = outcome(lambda: JSONProvider(APP)._prepare_response_obj(tuple(args), kwargs))
    theirs = outcome(lambda: flask.json.provider.JSONProvider(APP)._prepare_response_obj(tuple(args), kwargs))
    assert repr(ours) == repr(theirs)


# settings count at any time


def test_settings_on_the_instance_count_at_once(provider: DefaultJSONProvider) -> None:
    value = {"b": "é", "a": 1}
    assert provider.dumps(value) == '{"a": 1, "b": "\\u00e9"}'
    provider.ensure_ascii = False
    assert provider.dumps(value) == '{"a": 1, "b": "é"}'
    provider.sort_keys = False
    assert provider.dumps(value) == '{"b": "é", "a": 1}'
    del provider.ensure_ascii, provider.sort_keys
    assert provider.dumps(value) == '{"a": 1, "b": "\\u00e9"}'


def test_settings_in_a_subclass_count_when_the_class_changes() -> None:
    class Mine(DefaultJSONProvider):
        sort_keys = False

    provider = Mine(APP)
    assert provider.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'
    Mine.sort_keys = True
    assert provider.dumps({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'


def test_default_may_be_set_on_the_instance_and_call_the_one_of_the_class(
    provider: DefaultJSONProvider,
) -> None:
    def default(value: object) -> object:
        return "set" if isinstance(value, set) else DefaultJSONProvider.default(value)

    with pytest.raises(TypeError):
        provider.dumps({1})
    provider.default = default
    assert provider.dumps([{1}, decimal.Decimal("1.5")]) == '["set", "1.5"]'
    provider.default = repr
    assert provider.dumps([{1}]) == '["{1}"]'


def test_default_may_be_a_method_or_nothing(provider: DefaultJSONProvider) -> None:
    class Mine(DefaultJSONProvider):
        said = "mine"

        def default(self, value: object) -> object:
            return self.said

    mine = Mine(APP)
    assert mine.dumps(object()) == mine.dumps(object()) == '"mine"'
    mine.said = "yours"
    assert mine.dumps(object()) == '"yours"'

    provider.default = t.cast(t.Any, None)
    assert provider.dumps([1]) == "[1]"
    with pytest.raises(TypeError, match="not JSON serializable"):
        provider.dumps(object())


def test_arguments_win_over_settings(provider: DefaultJSONProvider) -> None:
    assert provider.dumps({"b": {2}, "a": 1}, sort_keys=False, default=repr) == '{"b": "{2}", "a": 1}'
    assert provider.dumps([1], separators=None) == "[1]"
    assert provider.dumps([1, 2], separators=(";", "=")) == "[1;2]"
    assert provider.dumps(math.inf) == "Infinity"
    with pytest.raises(ValueError, match="Out of range"):
        provider.dumps(math.inf, allow_nan=False)


def test_a_dumps_that_somebody_put_there_is_called(
    provider: DefaultJSONProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.dumps([1])
    monkeypatch.setattr(provider_module.json, "dumps", lambda obj, **kwargs: sorted(kwargs))
    assert provider.dumps([1]) == ["default", "ensure_ascii", "sort_keys"]
    monkeypatch.undo()

    class Module:
        dumps = staticmethod(lambda obj, **kwargs: "dumped")
        loads = staticmethod(lambda text, **kwargs: "loaded")

    monkeypatch.setattr(provider_module, "json", Module)
    assert provider.dumps([1]) == "dumped"
    assert provider.loads("[1]") == "loaded"


def test_without_the_accelerator_the_text_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    provider = DefaultJSONProvider(APP)
    assert provider.dumps({"b": [1, "é"], "a": Html()}) == '{"a": "<b>html</b>", "b": [1, "\\u00e9"]}'


# what must not break with encoders that are used again


def test_circular_references_are_an_error_and_leave_no_trace(provider: DefaultJSONProvider) -> None:
    shared: dict[str, t.Any] = {"a": 1}
    circular: dict[str, t.Any] = {"inner": shared}
    circular["self"] = circular
    for _ in range(3):
        with pytest.raises(ValueError, match="Circular reference"):
            provider.dumps(circular)
        assert provider.dumps([shared, shared]) == '[{"a": 1}, {"a": 1}]'
    del circular["self"]
    assert provider.dumps(circular) == '{"inner": {"a": 1}}'


def test_a_default_that_returns_its_argument_is_circular(provider: DefaultJSONProvider) -> None:
    provider.default = lambda value: value
    with pytest.raises(ValueError, match="Circular reference"):
        provider.dumps(object())


def test_an_error_inside_a_value_leaves_no_trace(provider: DefaultJSONProvider) -> None:
    outer = {"fails": object()}
    for _ in range(3):
        with pytest.raises(TypeError, match="Object of type object is not JSON serializable"):
            provider.dumps(outer)
    outer["fails"] = t.cast(t.Any, 1)
    assert provider.dumps(outer) == '{"fails": 1}'


def test_a_default_may_write_json_itself(provider: DefaultJSONProvider) -> None:
    items = [1, 2]
    provider.default = lambda value: provider.dumps({"items": items})
    assert json.loads(provider.dumps({"items": items, "more": object()}))["more"] == '{"items": [1, 2]}'


def test_threads_may_write_the_same_value_at_once(provider: DefaultJSONProvider) -> None:
    meeting = threading.Barrier(2)

    def default(value: object) -> str:
        meeting.wait(60)  # both are in the middle of the same containers
        return "waited"

    provider.default = default
    shared = {"list": [object()]}
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(provider.dumps(shared))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ['{"list": ["waited"]}'] * 2


def test_a_key_error_of_mixed_keys_is_pythons(provider: DefaultJSONProvider) -> None:
    with pytest.raises(TypeError, match="not supported between"):
        provider.dumps({"a": 1, 2: 3})
    provider.sort_keys = False
    assert provider.dumps({"a": 1, 2: 3}) == '{"a": 1, "2": 3}'


# reading, files, other providers


def test_text_and_bytes_are_read(provider: DefaultJSONProvider) -> None:
    assert provider.loads('{"a": 1}') == provider.loads(b'{"a": 1}') == {"a": 1}
    assert provider.loads("1.5", parse_float=decimal.Decimal) == decimal.Decimal("1.5")
    assert provider.load(io.BytesIO(b"[1]")) == provider.load(io.StringIO("[1]")) == [1]


def test_values_are_written_to_files(provider: DefaultJSONProvider) -> None:
    file = io.StringIO()
    provider.dump({"a": 1}, file, separators=(",", ":"))
    assert file.getvalue() == '{"a":1}'


BODIES = st.one_of(
    st.binary(max_size=8).map(lambda tail: b"[" + tail),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ).flatmap(
        lambda value: st.tuples(
            st.just(json.dumps(value)),
            st.sampled_from(
                ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]
            ),
            st.sampled_from(["", " ", "\n\t", "x", "]", "\0"]),
        ).map(lambda written: (written[0] + written[2]).encode(written[1]))
    ),
)


@given(BODIES)
@example(b"")
@example(b"[")
@example(b"{}")
@example(b"[1] ")
@example(b" [1]")
@example(b"[\x00")
@example(b"[1\x00")
@example(b'["\xff"]')
@example(b'["\xed\xa0\x80"]')
@example(b"[" * 100_000)
@example(b"[NaN, -Infinity, 1e999, " + b"1" * 4000 + b"]")
@example(b"[" + b"1" * 5000 + b"]")
def test_bytes_are_read_as_pythons_json_reads_them(body: bytes) -> None:
    def outcome(loads: t.Callable[[bytes], t.Any]) -> object:
        try:
            return repr(loads(body))
        except Exception as error:
            return type(error), str(error)

    assert outcome(DefaultJSONProvider(APP).loads) == outcome(json.loads)


def test_a_provider_needs_dumps_and_loads_only() -> None:
    class Reversed(JSONProvider):
        def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
            return repr(obj)[::-1]

        def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
            return s[::-1]

    provider = Reversed(APP)
    response = provider.response([1, 2])
    assert response.data == b"]2 ,1["
    assert response.mimetype == "application/json"
    assert provider.load(io.StringIO("ab")) == "ba"


def test_a_provider_without_dumps_and_loads_says_so() -> None:
    provider = JSONProvider(APP)
    with pytest.raises(NotImplementedError):
        provider.dumps(1)
    with pytest.raises(NotImplementedError):
        provider.loads("1")


def test_values_and_keywords_at_once_are_refused(provider: DefaultJSONProvider) -> None:
    with pytest.raises(TypeError, match="not both"):
        provider.response(1, a=2)


def test_the_type_of_responses_can_be_set(provider: DefaultJSONProvider) -> None:
    provider.mimetype = "application/vnd.api+json"
    response = provider.response(a=1)
    assert response.mimetype == "application/vnd.api+json"
    assert response.data == b'{"a":1}\n'


def test_responses_go_through_an_overridden_dumps() -> None:
    class Mine(DefaultJSONProvider):
        def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
            return f"{obj} {kwargs}"

    assert Mine(APP).response(1).data == b"1 {'separators': (',', ':')}\n"


def test_a_provider_does_not_keep_its_application_alive() -> None:
    app = App()
    provider = DefaultJSONProvider(t.cast(t.Any, app))
    del app
    with pytest.raises(ReferenceError):
        provider._app.debug  # noqa: B018


@pytest.mark.parametrize("value", [uuid.UUID(int=1), decimal.Decimal("0.1"), Point(1, 2), Html()])
def test_the_default_on_the_class_can_be_called(value: object) -> None:
    assert DefaultJSONProvider.default(value) == FlaskProvider.default(value)
