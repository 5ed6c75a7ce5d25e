"""The user who serves can read what is needed, write where it has to, and no more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen import Erlen
from erlen.deploy.check.examined import Examined, Target
from erlen.deploy.check.risks import permissions
from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

USER = "nobody"
ALCHEMY = """
from flask_sqlalchemy import SQLAlchemy
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + app.root_path + "/{database}"{mark}
SQLAlchemy(app)
"""
UPLOADS = 'app.config["UPLOAD_FOLDER"] = os.path.join(app.root_path, "{folder}"){mark}'
CASES = (
    Case("user-unknown", "", "", user="nobody-of-that-name", right_user=USER),
    Case("user-root", "", "", user="root", right_user=USER),
    Case(
        "files-unreadable",
        {"static/style.css": "x", "templates/a.html": "x"},
        {"static/style.css": "x", "templates/a.html": "x"},
        "a file",
        user=USER,
        modes={"static/style.css": 0o600},
        places=(("static/style.css", 1),),
    ),
    Case(
        "files-unreadable",
        {"templates/mail/a.html": "x"},
        {"templates/mail/a.html": "x"},
        "a folder",
        user=USER,
        modes={"templates/mail": 0o700},
        right_modes={"templates/mail": 0o755},
        places=(("templates/mail", 1),),
    ),
    Case("files-unreadable", "", "", "the folder of all", user=USER, modes={".": 0o750}, places=((".", 1),)),
    Case(
        "database-unwritable",
        {"app.py": ALCHEMY.format(database="shop.db", mark="  #!"), "shop.db": ""},
        {"app.py": ALCHEMY.format(database="data/shop.db", mark=""), "data/shop.db": ""},
        "the file's folder",
        user=USER,
        modes={"shop.db": 0o666},
        right_modes={"data": 0o777, "data/shop.db": 0o666},
    ),
    Case(
        "database-unwritable",
        {"app.py": ALCHEMY.format(database="data/shop.db", mark="  #!"), "data/shop.db": ""},
        {"app.py": ALCHEMY.format(database="data/shop.db", mark=""), "data/x": ""},
        "the file",
        user=USER,
        modes={"data": 0o777},
        right_modes={"data": 0o777},
    ),
    Case(
        "database-unwritable",
        {"app.py": 'app.config["DATABASE"] = os.path.join(app.root_path, "shop.sqlite")  #!'},
        {"app.py": 'app.config["DATABASE"] = "file:shop.sqlite?mode=ro"'},
        "without SQLAlchemy",
        user=USER,
    ),
    Case(
        "folder-unwritable",
        {"app.py": UPLOADS.format(folder="uploads", mark="  #!"), "uploads/x": ""},
        {"app.py": UPLOADS.format(folder="uploads", mark=""), "uploads/x": ""},
        user=USER,
        right_modes={"uploads": 0o1777},
    ),
    Case(
        "folder-unwritable",
        {"app.py": UPLOADS.format(folder="files/uploads", mark="  #!"), "files/x": ""},
        {"app.py": UPLOADS.format(folder="files/uploads", mark=""), "files/x": ""},
        "where it would be made",
        user=USER,
        right_modes={"files": 0o777},
    ),
    Case(
        "folder-unwritable",
        {"app.py": 'app.config["LOG_FILE"] = os.path.join(app.root_path, "logs/shop.log")  #!', "logs/x": ""},
        {"app.py": 'app.config["LOG_FILE"] = os.path.join(app.root_path, "logs/shop.log")', "logs/x": ""},
        "of the log",
        user=USER,
        right_modes={"logs": 0o777},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)


@pytest.mark.slow
def test_a_python_that_the_user_cannot_reach_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment below `/root` is none for the user who serves."""
    closed = tmp_path / "root"
    (closed / "venv").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(sys, "prefix", str(closed / "venv"))
    app = Erlen("shop", root_path="/usr", static_folder=None)
    examined = Examined(app, Path("/usr/share/empty"), target=Target(user=USER))
    (found,) = permissions.check_rights(examined)
    assert found.kind is permissions.UNREADABLE
    assert found.what.startswith("Python: User 'nobody' may not go through '/")
