"""JSON by classes and keys."""

from __future__ import annotations

import io
import json as python_json
from typing import Any

import pytest

import erlen.json
from erlen import Blueprint, Flask, jsonify, request
from erlen.json.provider import DefaultJSONProvider
from erlen.legacy.json_classes import JSONDecoder, JSONEncoder

pytestmark = pytest.mark.usefixtures("of_1_1")
json: Any = erlen.json


class Thing:
    pass


class ThingEncoder(JSONEncoder):
    def default(self, o: Any) -> Any:
        return "thing" if isinstance(o, Thing) else super().default(o)


class PairsDecoder(JSONDecoder):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(object_pairs_hook=list, **kwargs)


@pytest.fixture
def app() -> Any:
    return Flask(__name__)


def answer(app: Any, view: Any, protocol: str = "wsgi") -> Any:
    app.add_url_rule("/", "view", view, methods=["GET", "POST"])
    return app.test_client(protocol=protocol).post("/", json={"a": {"b": 1}})


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_classes_of_the_application(app: Any, protocol: str) -> None:
    app.json_encoder, app.json_decoder = ThingEncoder, PairsDecoder
    response = answer(app, lambda: jsonify(Thing(), repr(request.get_json())), protocol)
    assert response.json == ["thing", "[('a', [('b', 1)])]"]


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_classes_of_a_subclass_and_plain_results(protocol: str) -> None:
    class Own(Flask):
        json_encoder = ThingEncoder

    assert answer(Own(__name__), lambda: {"a": [Thing()]}, protocol).text == '{"a":["thing"]}\n'


def test_classes_of_a_blueprint_go_first(app: Any) -> None:
    class Other(JSONEncoder):
        def default(self, o: Any) -> Any:
            return "other"

    blueprint: Any = Blueprint("b", __name__, url_prefix="/b")
    blueprint.json_encoder = Other
    blueprint.add_url_rule("/", "view", lambda: jsonify(Thing()))
    app.json_encoder = ThingEncoder
    app.register_blueprint(blueprint)
    assert answer(app, lambda: jsonify(Thing())).json == "thing"
    assert app.test_client().get("/b/").json == "other"
    assert app.blueprints["b"].json_decoder is None


def test_an_encoder_of_somebody_else_gets_flasks_types(app: Any) -> None:
    class Plain(python_json.JSONEncoder):
        pass

    app.json_encoder = Plain
    app.json.default = lambda o: "by the provider"
    assert app.json.dumps(Thing()) == '"by the provider"'


def test_the_standard_classes_change_nothing(app: Any) -> None:
    assert app.json_encoder is Flask.json_encoder is JSONEncoder  # type: ignore[attr-defined]
    assert app.json_decoder is Flask.json_decoder is JSONDecoder  # type: ignore[attr-defined]
    app.json_encoder = JSONEncoder
    with pytest.raises(TypeError, match="not JSON serializable"):
        app.json.dumps(Thing())


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("JSON_AS_ASCII", False, '{"a":1,"b":"ü"}\n'),
        ("JSON_SORT_KEYS", False, '{"b":"\\u00fc","a":1}\n'),
        ("JSONIFY_PRETTYPRINT_REGULAR", True, '{\n  "a": 1, \n  "b": "\\u00fc"\n}\n'),
        ("DEBUG", True, '{\n  "a": 1, \n  "b": "\\u00fc"\n}\n'),
    ],
)
def test_keys(app: Any, key: str, value: object, text: str) -> None:
    app.config[key] = value
    assert answer(app, lambda: jsonify(b="ü", a=1)).text == text


def test_the_type_of_the_response(app: Any) -> None:
    app.config["JSONIFY_MIMETYPE"] = "application/vnd.a+json"
    assert answer(app, lambda: jsonify(1)).mimetype == "application/vnd.a+json"


def test_what_is_set_on_the_provider_counts_too(app: Any) -> None:
    app.json.sort_keys, app.json.mimetype, app.json.compact = False, "text/x", False
    response = answer(app, lambda: jsonify(b=1, a=2))
    assert (response.text, response.mimetype) == ('{\n  "b": 1, \n  "a": 2\n}\n', "text/x")


def test_a_provider_of_the_application_is_left_alone() -> None:
    class Own(Flask):
        json_provider_class = DefaultJSONProvider
        json_encoder = ThingEncoder

    with pytest.raises(TypeError):
        Own(__name__).json.dumps(Thing())


def test_the_functions_take_an_application_and_an_encoding(app: Any) -> None:
    app.json_encoder, app.json_decoder = ThingEncoder, PairsDecoder
    assert json.dumps(Thing(), app) == json.dumps(Thing(), app=app) == '"thing"'
    assert json.dumps("ü", ensure_ascii=False, encoding="latin1") == b'"\xfc"'
    assert json.loads(b'"\xfc"', encoding="latin1") == "ü"
    assert json.loads('{"a": 1}', app=app) == [("a", 1)]
    text, data = io.StringIO(), io.BytesIO()
    json.dump({"b": 1, "a": 2}, text)
    json.dump("ü", data, encoding="utf-8", ensure_ascii=False)
    assert (text.getvalue(), data.getvalue()) == ('{"a": 2, "b": 1}', '"ü"'.encode())
    assert json.load(io.StringIO("[1]"), app=app) == [1]
    with pytest.raises(TypeError):
        json.dump(1, io.BytesIO())


def test_outside_of_an_application_keys_are_sorted() -> None:
    assert json.dumps({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'
    assert json.dumps({"b": 1, "a": 2}, sort_keys=False) == '{"b": 1, "a": 2}'


def test_jsonify_without_arguments_is_an_object(app: Any) -> None:
    assert answer(app, jsonify).text == "{}\n"


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (lambda app: setattr(app, "json_encoder", ThingEncoder), "flask.Flask.json_encoder"),
        (lambda app: app.config.update(JSON_SORT_KEYS=False), "flask.Flask.config[JSON_SORT_KEYS]"),
        (lambda app: json.dumps(1, app=app), "flask.json.dumps(app)"),
    ],
)
def test_what_warns(app: Any, use: Any, name: str, warned: Any) -> None:
    assert warned(lambda: (use(app), app.json.dumps({"a": 1}))) == [name]


def test_plain_json_does_not_warn(app: Any, warned: Any) -> None:
    assert warned(lambda: answer(app, lambda: jsonify(a=1))) == []
