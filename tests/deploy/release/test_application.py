"""The application of a release, by the interpreter of the release."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from erlen.deploy.release import environment
from erlen.deploy.release.application import Application, link_instance, link_shared, usual_instance
from erlen.deploy.release.errors import ReleaseError
from erlen.deploy.release.layout import Layout
from erlen.deploy.release.programs import User

PROGRAM = """\
import os
from flask import Flask
app = Flask(__name__)
print("a line without an end", end="")

@app.cli.group("db")
def db(): pass

@db.command("upgrade")
def upgrade(): print("upgraded by", os.getuid(), os.environ.get("FLASK_DEBUG"))
"""


@pytest.fixture
def release(layout: Layout, python: str) -> Path:
    folder = layout.folder(layout.begin("a test"))
    (folder / "shop.py").write_text(PROGRAM)
    environment.make(folder, python)
    return folder


@pytest.mark.slow
def test_it_is_loaded_and_migrated(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = Application(release, "shop", None)
    facts = app.load()
    assert facts.instance == str(release / "instance")
    assert facts.has_migrations
    assert f"upgraded by {os.geteuid()} None" in app.migrate()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["json.py", "platform.py", "venv.py", "pip.py", "erlen.py"])
def test_a_module_of_the_project_may_be_called_like_another_one(
    name: str, layout: Layout, python: str
) -> None:
    """As far as it may for the server, which has Python's own modules before it looks into the folder."""
    release = layout.folder(layout.begin("a test"))
    (release / "shop.py").write_text(PROGRAM)
    (release / name).write_text("raise RuntimeError('this is not what was meant')\n")
    environment.make(release, python)
    environment.install(release, environment.Installation(python, more=("x",)))
    app = Application(release, "shop", None)
    assert app.load().has_migrations
    assert "upgraded" in app.migrate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise RuntimeError('broken')", "RuntimeError: broken"),
        ("import sys; sys.exit(0)", "ends the process while it is loaded"),
        ("import os; os._exit(3)", "ended with status 3"),
        ("def (", "SyntaxError"),
        ("x = 1", "shop"),
    ],
)
def test_an_application_that_does_not_load_is_told(code: str, says: str, release: Path) -> None:
    (release / "shop.py").write_text(code)
    with pytest.raises(ReleaseError, match=says):
        Application(release, "shop", None).load()


def test_the_report_of_a_check_that_fails_is_told(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "print('secret-key-missing'); raise SystemExit(1)"
    monkeypatch.setattr(Application, "words", lambda *_: [sys.executable, "-c", code])
    with pytest.raises(ReleaseError, match=r"secret-key-missing\n.*'--no-check' leaves the check out"):
        Application(release, "shop", None).check()


def test_the_words_of_a_command(release: Path) -> None:
    erlen = str(release / ".venv" / "bin" / "erlen")
    assert Application(release, None, None).words("x") == [erlen, "x"]
    named = Application(release, "a b:c('x')", User("shop", 1, 1, "/"))
    assert named.words("x") == [erlen, "--app", "a b:c('x')", "x"]


# what the releases share


def test_what_is_shared_is_linked(layout: Layout) -> None:
    (layout.shared / ".env").write_text("A=1")
    (layout.shared / "up 'loads'").mkdir()
    # They would take the place of the release's own.
    (layout.shared / ".venv").mkdir()
    (layout.shared / ".erlen-release.json").touch()
    folder = layout.folder(layout.begin("a test"))
    assert link_shared(folder, layout.shared) == [".env", "instance", "up 'loads'"]
    assert (folder / ".env").read_text() == "A=1"
    assert os.readlink(folder / "instance") == "../../shared/instance"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop", "shop"),
        ("shop.web:create_app()", "shop.web"),
        ("shop:app", "shop"),
        (None, None),
        ("", None),
        ("../x", None),
        ("src/shop.py", None),
        ("a b", None),
    ],
)
def test_where_a_package_has_its_instance_folder(name: str | None, expected: str | None) -> None:
    found = usual_instance(Path("/r"), name)
    assert found == (expected and f"/r/.venv/var/{expected}-instance")


def test_an_instance_folder_in_the_environment_becomes_a_link(layout: Layout) -> None:
    release, shared = layout.folder(layout.begin("a test")), layout.shared / "instance"
    inside = release / ".venv" / "var" / "shop-instance"
    assert link_instance(release, shared, str(inside))
    assert not link_instance(release, shared, str(inside)), "It leads there already."
    (inside / "data").touch()
    assert (shared / "data").exists()
    # What the application makes itself when it is loaded is empty.
    other = release / ".venv" / "var" / "other-instance"
    other.mkdir()
    assert link_instance(release, shared, str(other))


@pytest.mark.parametrize("path", ["/etc", "{release}/instance", "{release}", "{release}/.venv/../x"])
def test_an_instance_folder_elsewhere_is_left_alone(path: str, layout: Layout) -> None:
    release = layout.folder(layout.begin("a test"))
    (release / ".venv").mkdir()
    before = sorted(release.rglob("*"))
    assert not link_instance(release, layout.shared / "instance", path.format(release=release))
    assert sorted(release.rglob("*")) == before


def test_data_in_an_instance_folder_is_not_lost(layout: Layout) -> None:
    release = layout.folder(layout.begin("a test"))
    inside = release / ".venv" / "var" / "shop-instance"
    inside.mkdir(parents=True)
    (inside / "data").touch()
    with pytest.raises(OSError, match="not empty"):
        link_instance(release, layout.shared / "instance", str(inside))
