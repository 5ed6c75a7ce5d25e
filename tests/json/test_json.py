"""The functions of ``erlen.json`` ask the current application, and Python where there is none."""

from __future__ import annotations

import datetime
import decimal
import io
import typing as t

import flask
import pytest

import erlen.json
from erlen import Erlen
from erlen.json.provider import DefaultJSONProvider, JSONProvider

CLOCK = datetime.datetime(2020, 1, 2, 3, 4, 5)


class Loud(DefaultJSONProvider):
    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        return super().dumps(obj, **kwargs).upper()

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        return ["loud", super().loads(s, **kwargs)]


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.json = Loud(app)
    return app


def test_without_an_application_it_is_pythons_with_our_types() -> None:
    value = {"b": CLOCK, "a": decimal.Decimal("1.50")}
    assert erlen.json.dumps(value) == '{"b": "Thu, 02 Jan 2020 03:04:05 GMT", "a": "1.50"}'
    assert erlen.json.dumps(value, default=repr, sort_keys=True).startswith("""{"a": "Decimal('1.50')""")
    assert erlen.json.dumps(value) == flask.json.dumps(value)
    assert erlen.json.loads("[1.0]", parse_float=str) == ["1.0"]


def test_without_an_application_files_are_pythons_too() -> None:
    file = io.StringIO()
    erlen.json.dump([CLOCK], file)
    assert file.getvalue() == '["Thu, 02 Jan 2020 03:04:05 GMT"]'
    assert erlen.json.load(io.BytesIO(b"[1]")) == [1]


def test_with_an_application_it_is_the_providers(app: Erlen) -> None:
    file = io.StringIO()
    with app.app_context():
        assert erlen.json.dumps({"a": "b"}) == '{"A": "B"}'
        erlen.json.dump("text", file)
        assert erlen.json.loads("1") == ["loud", 1]
        assert erlen.json.load(io.StringIO("1")) == ["loud", 1]
    assert file.getvalue() == '"TEXT"'


def test_the_json_module_in_the_package_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    class Module:
        dumps = staticmethod(lambda obj, **kwargs: f"dumped {sorted(kwargs)}")
        loads = staticmethod(lambda text, **kwargs: "loaded")

    monkeypatch.setattr(erlen.json, "_json", Module)
    assert erlen.json.dumps(1) == "dumped ['default']"
    assert erlen.json.loads("1") == "loaded"


@pytest.mark.parametrize(
    ("args", "kwargs", "body"),
    [
        ((), {}, b"null\n"),
        ((None,), {}, b"null\n"),
        (([1, 2],), {}, b"[1,2]\n"),
        ((1, 2), {}, b"[1,2]\n"),
        ((), {"b": 1, "a": 2}, b'{"a":2,"b":1}\n'),
        (("é",), {}, b'"\\u00e9"\n'),
    ],
)
def test_jsonify_has_three_forms(args: tuple[t.Any, ...], kwargs: dict[str, t.Any], body: bytes) -> None:
    app = Erlen(__name__)
    with app.app_context():
        response = erlen.json.jsonify(*args, **kwargs)
    assert type(response) is app.response_class
    assert (response.data, response.mimetype, response.status_code) == (body, "application/json", 200)


def test_jsonify_indents_in_debug_mode() -> None:
    app = Erlen(__name__)
    app.debug = True
    with app.app_context():
        assert erlen.json.jsonify(a=1).data == b'{\n  "a": 1\n}\n'
        app.json.compact = True  # type: ignore[attr-defined]
        assert erlen.json.jsonify(a=1).data == b'{"a":1}\n'


def test_jsonify_makes_the_response_the_provider_makes() -> None:
    class Teapot(JSONProvider):
        def response(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            return self._app.response_class(status=418)

    class App(Erlen):
        json_provider_class = Teapot

    with App(__name__).app_context():
        assert erlen.json.jsonify(1).status_code == 418


def test_jsonify_needs_an_application() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        erlen.json.jsonify(1)
