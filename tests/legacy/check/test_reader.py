"""Which old names are found, and which only look like old names."""

from __future__ import annotations

import pytest

IN_AN_APP = (
    "from flask import *\nfrom flask import Flask, Blueprint, current_app, request\napp = Flask(__name__)\n"
)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from flask import escape", "flask.escape"),
        ("from flask import Flask, escape as e", "flask.escape"),
        ("from erlen import escape", "flask.escape"),
        ("import flask\nflask.escape('<')", "flask.escape"),
        ("import flask as f\nf.Markup('<')", "flask.Markup"),
        ("def view():\n    from flask import Markup", "flask.Markup"),
        ("class A:\n    from flask import Markup", "flask.Markup"),
        ("def a():\n    import flask\n    def b():\n        return flask.escape", "flask.escape"),
        ("import flask\nx = [flask.escape(y) for y in ()]", "flask.escape"),
        ("import flask\nf'{flask.escape(1)}'", "flask.escape"),
        ("import flask\nasync def f():\n    await flask.safe_join()", "flask.safe_join"),
        ("import flask\nf = lambda x: flask.escape(x)", "flask.escape"),
        ("import flask\nmodule = flask\nmodule.escape", "flask.escape"),
        ("from flask import *\nescape('<')", "flask.escape"),
        ("import flask.ext.sqlalchemy", "flask.ext.sqlalchemy"),
        ("import flask.ext.sqlalchemy as s", "flask.ext.sqlalchemy"),
        ("from flask.ext import login", "flask.ext"),
        ("from flask.ext.login import LoginManager, current_user", "flask.ext.login"),
        ("from flask import ext", "flask.ext"),
        ("from flask.json import JSONEncoder", "flask.json.JSONEncoder"),
        ("from flask import json\nclass E(json.JSONEncoder): pass", "flask.json.JSONEncoder"),
        ("import flask\nflask.json.JSONDecoder", "flask.json.JSONDecoder"),
        ("from flask._compat import text_type", "flask._compat"),
        ("from flask.helpers import _request_ctx_stack", "flask.helpers._request_ctx_stack"),
        ("from flask.globals import _request_ctx_stack", "flask.globals._request_ctx_stack"),
        ("from flask.views import MethodViewType", "flask.views.MethodViewType"),
        ("import flask\nflask._request_ctx_stack.top.user = 1", "flask._request_ctx_stack.top.user"),
        ("from werkzeug import secure_filename", "werkzeug.secure_filename"),
        ("import werkzeug\nwerkzeug.secure_filename('a')", "werkzeug.secure_filename"),
        ("from werkzeug.security import safe_str_cmp", "werkzeug.security.safe_str_cmp"),
        ("import werkzeug.urls\nwerkzeug.urls.url_quote('a')", "werkzeug.urls.url_quote"),
        ("from werkzeug.contrib.cache import SimpleCache", "werkzeug.contrib.cache.SimpleCache"),
        ("from werkzeug.contrib.sessions import Session", "werkzeug.contrib.sessions"),
        ("import jinja2\n@jinja2.contextfunction\ndef f(context): ...", "jinja2.contextfunction"),
        ("from jinja2 import Markup", "jinja2.Markup"),
        ("import collections\nisinstance({}, collections.Mapping)", "collections.Mapping"),
        ("from inspect import getargspec", "inspect.getargspec"),
    ],
)
def test_names_of_modules(names, code: str, name: str) -> None:
    [(_, found)] = names(code)
    assert found == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("@app.before_first_request\ndef f(): ...", "Flask.before_first_request"),
        ("app.json_encoder = object", "Flask.json_encoder"),
        ("print(app.env)", "Flask.env"),
        ("print(current_app.env)", "Flask.env"),
        ("current_app._get_current_object().env", "Flask.env"),
        ("def f(): app.got_first_request", "Flask.got_first_request"),
        ("other = app\nother.env", "Flask.env"),
        ("def make():\n    made = Flask(__name__)\n    return made\nx = make()\nx.env", "Flask.env"),
        ("def f(a: Flask): a.env", "Flask.env"),
        ("def f(a: 'Flask | None'): a.env", "Flask.env"),
        ("class A(Flask): ...\nA('a').env", "Flask.env"),
        ("class A(Flask):\n    def f(self): self.env", "Flask.env"),
        ("class A(Flask):\n    json_encoder = object", "Flask.json_encoder"),
        ("class A(Flask):\n    def open_session(self, request): ...", "Flask.open_session"),
        ("class A:\n    def __init__(self): self.a = Flask('a')\n    def b(self): self.a.env", "Flask.env"),
        ("def f(x=None):\n    x = x or current_app\n    x.env", "Flask.env"),
        (
            "b = Blueprint('b', 'b')\n@b.before_app_first_request\ndef f(): ...",
            "Blueprint.before_app_first_request",
        ),
        ("request.charset", "Request.charset"),
        ("with app.test_request_context() as c:\n    c.preserved", "ctx.RequestContext.preserved"),
        ("app.config.from_json('x')", "Config.from_json"),
        ("import flask\nflask.app.Flask('a').env", "Flask.env"),
    ],
)
def test_attributes_of_objects(names, code: str, name: str) -> None:
    [(_, found)] = names(IN_AN_APP.replace("from flask import *\n", "") + code)
    assert found == f"flask.{name}"


