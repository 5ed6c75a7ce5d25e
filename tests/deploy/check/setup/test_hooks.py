"""Hooks and error handlers that are never called, or that cannot be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Marked = Callable[..., None]

BLUEPRINT = 'bp = Blueprint("b", __name__)\n'
REGISTER = "app.register_blueprint(bp)\n"
VIEW = "@bp.route('/')\ndef view(): return ''\n"


@pytest.mark.parametrize(
    "hook",
    [
        "@bp.before_request  # !hook-unreachable\ndef hook(): pass\n",
        "@bp.after_request  # !hook-unreachable\ndef hook(response): return response\n",
        "@bp.teardown_request  # !hook-unreachable\ndef hook(error): pass\n",
        "@bp.context_processor  # !hook-unreachable\ndef hook(): return {}\n",
        "@bp.errorhandler(404)  # !handler-unreachable\ndef hook(error): return ''\n",
        "@bp.errorhandler(ValueError)  # !handler-unreachable\ndef hook(error): return ''\n",
        "def hook(error): return ''  # !handler-unreachable\nbp.register_error_handler(500, hook)\n",
        "@bp.before_app_request\ndef hook(): pass\n",
        "@bp.app_errorhandler(404)\ndef hook(error): return ''\n",
        "@bp.app_context_processor\ndef hook(): return {}\n",
        "@bp.record_once\ndef hook(state): pass\n",
    ],
)
def test_what_belongs_to_a_blueprint_without_views_is_never_called(marked: Marked, hook: str) -> None:
    marked(BLUEPRINT + hook + REGISTER)


@pytest.mark.parametrize(
    "code",
    [
        f"{BLUEPRINT}@bp.before_request\ndef hook(): pass\n{VIEW}{REGISTER}",
        f"{BLUEPRINT}@bp.errorhandler(404)\ndef hook(error): return ''\n{VIEW}{REGISTER}",
        # The views of those in it are its own, too.
        f"{BLUEPRINT}@bp.before_request\ndef hook(): pass\n"
        "inner = Blueprint('inner', __name__)\n@inner.route('/')\ndef view(): return ''\n"
        f"bp.register_blueprint(inner)\n{REGISTER}",
    ],
)
def test_a_blueprint_with_views_has_hooks(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("Own", " # !handler-unreachable"),
        ("RequestRedirect", " # !handler-unreachable"),
        ("Late", ""),
        ("HTTPException", ""),
        ("Base", ""),
        ("404", ""),
        ("Exception", ""),
    ],
)
def test_an_answer_of_its_own_has_no_handler(marked: Marked, kind: str, mark: str) -> None:
    """Flask returns HTTP exceptions without a code as they are, and redirects of the routing."""
    marked(
        "from werkzeug.exceptions import HTTPException, NotFound\n"
        "from werkzeug.routing import RequestRedirect\n"
        "class Own(HTTPException): pass\nclass Late(HTTPException): code = 418\n"
        "class Base(HTTPException): pass\nclass Below(Base): code = 404\n"
        f"@app.errorhandler({kind}){mark}\ndef handler(error): return ''\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "@app.errorhandler(404)  # !hook-parameters\ndef missing(): return ''\n",
        "@app.errorhandler(404)  # !hook-parameters\ndef missing(error, request): return ''\n",
        "@app.before_request  # !hook-parameters\ndef hook(request): pass\n",
        "@app.after_request  # !hook-parameters\ndef hook(): return ''\n",
        "@app.after_request  # !hook-parameters\ndef hook(request, response): return response\n",
        "@app.teardown_request  # !hook-parameters\ndef hook(): pass\n",
        "@app.teardown_appcontext  # !hook-parameters\ndef hook(): pass\n",
        "@app.context_processor  # !hook-parameters\ndef hook(request): return {}\n",
        "@app.url_defaults  # !hook-parameters\ndef hook(values): pass\n",
        "@app.before_websocket  # !hook-parameters\nasync def hook(websocket): pass\n",
        "@app.errorhandler(404)\ndef missing(error=None, more=1): return ''\n",
        "@app.errorhandler(404)\ndef missing(*_): return ''\n",
        "@app.before_request\ndef hook(request=None): pass\n",
        "@app.teardown_request\ndef hook(*_): pass\n",
        "@app.after_request\nasync def hook(response): return response\n",
        "@app.url_value_preprocessor\ndef hook(endpoint, values): pass\n",
        "app.before_request(dict)\napp.after_request(lambda response: response)\n",
        "class Hook:\n    def __call__(self): pass\n    def bound(self): pass\n"
        "app.before_request(Hook())\napp.before_request(Hook().bound)\n",
    ],
)
def test_hooks_take_what_they_are_given(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    "code",
    [
        "@app.after_request  # !hook-returns-nothing\ndef hook(response):\n    response.headers['A'] = 'b'\n",
        "@app.after_request  # !hook-returns-nothing\ndef hook(response):\n"
        "    def inner(): return response\n    return\n",
        "@app.context_processor  # !hook-returns-nothing\ndef hook(): dict(a=1)\n",
        "@app.after_request\ndef hook(response):\n    if response: return response\n",
        "@app.after_request\ndef hook(response): raise RuntimeError\n",
        "@app.after_request\ndef hook(response):\n    with app: return response\n",
        "@app.before_request\ndef hook(): pass\n",
        # A decorator may return something for it.
        "import functools\ndef kept(f):\n    @functools.wraps(f)\n    def inner(response):\n"
        "        f(response)\n"
        "        return response\n    return inner\n@app.after_request\n@kept\ndef hook(response): pass\n",
    ],
)
def test_hooks_return_what_is_used(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    "code",
    [
        "@app.errorhandler(404)  # !handler-replaced\ndef one(error): return ''\n"
        "@app.errorhandler(404)\ndef two(error): return ''\n",
        "def make(app):\n    @app.errorhandler(KeyError)  # !handler-replaced\n"
        "    def one(error): return ''\n"
        "    @app.errorhandler(KeyError)\n    def two(error): return ''\nmake(app)\n",
        "@app.errorhandler(404)\ndef one(error): return ''\n@app.errorhandler(405)\n"
        "def two(error): return ''\n",
        "@app.errorhandler(404)\n@app.errorhandler(405)\ndef one(error): return ''\n",
        "if app.debug:\n    @app.errorhandler(404)\n    def one(error): return ''\n"
        "else:\n    @app.errorhandler(404)\n    def two(error): return ''\n",
        f"{BLUEPRINT}{VIEW}@app.errorhandler(404)\ndef one(error): return ''\n"
        f"@bp.errorhandler(404)\ndef two(error): return ''\n{REGISTER}",
    ],
)
def test_a_second_handler_for_an_error_replaces_the_first(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    "code",
    [
        "@app.route('/')\ndef view():\n    @app.after_request  # !setup-in-request\n"
        "    def hook(response): return response\n    return ''\n",
        "@app.before_request\ndef hook():\n    app.add_url_rule('/a', 'a', hook)  # !setup-in-request\n",
        "@app.errorhandler(404)\ndef hook(error):\n    app.register_blueprint(None)  # !setup-in-request\n"
        "    return ''\n",
        "from erlen import after_this_request\n@app.route('/')\ndef view():\n    @after_this_request\n"
        "    def hook(response): return response\n    return ''\n",
        "store = {}\n@app.route('/')\ndef view(): return store.get('a') or app.config.get('b')\n",
        "def set_up():\n    app.add_url_rule('/a', 'a', lambda: '')\nset_up()\n",
    ],
)
def test_nothing_is_registered_while_a_request_runs(marked: Marked, code: str) -> None:
    marked(code)
