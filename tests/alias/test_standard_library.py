"""What the standard library finds out about `flask` is the same with the alias as with the real Flask."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Run

pytestmark = pytest.mark.slow

Both = Callable[..., list[str]]
WITHOUT_AND_WITH: tuple[dict[str, str], ...] = ({}, {"ERLEN_AS_FLASK": "1"})
BYTECODE = shutil.ignore_patterns("__pycache__", "*.so")

# Each prints something; it prints the same on both frameworks.
PROGRAMS = {
    "modules after an import": """
import sys, flask
print(sorted(name for name in sys.modules if name.partition(".")[0] == "flask"))
print(all(sys.modules[name] is not None for name in sys.modules))
""",
    "a walk through the package": """
import pkgutil, flask
names = [(found.name, found.ispkg) for found in pkgutil.walk_packages(flask.__path__, "flask.")]
# In Flask it is a folder without an `__init__` file, which no walk finds; here it has one.
print(sorted(name for name, _ in names if not name.startswith("flask.sansio")))
""",
    "a walk whose modules are all imported": """
import importlib, pkgutil, flask, sys
for found in pkgutil.walk_packages(flask.__path__, "flask."):
    if not found.name.endswith("__main__") and "sansio" not in found.name:
        module = importlib.import_module(found.name)
        print(found.name, module is sys.modules[found.name])
""",
    "specs": """
import importlib.util
names = "app json json.provider json.tag sansio.app views ext _compat scaffold nothing json.nothing"
spec = importlib.util.find_spec("flask")
print(spec.name, spec.loader is not None, spec.submodule_search_locations is not None, spec.has_location)
for name in names.split():
    spec = importlib.util.find_spec("flask." + name)
    print(name, spec and (spec.submodule_search_locations is not None, spec.has_location))
""",
    "specs of modules that are imported": """
import importlib.util, sys, flask, flask.cli, flask.testing
for name in sorted(name for name in sys.modules if name.partition(".")[0] == "flask"):
    spec = importlib.util.find_spec(name)
    print(name, bool(spec), bool(sys.modules[name].__spec__), bool(sys.modules[name].__loader__))
""",
    "what is missing": """
import importlib
for name in ("flask.nothing", "flask.json.nothing", "flask.app.nothing", "flask.ext.login"):
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(type(error).__name__, error.name)
try:
    from flask import nothing
except ImportError as error:
    print(type(error).__name__)
""",
    "attributes of modules": """
import flask
print(flask.app.Flask is flask.Flask, flask.json.provider.JSONProvider is not None)
print([hasattr(flask, name) for name in ("app", "cli", "json", "testing", "views", "sansio", "nothing")])
from flask import cli, testing, views
print(cli is flask.cli, testing is flask.testing, views is flask.views)
""",
    "import by name": """
import importlib, runpy, sys
print(importlib.import_module("flask.json.tag") is sys.modules["flask.json.tag"])
print(importlib.import_module(".provider", "flask.json") is sys.modules["flask.json.provider"])
print(__import__("flask.json.tag") is sys.modules["flask"])
print(__import__("flask.app", fromlist=["Flask"]).Flask is sys.modules["flask"].Flask)
import pkgutil
print(pkgutil.resolve_name("flask.app:Flask") is pkgutil.resolve_name("flask.Flask"))
""",
    "versions": """
import importlib.metadata as metadata
print(metadata.version("flask"), "flask" in metadata.packages_distributions())
""",
    "resources": """
import importlib.resources, pkgutil
print(importlib.resources.files("flask").joinpath("py.typed").is_file())
print(importlib.resources.files("flask").joinpath("nothing").is_file(), pkgutil.get_data("flask", "py.typed"))
""",
    "inspection": """
import inspect, sys, flask, flask.views
objects = (flask.Flask, flask.Blueprint, flask.Request, flask.jsonify, flask.views.View)
for found in objects:
    print(inspect.getmodule(found) is not None, inspect.getsource(found)[:5].strip() in ("class", "def j"))
print(inspect.getmodule(flask) is flask, inspect.ismodule(flask.app), inspect.getfile(flask)[-11:])
print(inspect.getsource(flask.app) != "", inspect.getdoc(flask.Flask) != "")
""",
    "pickled classes and functions": """
import pickle, flask
for name in "Flask Blueprint Request Response Config jsonify url_for render_template".split():
    found = getattr(flask, name)
    print(name, pickle.loads(pickle.dumps(found)) is found)
