"""The templates of a project, as checks read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erlen.deploy.check.examined import Examined

from .applications import HEAD, examined, own_process

__all__ = ["examined", "own_process"]

Make = Callable[..., Examined]


def test_a_template_has_a_tree_or_a_problem(examined: Make) -> None:
    files = {"app.py": HEAD, "templates/a.html": "{{ a }}", "templates/b.html": "\n{% if %}"}
    good, bad = examined(files).templates
    assert (good.name, good.problem) == ("a.html", None)
    assert good.tree is not None
    assert bad.tree is None
    assert bad.problem is not None
    assert bad.problem.line == 2


def test_compiling_leaves_the_tree_as_it_is(examined: Make) -> None:
    (template,) = examined({"app.py": HEAD, "templates/a.html": "{{ url_for('a' ~ 'b') }}"}).templates
    before = repr(template.tree)
    assert template.problem is None
    assert repr(template.tree) == before


def test_one_that_is_nested_without_end_is_a_problem(examined: Make) -> None:
    text = "{{ " + "(" * 3000 + "a" + ")" * 3000 + " }}"
    (template,) = examined({"app.py": HEAD, "templates/a.html": text}).templates
    assert template.tree is None
    assert template.problem == ("it is nested too deeply", 1)


@pytest.mark.parametrize(
    "code",
    [
        "from jinja2 import DictLoader\napp.jinja_loader = DictLoader({'a.html': '{% if %}'})\n",
        "from jinja2 import DictLoader\napp.jinja_env.loader = DictLoader({'a.html': '{% if %}'})\n",
        "app.jinja_env.loader = None\n",
        "app.jinja_loader = None\n",
    ],
)
def test_what_is_in_no_file_of_the_project_is_left_out(examined: Make, code: str) -> None:
    assert examined(code).templates == []


def test_those_of_another_package_are_left_out(
    examined: Make, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.html").write_text("{% if %}")
    assert examined(f"app.template_folder = {str(elsewhere)!r}\n").templates == []
