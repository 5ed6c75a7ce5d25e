"""Blueprints that nobody registers, and folders that are not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.applications import HEAD

Marked = Callable[..., None]

VIEW = "@bp.route('/')\ndef view(): return ''\n"


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": f'{HEAD}bp = Blueprint("b", __name__)  # !blueprint-unregistered\n{VIEW}'},
        {
            "app.py": f'{HEAD}bp = Blueprint("b", __name__)  # !blueprint-unregistered\n'
            "@bp.before_request\ndef hook(): pass\n"
        },
        {
            "app.py": f"{HEAD}import shop.blog\n",
            "shop/__init__.py": "",
            "shop/blog.py": "from erlen import Blueprint\n"
            'bp = Blueprint("b", __name__)  # !blueprint-unregistered\n' + VIEW,
        },
    ],
)
def test_a_blueprint_that_nobody_registers_is_found(marked: Marked, files: dict[str, str]) -> None:
    marked(files)


@pytest.mark.parametrize(
    "code",
    [
        f'bp = Blueprint("b", __name__)\n{VIEW}app.register_blueprint(bp)\n',
        f'bp = Blueprint("b", __name__)\n{VIEW}if app.config.get("SHOP"): app.register_blueprint(bp)\n',
        f'bp = Blueprint("b", __name__)\n{VIEW}outer = Blueprint("o", __name__)\n'
        "outer.register_blueprint(bp)\napp.register_blueprint(outer)\n",
        # It has nothing that anybody could miss.
        'bp = Blueprint("b", __name__)\n',
        f'bp = Blueprint("b", "elsewhere", root_path=".")\n{VIEW}',
    ],
)
def test_one_that_is_or_may_be_registered_is_right(marked: Marked, code: str) -> None:
    marked(code)


@pytest.mark.parametrize(
    ("code", "folders"),
    [
        ('bp = Blueprint("b", __name__, static_folder="files")  # !folder-missing\n', []),
        ('bp = Blueprint("b", __name__, template_folder="pages")  # !folder-missing\n', []),
        ('bp = Blueprint("b", __name__, template_folder="pages")\n', ["pages"]),
        ('bp = Blueprint("b", __name__, template_folder="../pages", root_path=".")\n', []),
        ('bp = Blueprint("b", __name__)\n', []),
    ],
)
def test_folders_are_there(marked: Marked, code: str, folders: list[str]) -> None:
    files = {f"{folder}/a.txt": "" for folder in folders}
    if "root_path" in code:
        code = code.replace("../pages", "pages") + "bp.template_folder = None\n"
    marked({"app.py": f"{HEAD}{code}{VIEW}app.register_blueprint(bp)\n", **files})


@pytest.mark.parametrize(
    ("arguments", "mark"),
    [('static_folder="files"', "!folder-missing"), ("static_folder=None", ""), ("", "")],
)
def test_folders_of_the_application_are_there(marked: Marked, arguments: str, mark: str) -> None:
    marked({"app.py": f"from erlen import Flask\napp = Flask(__name__, {arguments})  # {mark}\n"})
