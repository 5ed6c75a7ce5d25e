"""Published applications: `erlen check --deploy` finds no error in them but the one that is planted."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from pathlib import Path

import pytest

from . import environment as environments
from . import sources
from .environment import Environment

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

# A key that stood here would be in a tracked file.
KEY = secrets.token_hex()
SITES = {
    "flaskr": "from flaskr import create_app\napp = create_app()\napp.config['SECRET_KEY'] = KEY\n",
    "js_example": "from js_example import app\n",
    "httpbin": "from httpbin import app\n",
    "klaus": "import klaus\napp = klaus.make_app([], 'sources')\n",
    "rq_dashboard": "from rq_dashboard.cli import make_flask_app\napp = make_flask_app(None, 'a', 'b', '')\n",
    "supysonic": """\
from supysonic import web
from supysonic.config import DefaultConfig
from supysonic.db import init_database, release_database
class Config(DefaultConfig):
    def __init__(self):
        super().__init__()
        self.BASE = self.BASE | {"database_uri": "sqlite:///" + str(HERE / "music.db")}
        self.WEBAPP = self.WEBAPP | {"cache_dir": str(HERE / "cache")}
init_database(Config().BASE["database_uri"])
release_database()
app = web.create_application(Config())
""",
    "ihatemoney": """\
from ihatemoney.run import create_app
class Settings:
    SECRET_KEY = KEY
    SQLALCHEMY_DATABASE_URI = "sqlite:///" + str(HERE / "money.db")
app = create_app(Settings)
""",
}
"""A module for each that makes the application as its documentation says."""
HEAD = f"from pathlib import Path\nHERE = Path(__file__).parent\nKEY = {KEY!r}\n"
PLANTED = "@app.route('/planted/<name>')\ndef planted():\n    return ''\n"
FROM_FLASK = {"flaskr": "examples/tutorial/flaskr", "js_example": "examples/javascript/js_example"}


@pytest.fixture(scope="module")
def published() -> Environment:
    return environments.prepare("published.txt", "published")


@pytest.mark.parametrize("name", SITES)
def test_only_what_is_planted_is_an_error(name: str, published: Environment) -> None:
    if name == "ihatemoney" and sys.version_info < (3, 11):
        pytest.skip("I Hate Money 7 needs Python 3.11.")
    folder = environments.fresh_folder(f"published-{name}")
    shutil.copytree(_package(name, published), folder / name)
    (folder / "site_to_check.py").write_text(f"{HEAD}{SITES[name]}{PLANTED}")
    command = ("-m", "erlen", "--app", "site_to_check", "check", "--deploy", "--format", "json")
    done = published.run(*command, cwd=folder)
    told = json.loads(done.stdout[done.stdout.index('{\n  "application"') :])
    errors = [(each["id"], each["path"]) for each in told["findings"] if each["level"] == "error"]
    assert errors == [("view-parameters", "site_to_check.py")], done.stdout
    assert done.returncode == 1


def _package(name: str, published: Environment) -> Path:
    """Return the folder of an application's package."""
    if name in FROM_FLASK:
        return sources.unpacked("flask==3.1.3", published) / FROM_FLASK[name]
    done = published.run("-c", f"import {name}; print({name}.__path__[0])", cwd=published.folder)
    return Path(done.stdout.splitlines()[-1])
