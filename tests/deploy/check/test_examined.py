"""What checks read of an application: its files, its modules, its places."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from erlen.deploy.check.examined import Examined
from erlen.deploy.check.finding import Place

from .applications import HEAD, examined, own_process

__all__ = ["examined", "own_process"]

Make = Callable[..., Examined]

FILES = {
    "app.py": f"{HEAD}import shop.blog\nimport vendored\n@app.route('/')\ndef view(): return ''\n",
    "shop/__init__.py": "",
    "shop/blog.py": "",
    "shop/later.py": "a.route()\nb.c.route()\nroute()\nother()\n",
    "broken.py": "print 'a'\n",
    "vendored.py": "import sys\nsys.path.insert(0, 'site-packages')\nimport foreign\n",
    "site-packages/foreign.py": "a = 1\n",
    "venv/pyvenv.cfg": "",
    "venv/tool.py": "",
}


def test_the_files_of_the_project_and_those_that_are_imported(examined: Make, tmp_path: Path) -> None:
    made = examined(FILES)

    def names(paths: list[Path]) -> list[str]:
        return [path.relative_to(tmp_path).as_posix() for path in paths]

    imported = ["app.py", "shop/__init__.py", "shop/blog.py", "vendored.py"]
    assert names([source.path for source in made.sources]) == [
        *imported[:1],
        "vendored.py",
        *imported[1:3],
        "shop/later.py",
    ]
    assert names([source.path for source in made.loaded]) == imported
    assert made.modules[tmp_path / "shop/blog.py"].__name__ == "shop.blog"
    assert made.loaded_at(tmp_path / "shop/blog.py") is not None
    assert made.loaded_at(tmp_path / "shop/later.py") is None


def test_calls_are_found_by_their_last_name(examined: Make) -> None:
    found = list(examined(FILES).calls_of("route", "nothing"))
    assert [(source.path.name, call.lineno) for source, call in found] == [
        ("app.py", 5),
        ("later.py", 1),
        ("later.py", 2),
        ("later.py", 3),
    ]


def test_the_place_of_a_function_is_in_the_project_or_nowhere(examined: Make, tmp_path: Path) -> None:
    made = examined(FILES)
    view = made.app.view_functions["view"]
    assert made.place_of(view) == Place(tmp_path / "app.py", 5)

    @functools.wraps(view)
    def wrapped() -> str:
        return ""

    assert made.place_of(wrapped) == Place(tmp_path / "app.py", 5)
    for foreign in (functools.wraps, dict, len, 1, made):
        assert made.place_of(foreign) is None


def test_templates_are_those_of_the_application_and_its_blueprints(examined: Make) -> None:
    made = examined(
        {
            "app.py": f"{HEAD}bp = Blueprint('b', __name__, template_folder='other')\n"
            f"app.register_blueprint(bp)\n",
            "templates/a.html": "",
            "other/sub/b.html": "",
        }
    )
    assert [(each.name, each.blueprint) for each in made.templates] == [("a.html", None), ("sub/b.html", "b")]


def test_git_is_asked_for_the_project_s_folder(examined: Make, tmp_path: Path) -> None:
    assert examined("").repository is not None
