"""Tagged JSON gives back what it was given, and is read by Flask as Flask's is here."""

from __future__ import annotations

import datetime
import json
import typing as t
import uuid
from collections import OrderedDict
from contextlib import nullcontext

import flask.json.tag
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

import erlen
from erlen.json.tag import (
    JSONTag,
    TagDateTime,
    TaggedJSONSerializer,
    read_tagged,
    tags_plainly,
    write_tagged,
)
from tests.serve.beside import Framework, outcome, told_alike

ours = TaggedJSONSerializer()
theirs = flask.json.tag.TaggedJSONSerializer()

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.text().map(Markup),
    st.uuids(),
    st.datetimes(
        min_value=datetime.datetime(1000, 1, 1),
        timezones=st.just(datetime.timezone.utc),
        allow_imaginary=False,
    ).map(lambda moment: moment.replace(microsecond=0, fold=0)),
)
# Keys that are tags, look like escaped tags, or are neither.
names = st.sampled_from([" t", " di", " b__", " di__", "x", "", "__"]) | st.text()
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=10,
)


def same(left: object, right: object) -> bool:
    """Equal, and of the same types all the way down."""
    return left == right and repr(left) == repr(right)


@given(values)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert same(ours.loads(ours.dumps(value)), value)


@given(values)
def test_the_text_is_flasks(value: object) -> None:
    assert ours.dumps(value) == theirs.dumps(value)


@given(values)
def test_flask_reads_what_we_write_and_we_read_what_flask_writes(value: object) -> None:
    assert same(theirs.loads(ours.dumps(value)), value)
    assert same(ours.loads(theirs.dumps(value)), value)


@given(
    st.recursive(
        st.none() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=20,
    )
)
@example([{" di": ""}])
def test_untagging_any_json_does_what_flask_does(value: object) -> None:
    def read(serializer: t.Any) -> object:
        try:
            return repr(serializer._untag_scan(value))
        except Exception:
            return "error"

    assert read(ours) == read(theirs)


codec = erlen.Flask("app").json.compact_codec()  # type: ignore[attr-defined]


@given(values)
def test_the_text_of_a_known_provider_is_flasks(value: object) -> None:
    assert tags_plainly(ours)
    with flask.Flask("app").app_context():
        text = theirs.dumps(value)
    assert write_tagged(ours, value, codec) == text
    assert same(read_tagged(ours, text, codec), theirs.loads(text))


@given(
    st.recursive(
        st.none() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=20,
    ),
    st.booleans(),
    st.sampled_from([None, 1]),
)
@example({"a": {" t": [1]}}, True, 1)
def test_a_known_provider_reads_any_json_as_flask_does(
    value: object, ascii: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    for written in (text, text.replace('" ', '"\\u0020'), f" {text}", f"{text} ", text[:-1]):
        assert repr(outcome(read_tagged, ours, written, codec)) == repr(outcome(theirs.loads, written))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({" t": (1, 2)}, '{" di":{" t__":{" t":[1,2]}}}'),
        ((), '{" t":[]}'),
        (b"\xff", '{" b":"/w=="}'),
        (Markup("<b>"), '{" m":"<b>"}'),
        (uuid.UUID(int=1), '{" u":"00000000000000000000000000000001"}'),
        (
            datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
            '{" d":"Wed, 01 Jan 2020 00:00:00 GMT"}',
        ),
        ({"a": [b""]}, '{"a":[{" b":""}]}'),
    ],
)
def test_each_type_has_its_tag(value: object, text: str) -> None:
    assert ours.dumps(value) == text


def test_whatever_has_html_comes_back_as_markup() -> None:
    class Html:
        def __html__(self) -> str:
            return "<b>"

    assert same(ours.loads(ours.dumps(Html())), Markup("<b>"))


class TagSet(JSONTag):
    __slots__ = ()
    key = " s"

    def check(self, value: t.Any) -> bool:
        return isinstance(value, set)

    def to_json(self, value: t.Any) -> t.Any:
        return [self.serializer.tag(item) for item in value]

    def to_python(self, value: t.Any) -> t.Any:
        return set(value)


def test_a_type_can_be_taught() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagSet)
    assert serializer.loads(serializer.dumps({"set": {b"a"}})) == {"set": {b"a"}}
    with pytest.raises(TypeError):
        ours.dumps({1})


