"""Templates that cannot be compiled, that are named and not there, and that others hide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.deploy.check.reports import Report
from tests.deploy.check.applications import HEAD

Marked = Callable[..., None]


@pytest.mark.parametrize(
    "text",
    [
        "a\n{% if x %}{# !template-syntax #}\n",
        "{{ x|nothing }}{# !template-syntax #}",
        "a\nb\n{% nothing %}{# !template-syntax #}",
        "{{ x +  }}{# !template-syntax #}",
        "{% block a %}{% endblock %}\n{% block a %}{% endblock %}{# !template-syntax #}",
    ],
)
def test_a_template_that_cannot_be_compiled_is_found(marked: Marked, text: str) -> None:
    marked({"app.py": HEAD, "templates/a/b.html": text})


def test_those_of_a_blueprint_are_found_too(marked: Marked) -> None:
    code = 'bp = Blueprint("b", __name__, template_folder="other")\n@bp.route("/")\ndef a(): return ""\n'
    marked(
        {
            "app.py": f"{HEAD}{code}app.register_blueprint(bp)\n",
            "other/a.html": "{% if %}{# !template-syntax #}",
        }
    )


def test_the_message_is_jinja_s(report: Callable[..., Report]) -> None:
    (found,) = report({"app.py": HEAD, "templates/a.html": "{{ x|nothing }}"}).findings
    assert found.what == "The template 'a.html' cannot be compiled: No filter named 'nothing'."


@pytest.mark.parametrize(
    "files",
    [
        {"templates/a.html": "{{ x|upper }}{% for a in b %}{{ loop.index }}{% endfor %}"},
        {"templates/a.js": "{{ for the browser }"},
        {"templates/notes.md": "{% nothing %}"},
        {
            "templates/a.html": "{{ x|own }}",
            "app.py": HEAD + "@app.template_filter()\ndef own(x): return x\n",
        },
        {"templates/a.html": "{% do x %}", "app.py": HEAD + 'app.jinja_env.add_extension("jinja2.ext.do")\n'},
        {"venv/pyvenv.cfg": "", "venv/templates/a.html": "{% nothing %}"},
    ],
)
def test_what_compiles_or_is_no_template_is_silent(marked: Marked, files: dict[str, str]) -> None:
    marked({"app.py": HEAD, **files})


def test_a_template_that_is_no_utf_8_is_found(report: Callable[..., Report], tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_bytes(b"a\nb \xff\n")
    (found,) = report({"app.py": HEAD}).findings
    assert found.kind.id == "template-syntax"
    assert found.place == (tmp_path / "templates/a.html", 2)
    assert "UTF-8" in found.what


@pytest.mark.parametrize(
    "code",
    [
        'return render_template("gone.html")  # !template-missing',
        'return render_template(template_name_or_list="gone.html")  # !template-missing',
        'return render_template(["gone.html", "lost.html"])  # !template-missing',
        'return render_template("sub/here.html")  # !template-missing',
        'return erlen.render_template("gone.html")  # !template-missing',
        'return render_template("here.html")',
        'return render_template(["gone.html", "here.html"])',
        'return render_template(["gone.html", name])',
        'return render_template(name + ".html")',
        'return render_template(f"{name}.html")',
        'return other.render_template("gone.html")',
        'return render_template("gone.html") if app.config["NEW"] else ""',
    ],
)
def test_templates_that_code_names(marked: Marked, code: str) -> None:
    view = f"import erlen\n@app.route('/<name>')\ndef view(name):\n    {code}\n"
    marked({"app.py": HEAD + view, "templates/here.html": ""})


def test_a_function_of_the_same_name_is_another_one(marked: Marked) -> None:
    marked(
        "def render_template(name): return name\n@app.route('/')\ndef view(): return render_template('a')\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        '{% extends "gone.html" %}{# !template-missing #}',
        'a\n{% include "gone.html" %}{# !template-missing #}',
        '{% include ["gone.html", "lost.html"] %}{# !template-missing #}',
        '{% import "gone.html" as a %}{# !template-missing #}',
        '{% from "gone.html" import a %}{# !template-missing #}',
        '{% extends "here.html" %}',
        '{% include "gone.html" ignore missing %}',
        '{% include ["gone.html", "here.html"] %}',
        "{% extends base %}",
        '{% include "a/" ~ name %}',
    ],
)
def test_templates_that_templates_name(marked: Marked, text: str) -> None:
    marked({"app.py": HEAD, "templates/here.html": "", "templates/page.html": text})


def test_a_loader_that_finds_them_elsewhere_is_asked(marked: Marked) -> None:
    code = (
        "from jinja2 import ChoiceLoader, DictLoader\n"
        'app.jinja_loader = ChoiceLoader([app.jinja_loader, DictLoader({"made.html": ""})])\n'
        '@app.route("/")\ndef view(): return render_template("made.html")\n'
    )
    marked({"app.py": HEAD + code, "templates/a.html": '{% extends "made.html" %}'})


def test_a_loader_that_cannot_list_is_left_out(marked: Marked) -> None:
    code = (
        "from jinja2 import FunctionLoader\napp.jinja_loader = FunctionLoader(lambda name: '{% nothing %}')\n"
    )
    marked(code + '@app.route("/")\ndef view(): return render_template("a.html")\n')


def test_a_template_of_a_blueprint_is_hidden_by_the_application_s(marked: Marked) -> None:
    code = (
        'one = Blueprint("one", __name__, template_folder="one")\none.add_url_rule("/1", "a", lambda: "")\n'
        'two = Blueprint("two", __name__, template_folder="two")\ntwo.add_url_rule("/2", "a", lambda: "")\n'
        "app.register_blueprint(one)\napp.register_blueprint(two)\n"
    )
    marked(
        {
            "app.py": HEAD + code,
            "templates/index.html": "a",
            "one/index.html": "b {# !template-hidden #}",
            "one/page.html": "a",
            "two/page.html": "b {# !template-hidden #}",
            "one/same.html": "a",
            "two/same.html": "a",
            "two/two/index.html": "a",
        }
    )