# Protocol 0, as written by a process with the real Flask.
for text in (b"cflask.app\\nFlask\\n.", b"cflask.wrappers\\nResponse\\n.", b"cflask.json.tag\\nTagDict\\n."):
    print(pickle.loads(text).__name__ in ("Flask", "Erlen", "Response", "TagDict"))
""",
    "patches by dotted text": """
from unittest import mock
import flask
targets = '''
    flask.app.Flask.dispatch_request flask.Flask.wsgi_app flask.helpers.url_for flask.json.dumps
    flask.json.provider.DefaultJSONProvider.dumps flask.templating.render_template flask.cli.load_dotenv
    flask.sessions.SecureCookieSessionInterface.open_session flask.globals.request flask.ctx.AppContext.push
    flask.sansio.app.App.add_url_rule flask.views.View.dispatch_request flask.signals.request_started
    flask.testing.FlaskClient.open flask.wrappers.Request.on_json_loading_failed flask.logging.default_handler
'''.split()
for target in targets:
    before = __import__("pkgutil").resolve_name(target)
    with mock.patch(target, object()) as replaced:
        assert __import__("pkgutil").resolve_name(target) is replaced, target
    assert __import__("pkgutil").resolve_name(target) is before, target
    print(target)
""",
    "reloading": """
import importlib, sys, flask, flask.views
old = flask.views
print(importlib.reload(flask.views) is old is sys.modules["flask.views"])
""",
    "removed and imported again": """
import sys, flask
for name in [name for name in sys.modules if name.partition(".")[0] == "flask"]:
    del sys.modules[name]
import flask as again
import flask.views
print(again.__name__ in ("flask", "erlen"), sys.modules["flask"] is again, again.views is flask.views)
app = again.Flask("app")
app.add_url_rule("/", "x", lambda: "x")
print(app.test_client().get("/").text)
""",
    "threads that import at once": """
import importlib, sys, threading
names = "flask flask.app flask.json.tag flask.cli flask.testing flask.sansio.app flask.views flask.json"
names = names.split()
start, told = threading.Barrier(len(names) * 3), []
def bring(name):
    start.wait()
    try:
        from flask import Flask, json, request, views
        told.append((name, id(importlib.import_module(name))))
    except BaseException as error:
        print(name, repr(error))
threads = [threading.Thread(target=bring, args=(name,)) for name in names * 3]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(told), len(set(told)), all(id(sys.modules[name]) == number for name, number in told))
""",
    "threads that import while another patches": """
import importlib, sys, threading
from unittest import mock
import flask
names = "flask.json.tag flask.cli flask.testing flask.views flask.debughelpers".split()
start, told, seen = threading.Barrier(len(names) + 1), [], []
def bring(name):
    start.wait()
    importlib.import_module(name)
    from flask import Flask, render_template
    told.append(name)
def patch():
    start.wait()
    for _ in range(200):
        with mock.patch("flask.templating.render_template", lambda *a: "mine"), \\
                mock.patch("flask.app.Flask.dispatch_request", lambda self: "patched"):
            app = flask.Flask("app")
            seen.append(app.test_client().get("/").text)
threads = [threading.Thread(target=bring, args=(name,)) for name in names] + [threading.Thread(target=patch)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(told) == sorted(names), set(seen))
app = flask.Flask("app")
app.add_url_rule("/", "x", lambda: "itself")
print(app.test_client().get("/").text, flask.render_template.__module__.endswith("templating"))
""",
}

APPLICATION = '''
import flask

app = flask.Flask(__name__)


@app.get("/<name>")
def hello(name):
    """Greet somebody.

    >>> with app.test_request_context():
    ...     hello("Ada")
    ...     flask.url_for("hello", name="Ada")
    'Hello, Ada!'
    '/Ada'
    >>> app.test_client().get("/Ada").text
    'Hello, Ada!'
    >>> flask.json.provider.DefaultJSONProvider(app).dumps({"a": 1})
    '{"a": 1}'
    """
    return f"Hello, {name}!"
'''


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Write a module whose doctests go through `flask.` names."""
    path = tmp_path / "hello.py"
    path.write_text(APPLICATION)
    return path


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_the_same(name: str, both: Both) -> None:
    on_flask, on_erlen = both("-W", "ignore::DeprecationWarning", "-c", PROGRAMS[name])
    assert on_flask != ""
    assert on_erlen == on_flask


