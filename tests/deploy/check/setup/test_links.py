"""Links to endpoints that do not exist, without the variables of a rule, and to missing files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erlen.deploy.check.reports import Report
from tests.deploy.check.applications import HEAD

Marked = Callable[..., None]

VIEWS = """\
@app.route("/")
def index(): return ""
@app.route("/user/<int:id>/<tab>")
@app.route("/user/<int:id>")
def user(id, tab=None): return ""
@app.route("/list/", defaults={"page": 1})
@app.route("/list/<int:page>")
def listed(page): return ""
blog = Blueprint("blog", __name__, static_folder="blog_files", url_prefix="/blog")
@blog.route("/")
def posts(): return ""
inner = Blueprint("inner", __name__, url_prefix="/inner")
@inner.route("/")
def deep(): return ""
blog.register_blueprint(inner)
"""
LINKS = [
    ('url_for("gone")', "link-endpoint"),
    ('url_for("posts")', "link-endpoint"),
    ('url_for("blog.gone")', "link-endpoint"),
    ('url_for("inner.deep")', "link-endpoint"),
    ('url_for("shop.static", filename="app.css")', "link-blueprint"),
    ('url_for("blogs.posts")', "link-endpoint"),
    ('url_for("user")', "link-variables"),
    ('url_for("user", tab="a")', "link-variables"),
    ('url_for("user", user_id=1)', "link-variables"),
    ('url_for("user", id=None)', "link-variables"),
    ('url_for("static")', "link-variables"),
    ('url_for("static", filename="gone.css")', "static-missing"),
    ('url_for("static", filename="sub/gone.css", v=1)', "static-missing"),
    ('url_for("blog.static", filename="app.css")', "static-missing"),
    ('url_for("index")', ""),
    ('url_for("index", _external=True, _anchor="a", q=1)', ""),
    ('url_for("blog.posts")', ""),
    ('url_for("blog.inner.deep")', ""),
    ('url_for("user", id=1)', ""),
    ('url_for("user", id=x, tab=x, more=2)', ""),
    ('url_for("user", **x)', ""),
    ('url_for("listed")', ""),
    ('url_for("static", filename="app.css")', ""),
    ('url_for("static", filename="sub/other.css")', ""),
    ('url_for("static", filename=x)', ""),
    ('url_for("blog.static", filename="blog.css")', ""),
]
FILES = {"static/app.css": "", "static/sub/other.css": "", "blog_files/blog.css": ""}


@pytest.mark.parametrize(("link", "kind"), [*LINKS, ("url_for(x)", ""), ('url_for(x + ".gone")', "")])
def test_links_in_code(marked: Marked, link: str, kind: str) -> None:
    code = (
        f"@app.route('/link/<x>')\ndef link(x):\n    return {link}  # !{kind}\napp.register_blueprint(blog)\n"
    )
    marked({"app.py": HEAD + VIEWS + code, **FILES})


@pytest.mark.parametrize(("link", "kind"), [*LINKS, ("url_for(x)", ""), ('url_for(x ~ ".gone")', "")])
def test_links_in_templates(marked: Marked, link: str, kind: str) -> None:
    page = f"a\n{{% if x %}}\n<a href='{{{{ {link} }}}}'>{{# !{kind} #}}\n{{% endif %}}\n"
    marked({"app.py": HEAD + VIEWS + "app.register_blueprint(blog)\n", "templates/a.html": page, **FILES})


@pytest.mark.parametrize(
    ("where", "link", "kind"),
    [
        ("blog", ".posts", ""),
        ("blog", ".gone", "link-endpoint"),
        ("blog", ".index", "link-endpoint"),
        ("blog", ".inner.deep", ""),
        ("inner", ".deep", ""),
        ("inner", ".posts", "link-endpoint"),
        ("app", ".index", ""),
        ("app", ".posts", "link-endpoint"),
    ],
)
def test_a_link_that_begins_with_a_dot_belongs_to_the_blueprint_of_the_view(
    marked: Marked, where: str, link: str, kind: str
) -> None:
    code = f'@{where}.route("/link")\ndef link():\n    return redirect(url_for("{link}"))  # !{kind}\n'
    marked(
        {
            "app.py": HEAD
            + VIEWS.replace("blog.register_blueprint(inner)\n", "")
            + code
            + "blog.register_blueprint(inner)\napp.register_blueprint(blog)\n",
            **FILES,
        }
    )


@pytest.mark.parametrize(
    ("link", "kind"), [(".posts", ""), (".deep", ""), (".index", ""), (".gone", "link-endpoint")]
)
def test_elsewhere_it_may_be_of_any_blueprint(marked: Marked, link: str, kind: str) -> None:
    code = f'def link():\n    return url_for("{link}")  # !{kind}\napp.register_blueprint(blog)\n'
    page = f'{{{{ url_for("{link}") }}}}{{# !{kind} #}}'
    marked({"app.py": HEAD + VIEWS + code, "templates/a.html": page, **FILES})


@pytest.mark.parametrize(
    "code",
    [
        # Somebody else answers for what cannot be built, or may.
        "app.url_build_error_handlers.append(lambda error, endpoint, values: '/')\n",
        "app.handle_url_build_error = lambda error, endpoint, values: '/'\n",
        "app.url_for = lambda *_, **__: '/'\n",
    ],
)
def test_an_application_that_answers_for_links_is_left_alone(marked: Marked, code: str) -> None:
    link = "@app.route('/')\ndef view(): return url_for('gone')\n"
    marked({"app.py": HEAD + code + link, "templates/a.html": "{{ url_for('gone') }}"})


@pytest.mark.parametrize(
    "page",
    [
        "{% from 'b.html' import url_for %}{{ url_for('gone') }}",
        "{% macro url_for(x) %}{% endmacro %}{{ url_for('gone') }}",
        "{{ other.url_for('gone') }}",
        "{% if config.SHOP %}{{ url_for('gone') }}{% endif %}",
        "{{ url_for('gone') if config['SHOP'] else '' }}",
        "{{ url_for(endpoint='index') }}",
    ],
)
def test_other_functions_and_what_depends_on_settings_are_left_alone(marked: Marked, page: str) -> None:
    marked({"app.py": HEAD, "templates/a.html": page, "templates/b.html": ""})


@pytest.mark.parametrize(
    "code",
    [
        "return url_for('gone') if app.config['SHOP'] else ''",
        "return own_url_for('gone')",
        "return app.other.url_for('gone')",
        "\n        try: return url_for('gone')\n        except Exception: return ''",
        "return url_for('gone', 1)",
    ],
)
def test_other_calls_in_code_are_left_alone(marked: Marked, code: str) -> None:
    body = f"    if True:\n        {code.strip()}\n"
    marked(f"@app.route('/')\ndef view():\n{body}")


def test_values_that_functions_add_are_not_missing(marked: Marked) -> None:
    marked(
        "@app.url_defaults\ndef add(endpoint, values): values.setdefault('lang', 'en')\n"
        "@app.route('/<lang>/')\ndef view(lang): return url_for('view')\n"
    )


def test_a_finding_says_what_was_probably_meant(report: Callable[..., Report]) -> None:
    code = "@app.route('/v')\ndef view(): return url_for('posts') + url_for('indx') + url_for('user', nr=1)\n"
    files = {"app.py": HEAD + VIEWS + code + "app.register_blueprint(blog)\n", **FILES}
    first, second, third = sorted(report(files).findings, key=lambda each: each.what)
    assert third.what == "There is no endpoint 'posts'; did you mean 'blog.posts'?"
    assert second.what == "There is no endpoint 'indx'; did you mean 'index'?"
    assert first.what == "The link to 'user' gives no 'id' (it gives 'nr')."
    assert (third.write, first.write) == ('url_for("blog.posts")', 'url_for("user", id=…)')
