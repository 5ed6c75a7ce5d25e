"""Decorators in an order in which they have no effect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Marked = Callable[..., None]

GUARD = """\
import functools
def guard(f):
    @functools.wraps(f)
    def inner(*args, **values): return f(*args, **values)
    return inner
def bare(f):
    def inner(): return f()
    return inner
def mark(f):
    f.marked = True
    return f
"""


@pytest.mark.parametrize(
    "code",
    [
        '@guard  # !decorator-above-route\n@app.route("/")\ndef view(): return ""\n',
        '@bare  # !decorator-above-route\n@app.get("/")\ndef view(): return ""\n',
        '@guard  # !decorator-above-route\n@mark\n@app.route("/")\ndef view(): return ""\n',
        '@guard  # !decorator-above-route\n@app.route("/")\n@guard\ndef view(): return ""\n',
        "@guard  # !decorator-above-route\n@app.before_request\ndef hook(): pass\n",
        "@guard  # !decorator-above-route\n@app.errorhandler(404)\ndef missing(error): return ''\n",
        'bp = Blueprint("b", __name__)\n@guard  # !decorator-above-route\n@bp.route("/")\n'
        'def view(): return ""\napp.register_blueprint(bp)\n',
        "from flask_login import login_required\ndef add(app):\n"
        "    @login_required  # !decorator-above-route\n"
        '    @app.route("/")\n    def view(): return ""\nadd(app)\n',
    ],
)
def test_a_decorator_above_the_route_is_found(marked: Marked, code: str) -> None:
    marked(GUARD + code)


@pytest.mark.parametrize(
    "code",
    [
        '@app.route("/")\n@guard\ndef view(): return ""\n',
        '@app.route("/a")\n@app.route("/")\n@guard\ndef view(): return ""\n',
        # It returns what it was given, or something that is no function in place of it.
        '@mark\n@app.route("/")\ndef view(): return ""\n',
        '@classmethod\n@app.route("/")\ndef view(): return ""\n',
        '@app.errorhandler(404)\n@app.route("/")\ndef view(error=None): return ""\n',
        # It is registered under another name, with the decorator.
        '@guard\n@app.route("/", endpoint="a")\ndef view(): return ""\napp.add_url_rule("/b", "b", view)\n',
        'def add(app):\n    @guard\n    @app.route("/")\n    def view(): return ""\nadd(app)\n',
        "cache = {}\nclass Store:\n    def get(self, f): return f\nstore = Store()\n@guard\n"
        "@store.get\ndef f(): pass\n",
    ],
)
def test_the_right_order_and_what_cannot_be_known_is_silent(marked: Marked, code: str) -> None:
    marked(GUARD + code)
