"""Tests of the application, for a pytest that takes every file for tests and rewrites what it imports."""

from __future__ import annotations

import sys

import flask
import flask.json.tag
import pytest
from shopapp import create_app


def test_pages():
    client = create_app().test_client()
    assert client.get("/?name=Ada").text == "Hello, Ada!"
    assert client.get("/json").json == {"name": "nobody"}
    assert [client.get(path).status_code for path in ("/items/7", "/items/x", "/nowhere")] == [200, 404, 404]


def test_each_module_is_there_once():
    from flask import Flask, views
    from flask.sansio.app import App
    from flask.sansio.blueprints import Blueprint
    from flask.testing import FlaskClient

    assert len([name for name in sys.modules if name.partition(".")[0] == "flask"]) > 20
    assert flask.app.Flask is Flask
    assert issubclass(Flask, App)
    assert issubclass(flask.Blueprint, Blueprint)
    assert isinstance(create_app().test_client(), FlaskClient)
    assert flask.views is views is sys.modules["flask.views"]


def test_a_wrong_assertion_is_explained():
    answer = create_app().test_client().get("/items/7").json
    with pytest.raises(AssertionError, match="'large': 7"):
        assert answer == {"small": 7}
