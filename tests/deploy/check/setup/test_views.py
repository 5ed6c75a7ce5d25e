"""Views and endpoints that do not fit their rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Marked = Callable[..., None]


@pytest.mark.parametrize(
    "code",
    [
        'app.add_url_rule("/a", endpoint="a")  # !endpoint-without-view\n',
        'app.add_url_rule("/", endpoint="a")  # !endpoint-without-view\n@app.route("/")  # !rule-hidden\n'
        'def view(): return ""\n',
        'bp = Blueprint("b", __name__)\nbp.add_url_rule("/a", "a")  # !endpoint-without-view\n'
        "app.register_blueprint(bp)\n",
        '@app.endpoint("a")  # !view-without-rule\ndef view(): return ""\n',
        '@app.route("/<name>")  # !view-parameters\ndef view(): return ""\n',
        '@app.route("/<int:id>")  # !view-parameters\ndef view(user_id): return ""\n',
        '@app.route("/")  # !view-parameters\ndef view(name): return ""\n',
        '@app.route("/")  # !view-parameters\ndef view(name, /): return ""\n',
        '@app.route("/<name>")  # !view-parameters\ndef view(name, /): return ""\n',
        '@app.route("/")  # !view-parameters\ndef view(*, name): return ""\n',
        '@app.route("/", defaults={"page": 1})  # !view-parameters\ndef view(): return ""\n',
        '@app.route("/<a>")  # !view-parameters\nasync def view(b): return ""\n',
        '@app.websocket("/<a>")  # !view-parameters\nasync def view(): return ""\n',
        'bp = Blueprint("b", __name__, url_prefix="/<lang>")\n'
        '@bp.route("/")  # !view-parameters\ndef view(): return ""\napp.register_blueprint(bp)\n',
        "from erlen.views import MethodView\nclass Page(MethodView):\n"
        '    def get(self, name): return ""\n    def post(self): return ""  # !view-parameters\n'
        'app.add_url_rule("/<name>", view_func=Page.as_view("page"))\n',
        'from erlen.api import Api\nApi(app)\n@app.get("/")  # !view-not-adapted\ndef view(a) -> str: ...\n',
        'from erlen.api import Api\nApi(app)\n@app.get("/")  # !view-parameters\ndef view(a): return ""\n',
        "from erlen.views import View\nclass Page(View):\n"
        '    def dispatch_request(self): return ""  # !view-parameters\n'
        'app.add_url_rule("/<name>", view_func=Page.as_view("page"))\n',
    ],
)
def test_mistakes_are_found_at_their_line(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    "code",
    [
        # A second name for links, as in Flask's tutorial.
        '@app.route("/")\ndef blog(): return url_for("index")\napp.add_url_rule("/", endpoint="index")\n',
        'app.add_url_rule("/a", endpoint="a")\n@app.endpoint("a")\ndef view(): return ""\n',
        'app.add_url_rule("/a", endpoint="a", redirect_to="/b")\n',
        'app.add_url_rule("/a", endpoint="a", build_only=True)\n',
        '@app.route("/")\ndef view(name="x"): return ""\n',
        # An Api supplies what the request has.
        'from erlen.api import Api\nApi(app)\n@app.get("/")\ndef view(size: int): return str(size)\n',
        '@app.route("/<name>")\ndef view(**values): return ""\n',
        '@app.route("/", defaults={"name": "x"})\n@app.route("/<name>")\ndef view(name): return ""\n',
        '@app.url_value_preprocessor\ndef take(endpoint, values): values and values.pop("lang", None)\n'
        '@app.route("/<lang>/")\ndef view(): return ""\n',
        'bp = Blueprint("b", __name__, url_prefix="/<lang>")\n@bp.url_value_preprocessor\n'
        'def take(endpoint, values): values.pop("lang")\n'
        '@bp.route("/")\ndef view(): return ""\napp.register_blueprint(bp)\n',
        # A decorator may give what it likes.
        "import functools\ndef with_user(f):\n    @functools.wraps(f)\n"
        "    def inner(**values): return f(user=1, **values)\n    return inner\n"
        '@app.route("/")\n@with_user\ndef view(user): return ""\n',
        "from erlen.views import MethodView\nclass Page(MethodView):\n"
        '    def get(self, name): return ""\n    def post(self, **_): return ""\n'
        'app.add_url_rule("/<name>", view_func=Page.as_view("page"))\n'
        'app.add_url_rule("/", view_func=Page.as_view("pages"), methods=["POST"])\n',
        "from erlen.views import MethodView\nclass Page(MethodView):\n    @staticmethod\n"
        '    def get(name): return ""\n    @classmethod\n    def post(cls, name): return ""\n'
        'app.add_url_rule("/<name>", view_func=Page.as_view("page"))\n',
        "from erlen.views import View\ndef deco(f): return lambda **_: ''\nclass Page(View):\n"
        '    decorators = [deco]\n    def dispatch_request(self): return ""\n'
        'app.add_url_rule("/<name>", view_func=Page.as_view("page"))\n',
        # A class in place of a function, and a function of C.
        'class Call:\n    def __call__(self, name): return ""\n'
        'app.add_url_rule("/<name>", "a", Call())\napp.add_url_rule("/<name>/b", "b", dict)\n',
    ],
)
def test_what_fits_is_right(marked: Marked, code: str) -> None:
    marked(code)


def test_an_application_may_call_views_in_a_way_of_its_own(marked: Marked) -> None:
    marked(
        {
            "app.py": "from erlen import Erlen\nclass Own(Erlen):\n"
            "    def dispatch_request(self): return ''\n"
            'app = Own(__name__)\n@app.route("/<name>")\ndef view(): return ""\n'
        }
    )