@pytest.mark.parametrize(
    ("code", "is_certain"),
    [
        ("from flask import Flask\napp = Flask('a')\napp.json_encoder", True),
        ("from flask import current_app\ncurrent_app.json_encoder", True),
        ("from flask import current_app as app\napp.json_encoder", True),
        ("from flask import g\ndef init_app(app): app.json_encoder", False),
        ("from flask import g\nfrom somewhere import app\napp.json_encoder", False),
        ("from flask import g\nclass A:\n    def f(self): self.app.json_encoder", False),
        ("from flask import Flask\nif x: app = Flask('a')\nelse: app = y()\napp.json_encoder", False),
        ("from flask import *\nescape('<')", False),
    ],
)
def test_it_says_how_certain_it_is(look, code: str, is_certain: bool) -> None:
    [finding] = look(code).findings
    assert finding.is_certain is is_certain


@pytest.mark.parametrize(
    "code",
    [
        "from markupsafe import escape, Markup\nescape('<')",
        "from html import escape\nimport flask\nescape('<')",
        "import flask\ndef escape(text): return text\nescape('<')",
        "import flask\ndef f(flask): flask.escape('<')",
        "class escape: ...\nescape()",
        "def process(app): app.env",  # as Sphinx calls it: nothing here has to do with Flask
        "from flask import Flask\nfrom celery import Celery\napp = Celery('a')\napp.env",
        "from flask import Flask\nclass A(Flask): ...\nA('a').name",
        "import flask\nclass escape: ...\nclass A:\n    escape = 1\n    def f(self): return self.escape",
        "from . import escape\nescape('<')",
        "from .flask import escape",
        "# from flask import escape\n'''from flask import escape'''",
        "import flask\nflask.Flask('a').config['JSON_SORT_KEY']",
        "import flask\ngetattr(flask, 'Markup', None)",
        "from collections import OrderedDict, namedtuple\nimport collections\ncollections.deque()",
        "from werkzeug.utils import secure_filename\nfrom werkzeug.urls import iri_to_uri",
    ],
)
def test_what_is_not_old_is_not_found(names, code: str) -> None:
    assert names(code) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("send_file('a', attachment_filename='b')", "send_file(attachment_filename)"),
        ("send_file('a', cache_timeout=1)", "send_file(cache_timeout)"),
        ("helpers.send_file('a', add_etags=False)", "send_file(add_etags)"),
        ("send_from_directory('a', filename='b')", "send_from_directory(filename)"),
        ("send_from_directory('a', 'b', cache_timeout=1)", "send_file(cache_timeout)"),
        (
            "Blueprint('a', 'b').register(None, {}, first_registration=True)",
            "Blueprint.register(first_registration)",
        ),
    ],
)
def test_arguments(names, code: str, name: str) -> None:
    head = "from flask import Blueprint, helpers, send_file, send_from_directory\n"
    assert names(head + code) == [(2, f"flask.{name}")]


def test_what_an_application_s_modules_import_from_each_other_is_followed(names) -> None:
    files = {
        "shop/__init__.py": "from flask import Flask\n"
        "def create_app():\n    return Flask(__name__)\napp = create_app()\n",
        "shop/compat.py": "from markupsafe import escape\n",
        "shop/views.py": "from . import app as a\nfrom .compat import escape\na.env\n",
        "shop/more.py": "import shop\nfrom shop.compat import *\nshop.app.env\nescape(1)\n",
        "wsgi.py": "from shop import create_app\nx = create_app()\nx.env\n",
    }
    assert names(files) == [(3, "flask.Flask.env")] * 3


def test_modules_that_import_each_other_are_no_endless_way(names) -> None:
    files = {
        "a.py": "from b import *\nfrom b import x\nx.env\ny.env",
        "b.py": "from a import *\nfrom a import x\n",
    }
    assert names(files) == []


def test_a_name_that_is_made_from_itself(names) -> None:
    assert names("from flask import Flask\napp = app(app)\napp = app.env\n") == [(3, "flask.Flask.env")]


def test_lines_and_columns_are_counted_in_characters(look) -> None:
    [finding] = look("import flask\nü = 'ß'; flask.escape(ü)\n").findings
    assert finding.span == (2, 9, 2, 21)


def test_a_line_of_many_old_names_has_each(names) -> None:
    code = "from flask import (escape,\n    Markup, Flask,\n    safe_join)\n"
    assert names(code) == [(1, "flask.escape"), (2, "flask.Markup"), (3, "flask.safe_join")]


def test_a_type_hint_is_a_use_like_any_other(names) -> None:
    code = "import typing as t\nif t.TYPE_CHECKING:\n    from flask import Markup\ndef f(a: 'Markup'): ...\n"
    assert names(code) == [(3, "flask.Markup")]


def test_attributes_that_are_made_from_each_other_are_no_endless_way(names) -> None:
    """Each of 24 is looked at once, and not each of the two ways to each: those are 16 million."""
    lines = "".join(f"        self.a{n} = self.a{n + 1} or self.a{n + 1}\n" for n in range(24))
    assert names(f"import flask\nclass A:\n    def f(self):\n{lines}        self.a0.env\n") == []
