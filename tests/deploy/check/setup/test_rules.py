"""Rules that never match, and methods that no request has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erlen.deploy.check.reports import Report
from tests.deploy.check.applications import HEAD

Marked = Callable[..., None]


def application(rules: list[str]) -> str:
    """Return an application with a view for each rule, in this order, and with the marks behind them."""
    text = ""
    for at, rule in enumerate(rules):
        given, _, mark = rule.partition("  # ")
        text += f"@app.route({given})  # {mark}\ndef view{at}(**_): return ''\n"
    return text


@pytest.mark.parametrize(
    "rules",
    [
        ['"/a/<one>"', '"/a/<two>"  # !rule-hidden'],
        ['"/a"', '"/a"  # !rule-hidden'],
        ['"/<int:one>"', '"/<int(min=5):two>"  # !rule-hidden'],
        ['"/a", methods=["GET", "POST"]', '"/a", methods=["POST"]  # !rule-hidden'],
        ['"/a"', '"/a", methods=["POST"]', '"/a", methods=["POST", "GET"]  # !rule-hidden'],
        ['"/a/<one>"', '"/a/<uuid:two>"  # !rule-hidden'],
        ['"/a/<one>/b"', '"/a/<any(x, y):two>/b"  # !rule-hidden'],
        ['"/a", methods=["GET", "PUT"]', '"/a", methods=["PUT", "POST"]  # !rule-twice'],
        ['"/static/<path:name>"  # !rule-hidden'],
        ['"/a", methods=["GETS"]  # !method-unknown'],
        ['"/a", methods=["DELTE", "GET"]  # !method-unknown'],
        ['"/a", methods=["OPTIONS"]', '"/a", methods=["OPTIONS"]  # !rule-hidden'],
    ],
)
def test_mistakes_are_found_at_their_line(marked: Marked, rules: list[str]) -> None:
    marked(application(rules))


@pytest.mark.parametrize(
    "rules",
    [
        ['"/a/<one>"', '"/a/b"'],
        ['"/a/<one>"', '"/a/<int:two>"'],
        ['"/a/<one>"', '"/a/<path:two>"'],
        ['"/a/<uuid:two>"', '"/a/<one>"'],
        ['"/a/<any(x, y):two>"', '"/a/<one>"'],
        ['"/a/<string(length=2):one>"', '"/a/<two>"'],
        ['"/a/<string(length=2):one>"', '"/a/<uuid:two>"'],
        ['"/a"', '"/a/"'],
        ['"/a"', '"/a", methods=["POST"]'],
        ['"/a", methods=["get"]', '"/a", methods=["post"]'],
        ['"/a", methods=["PROPFIND", "PURGE", "REPORT"]'],
        ['"/a", subdomain="x"', '"/a", subdomain="y"'],
        # The part with the UUID is there before the one with any text.
        ['"/a/<uuid:x>/c"', '"/a/<one>"', '"/a/<uuid:two>"'],
    ],
)
def test_what_matches_something_of_its_own_is_right(marked: Marked, rules: list[str]) -> None:
    marked(application(rules))


def test_two_rules_for_one_view_are_a_hint(report: Callable[..., Report]) -> None:
    found = report(
        "def view(): return ''\napp.add_url_rule('/a', view_func=view)\n"
        "app.add_url_rule('/a', view_func=view)\napp.add_url_rule('/a', 'other', view)\n"
    )
    assert [(each.kind.id, each.place and each.place.line) for each in found.findings] == [
        ("rule-repeated", 4),
        ("rule-repeated", 4),
    ]


def test_a_page_with_defaults_has_two_rules(marked: Marked) -> None:
    marked(
        "@app.route('/all/', defaults={'page': 1})\n@app.route('/all/page/<int:page>')\n"
        "def view(page): return ''\n"
    )


def test_a_websocket_and_a_page_share_a_url(marked: Marked) -> None:
    marked("@app.websocket('/a')\nasync def one(): pass\n@app.get('/a')\ndef two(): return ''\n")


def test_a_blueprint_may_send_the_files_of_the_application_s_folder(report: Callable[..., Report]) -> None:
    found = report(
        {
            "app.py": HEAD
            + 'bp = Blueprint("b", __name__, static_folder="static")\napp.register_blueprint(bp)\n',
            "static/a.css": "",
        }
    )
    assert found.findings == []


def test_static_files_of_a_blueprint_without_prefix_are_hidden_by_the_application_s(
    report: Callable[..., Report],
) -> None:
    found = report("""\
blog = Blueprint("blog", __name__, static_folder="blog/static")
app.register_blueprint(blog)
""")
    assert [each.place and each.place.line for each in found.findings if each.kind.id == "rule-hidden"] == [3]


@pytest.mark.parametrize(
    "code",
    [
        'if request.method == "post": pass  # !method-never-equal',
        'if request.method != "Post": pass  # !method-never-equal',
        'if request.method in ("GET", "post"): pass  # !method-never-equal',
        'if request.method == "POST": pass',
        'if request.method.lower() == "post": pass',
        'if request.method in ("GET", "HEAD"): pass',
        'if request.path == "post": pass',
        'if other.method == "post": pass',
    ],
)
def test_the_method_of_a_request_is_in_capitals(marked: Marked, code: str) -> None:
    marked(f"@app.route('/')\ndef view():\n    {code}\n    return ''\n")
