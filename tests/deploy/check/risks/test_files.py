"""Nobody else reads environment files, or fetches what is not for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

SECRET = "SHOP_NAME=Shop\nSTRIPE_API_KEY=live_0123456789 #!"
UPLOADS = 'app.config["UPLOAD_FOLDER"] = os.path.join(app.root_path, "{folder}"){mark}'
PRIVATE = "-----BEGIN PRIVATE KEY-----"
CASES = (
    Case(
        "env-file-tracked",
        {".env": SECRET},
        {".env": "STRIPE_API_KEY=change-me"},
        "and no placeholder",
        git="add",
    ),
    Case("env-file-tracked", {".env": SECRET}, {".env": "SHOP_NAME=Shop"}, "with a secret", git="add"),
    Case(
        "env-file-tracked",
        {".env.production": SECRET},
        {".env.example": SECRET},
        "and not an example",
        git="add",
    ),
    Case("env-file-tracked", {".flaskenv": SECRET}, {".flaskenv": "FLASK_APP=app"}, "of Flask", git="add"),
    Case("env-file-not-ignored", {".env": SECRET}, {".env": SECRET, ".gitignore": ".env\n"}, git="init"),
    Case(
        "env-file-not-ignored",
        {".env": SECRET},
        {".env": SECRET},
        "in a repository",
        git="init",
        right_git="",
    ),
    Case(
        "env-file-readable",
        {".env": SECRET},
        {".env": SECRET},
        modes={".env": 0o644},
        right_modes={".env": 0o640},
    ),
    *(
        Case(
            "static-secret",
            {f"static/{name}": wrong},
            {f"static/{name}": right} if right else {f"private/{name}": wrong},
            name,
            places=((f"static/{place}", 1),),
        )
        for name, place, wrong, right in (
            (".env", ".env", "A=1", ""),
            (".env.production", ".env.production", "A=1", ""),
            (".git/config", ".git", "[core]", ""),
            ("shop.SQLITE3", "shop.SQLITE3", "SQLite format 3\0...", "an empty one"),
            ("keys/shop.pem", "keys/shop.pem", PRIVATE, "-----BEGIN CERTIFICATE-----"),
            ("keys/id_rsa", "keys/id_rsa", PRIVATE, ""),
        )
    ),
    Case(
        "static-secret",
        {
            "app.py": "from flask import Blueprint\n"
            "app.register_blueprint(Blueprint('b', __name__, static_folder='files', url_prefix='/b'))",
            "files/a b.db": "SQLite format 3\0",
        },
        {"files/a b.db": "SQLite format 3\0"},
        "of a blueprint",
        places=(("files/a b.db", 1),),
    ),
    *(
        Case(
            "static-source",
            {f"static/{name}": "x"},
            {"static/x.js": "x"},
            name,
            places=((f"static/{name}", 1),),
        )
        for name in ("views.py", "error.log", "shop.ini", "index.html.bak", "backup.sql")
    ),
    Case(
        "static-folder-is-code",
        'before = app.config\napp = Flask(__name__, static_folder=".")  #!\napp.config.from_mapping(before)',
        'before = app.config\napp = Flask(__name__, static_folder="static")\napp.config.from_mapping(before)',
    ),
    Case(
        "uploads-in-static",
        UPLOADS.format(folder="static/uploads", mark="  #!"),
        UPLOADS.format(folder="uploads", mark=""),
    ),
    Case(
        "code-writable-by-all",
        {"shop.py": "x = 1"},
        {"shop.py": "x = 1"},
        modes={"shop.py": 0o666},
        places=(("shop.py", 1),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
