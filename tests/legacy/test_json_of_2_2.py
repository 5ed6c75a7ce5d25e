"""JSON as Flask 2.2 still had it."""

from __future__ import annotations

from typing import Any

import pytest

import erlen.json
from erlen import Flask, jsonify
from erlen.legacy.json_classes import JSONEncoder

pytestmark = pytest.mark.usefixtures("of_2_2")
json: Any = erlen.json


class Upper(JSONEncoder):
    def default(self, o: Any) -> Any:
        return "other"


def test_an_application_may_be_passed() -> None:
    app: Any = Flask(__name__)
    app.json_encoder = Upper
    assert json.dumps(object(), app=app) == '"other"'
    assert json.dumps({"b": 1, "a": 2}, app=app) == '{"a": 2, "b": 1}'


def test_outside_of_an_application_keys_are_not_sorted() -> None:
    assert json.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'


@pytest.mark.parametrize(("pretty", "text"), [(None, "null\n"), (True, "null\n")])
def test_jsonify_without_arguments_is_null(pretty: bool | None, text: str) -> None:
    app = Flask(__name__)
    app.config["JSONIFY_PRETTYPRINT_REGULAR"] = pretty
    with app.app_context():
        assert jsonify().get_data(as_text=True) == text


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({}, '{"a":1}\n'),
        ({"DEBUG": True}, '{\n  "a": 1\n}\n'),
        ({"JSONIFY_PRETTYPRINT_REGULAR": True}, '{\n  "a": 1\n}\n'),
        ({"JSONIFY_PRETTYPRINT_REGULAR": False, "DEBUG": True}, '{"a":1}\n'),
    ],
)
def test_keys(config: dict[str, Any], text: str) -> None:
    app = Flask(__name__)
    app.config.update(config)
    with app.app_context():
        assert jsonify(a=1).get_data(as_text=True) == text