def test_a_tag_may_look_at_plain_values() -> None:
    class TagBig(JSONTag):
        __slots__ = ()
        key = " big"

        def check(self, value: t.Any) -> bool:
            return type(value) is int and value > 9

        def to_json(self, value: t.Any) -> t.Any:
            return str(value)

        def to_python(self, value: t.Any) -> t.Any:
            return int(value)

    serializer = TaggedJSONSerializer()
    assert serializer.dumps([9, 10]) == "[9,10]"
    serializer.register(TagBig)
    assert serializer.dumps([9, 10]) == '[9,{" big":"10"}]'
    serializer.order.pop()
    assert serializer.dumps([9, 10]) == "[9,10]"
    serializer.order.insert(0, TagBig(serializer))
    assert serializer.dumps([9, 10]) == '[9,{" big":"10"}]'

    class Bare(TaggedJSONSerializer):
        def __init__(self) -> None:
            self.tags, self.order = {}, [TagBig(self)]

    assert Bare().dumps(10) == '{" big":"10"}'


def test_a_tag_for_a_subclass_goes_to_the_front() -> None:
    class TagOrderedDict(JSONTag):
        __slots__ = ()
        key = " od"

        def check(self, value: t.Any) -> bool:
            return isinstance(value, OrderedDict)

        def to_json(self, value: t.Any) -> t.Any:
            return [[key, self.serializer.tag(item)] for key, item in value.items()]

        def to_python(self, value: t.Any) -> t.Any:
            return OrderedDict(value)

    serializer = TaggedJSONSerializer()
    serializer.register(TagOrderedDict, index=0)
    value = OrderedDict(b=1, a=(2,))
    assert same(serializer.loads(serializer.dumps(value)), value)


def test_the_order_of_tags_is_the_one_asked_for() -> None:
    serializer = TaggedJSONSerializer()
    for key, index in (("1", -1), ("2", None), ("3", 0)):
        serializer.register(type(f"Tag{key}", (JSONTag,), {"key": key}), index=index)
    assert [serializer.order[at].key for at in (-3, -1, 0)] == ["1", "2", "3"]


def test_a_key_is_taken_once_unless_by_force() -> None:
    class Mine(TagSet):
        key = " d"

    serializer = TaggedJSONSerializer()
    with pytest.raises(KeyError, match=r"' d' is already registered, by TagDateTime.*force=True"):
        serializer.register(Mine)
    assert type(serializer.tags[" d"]) is TagDateTime
    serializer.register(Mine, force=True, index=0)
    assert serializer.tags[" d"] is serializer.order[0]
    assert type(serializer.order[0]) is Mine


def test_the_default_tags_may_be_those_of_a_subclass() -> None:
    class OnlySets(TaggedJSONSerializer):
        default_tags = [TagSet]

    assert OnlySets().dumps({1}) == '{" s":[1]}'
    assert list(OnlySets().tags) == [" s"]


def test_a_bare_tag_says_what_is_missing() -> None:
    tag = JSONTag(ours)
    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(None)


# who writes the text


class Shouting:
    """A provider, or an application with one, that writes in capitals."""

    def __init__(self) -> None:
        self.json = self

    def dumps(self, obj: object, **kwargs: object) -> str:
        return f"{obj} {sorted(kwargs)}".upper()

    def loads(self, text: str, **kwargs: object) -> object:
        return text.upper()


Patch: t.TypeAlias = pytest.MonkeyPatch
REPLACED: dict[str, t.Callable[[Framework, t.Any, Patch], object]] = {
    "nothing": lambda framework, app, patch: None,
    "the provider": lambda framework, app, patch: setattr(app, "json", Shouting()),
    "a method of the provider": lambda framework, app, patch: patch.setattr(
        framework.json.provider.DefaultJSONProvider, "dumps", lambda self, obj, **kwargs: "patched"
    ),
    "functions of the module": lambda framework, app, patch: (
        patch.setattr(framework.json.tag, "dumps", Shouting().dumps),
        patch.setattr(framework.json.tag, "loads", Shouting().loads),
    ),
    "functions of the package, which the module has already": lambda framework, app, patch: (
        patch.setattr(framework.json, "dumps", Shouting().dumps),
        patch.setattr(framework.json, "loads", Shouting().loads),
    ),
    "the proxy of the package": lambda framework, app, patch: patch.setattr(
        framework.json, "current_app", Shouting()
    ),
    "the truth of the application": lambda framework, app, patch: (
        patch.setattr(type(app), "__bool__", lambda app: False, raising=False),
        setattr(app, "json", Shouting()),
    ),
}


@pytest.mark.parametrize("replaced", REPLACED)
@pytest.mark.parametrize("active", ["nothing", "application", "request"])
def test_the_text_is_written_by_whom_flask_asks(replaced: str, active: str) -> None:
    def story(framework: Framework) -> object:
        app = type("App", (framework.Flask,), {})("app")
        contexts = {
            "nothing": nullcontext,
            "application": app.app_context,
            "request": app.test_request_context,
        }
        serializer = framework.json.tag.TaggedJSONSerializer()
        with pytest.MonkeyPatch.context() as patch, contexts[active]():
            REPLACED[replaced](framework, app, patch)
            return serializer.dumps({"a": (1,)}), serializer.loads('{"a":{" t":[1]}}')

    told_alike(story)