ONE_EACH = """
import importlib, sys, threading
import blinker, click, itsdangerous, jinja2, werkzeug.routing, werkzeug.test
names = "flask.json.tag flask.cli flask.testing flask.sansio.app flask.views flask.json flask.app flask.ctx"
missing = "flask.ext flask.json.nothing flask._compat flask.sansio.nothing"
names = names.split() + missing.split()
start, told = threading.Barrier(len(names)), []
def bring(name):
    start.wait()
    try:
        told.append((name, id(importlib.import_module(name))))
    except ModuleNotFoundError as error:
        if error.name != name or name not in missing.split():
            raise
threads = [threading.Thread(target=bring, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(told), len(set(told)), all(id(sys.modules[name]) == number for name, number in told))
"""


def test_threads_may_each_import_another_module_at_once(python: Run) -> None:
    """On Flask that is a deadlock, or an ImportError for a name that is not there yet."""
    done = python("-c", ONE_EACH, ERLEN_AS_FLASK="1")
    assert (done.stdout, done.stderr) == ("8 8 True\n", "")


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "doctest", "-v", "hello.py"),
        ("-m", "flask", "--app", "hello", "routes"),
        ("-m", "flask.cli", "--app", "hello", "routes"),
        ("-c", "import sys; sys.argv[1:] = ['--app', 'hello', 'routes']; import flask.cli; flask.cli.main()"),
    ],
    ids=" ".join,
)
def test_a_program_prints_the_same(arguments: tuple[str, ...], both: Both) -> None:
    on_flask, on_erlen = both("-W", "default", *arguments)
    assert len(on_flask) > 20
    assert on_erlen == on_flask


SHOWN = {
    "flask": "templating",
    "flask.app": "class Flask",
    "flask.Flask": "before_request",
    "flask.json.tag": "TagTuple",
}


@pytest.mark.parametrize("name", SHOWN)
def test_pydoc_shows_what_is_in_a_module(name: str, both: Both) -> None:
    on_flask, on_erlen = both("-W", "default", "-m", "pydoc", name)
    assert SHOWN[name] in on_flask
    assert SHOWN[name].replace("class Flask", "class Erlen") in on_erlen


def test_pydoc_does_not_find_what_flask_has_not(python: Run) -> None:
    done = [python("-m", "pydoc", "flask.nothing", **alias) for alias in WITHOUT_AND_WITH]
    assert [one.returncode for one in done] == [1, 1]
    assert done[0].stdout == done[1].stdout


def test_the_times_of_imports_can_be_shown(python: Run) -> None:
    for alias in WITHOUT_AND_WITH:
        done = python("-X", "importtime", "-c", "import flask, flask.views", **alias)
        names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
        assert done.returncode == 0, done.stderr
        assert {"flask", "werkzeug"} <= set(names)


FROZEN = """
import importlib.util, sys
if importlib.util.find_spec("erlen"):
    import erlen.as_flask
import flask
from flask import Flask, render_template_string

app = Flask(__name__)

@app.get("/<name>")
def hello(name):
    return render_template_string("Hello, {{ name }}!", name=name)

print(app.test_client().get("/Ada").text, app.name)
print(flask.json.provider.JSONProvider.__name__, app.root_path.endswith("app.pyz"))
packed = {name for name, module in sys.modules.items() if ".pyz" in str(getattr(module, "__file__", ""))}
print(sorted({name.partition(".")[0] for name in packed}))
"""


def pack(package: str, folder: Path) -> None:
    """Copy a package, and what is installed about it."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    source = Path(found.submodule_search_locations[0])
    shutil.copytree(source, folder / package, ignore=BYTECODE)
    for about in source.parent.glob(f"{package}-*.dist-info"):
        shutil.copytree(about, folder / about.name)


@pytest.mark.parametrize("framework", ["flask", "erlen"])
def test_an_application_runs_from_a_zip_file_with_all_that_it_needs(
    framework: str, python: Run, tmp_path: Path
) -> None:
    """`python -m zipapp` packs a folder; nothing outside it can be imported."""
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "__main__.py").write_text(FROZEN)
    for package in ("flask",) if framework == "flask" else ("erlen", "erlen_as_flask"):
        pack(package, folder)
    for package in ("werkzeug", "jinja2", "markupsafe", "click", "blinker", "itsdangerous"):
        pack(package, folder)
    assert python("-m", "zipapp", "application", "-o", "app.pyz").returncode == 0
    done = python("-I", "-S", "app.pyz")
    assert done.returncode == 0, done.stderr
    hello, provider, packages = done.stdout.splitlines()
    assert hello == "Hello, Ada! __main__"
    assert provider.startswith("JSONProvider")
    assert framework in packages
