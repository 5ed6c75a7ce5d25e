"""Keys that sign are secret, long and random."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import KEY, Case

Checked = Callable[[Case], None]

USE = """
@app.post("/in")
def log_in():
    session["user"] = "ada"
    return "in"
"""
WITHOUT = """
from flask import session  #!
app.secret_key = None
"""
CASES = (
    Case("secret-key-missing", WITHOUT + USE, "from flask import session\n" + USE),
    Case(
        "secret-key-missing",
        "import flask\napp.secret_key = None\ndef view():\n    flask.flash('Saved')  #!",
        "import flask\ndef view():\n    flask.flash('Saved')",
        "by flash",
    ),
    Case(
        "secret-key-missing",
        {"app.py": "import views\napp.secret_key = None", "views.py": "from flask import session  #!"},
        {"app.py": "app.secret_key = None", "views.py": "from flask import session"},
        "in what is imported",
    ),
    Case(
        "secret-key-missing",
        "from flask_wtf import CSRFProtect\nCSRFProtect(app)\napp.secret_key = None",
        "from flask_wtf import CSRFProtect\nCSRFProtect(app)",
        "by Flask-WTF",
    ),
    Case(
        "secret-key-short", 'app.secret_key = "pT9x!vR2#qLz"  #!', "app.secret_key = os.environ['SECRET_KEY']"
    ),
    Case(
        "secret-key-placeholder",
        'app.config["SECRET_KEY"] = os.environ.get("UNSET", "dev")  #!',
        'app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "dev")',
    ),
    Case(
        "secret-key-placeholder",
        'app.config["JWT_SECRET_KEY"] = "change-me-in-production"  #!',
        'app.config["JWT_SECRET_KEY"] = os.environ["SECRET_KEY"]',
        "of JWT",
    ),
    Case(
        "secret-key-simple",
        'app.config.from_mapping(SECRET_KEY="zzzzzyyyyyxxxxxzzzzz")  #!',
        'app.config.from_mapping(SECRET_KEY=os.environ["SECRET_KEY"])',
    ),
    Case(
        "secret-key-tracked",
        {
            "app.py": "import settings\napp.config.from_object(settings)",
            "settings.py": f'SECRET_KEY = "{KEY}0"  #!',
        },
        {"app.py": "import settings\napp.config.from_object(settings)", "settings.py": "X = 1"},
        git="add",
    ),
    Case(
        "secret-key-tracked",
        {"docker-compose.yml": f"environment:\n  SECRET_KEY: {KEY} #!"},
        {"docker-compose.yml": "environment:\n  SECRET_KEY: ${SECRET_KEY}"},
        "in another file",
        git="add",
    ),
    Case(
        "secret-key-in-code",
        f'app.secret_key = "{KEY}1"  #!',
        'app.secret_key = os.environ["SECRET_KEY"]',
    ),
    Case(
        "secret-key-in-code",
        f'app.secret_key = "{KEY}1"  #!',
        {
            "app.py": 'app.config.from_pyfile(os.path.join(app.instance_path, "settings.py"))',
            "instance/settings.py": f'SECRET_KEY = "{KEY}1"',
        },
        "and not in the instance folder",
    ),
    Case(
        "secret-key-in-code",
        {"app.py": "import local\napp.config.from_object(local)", "local.py": f'SECRET_KEY = "{KEY}2"  #!'},
        {
            "app.py": "import local\napp.config.from_object(local)",
            "local.py": f'SECRET_KEY = "{KEY}2"',
            ".gitignore": "local.py\n",
        },
        "and not ignored",
        git="init",
    ),
    Case(
        "secret-key-changes",
        "import secrets\napp.secret_key = secrets.token_hex()  #!",
        "import secrets\napp.secret_key = os.environ.get('SECRET_KEY') or secrets.token_hex()",
    ),
    Case(
        "secret-key-changes",
        "import uuid\napp.config['SECRET_KEY'] = str(uuid.uuid4())  #!",
        "app.config['SECRET_KEY'] = str(os.environ['SECRET_KEY'])",
        "by uuid",
    ),
    Case(
        "secret-key-fallback-weak",
        'app.config["SECRET_KEY_FALLBACKS"] = [os.environ["SECRET_KEY"][::-1], "secret"]  #!',
        'app.config["SECRET_KEY_FALLBACKS"] = [os.environ["SECRET_KEY"][::-1]]',
    ),
    Case(
        "secret-key-fallback-tracked",
        f'app.config["SECRET_KEY_FALLBACKS"] = ["{KEY[::-1]}"]  #!',
        'app.config["SECRET_KEY_FALLBACKS"] = []',
        git="add",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
