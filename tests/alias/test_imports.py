"""What the import system and those who follow it see of `flask`: beside the real Flask, the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import Run

BOTH = pytest.mark.parametrize("framework", ["flask", "erlen"])


def on(framework: str) -> dict[str, str]:
    return {"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {}


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ENTRIES = """
import flask, json, sys
print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "flask"]))
"""


def test_sys_modules_has_the_entries_that_flask_has_in_the_same_order(python: Run) -> None:
    by_flask = json.loads(told(python("-c", ENTRIES)))
    assert len(by_flask) == 21
    assert json.loads(told(python("-c", ENTRIES, ERLEN_AS_FLASK="1"))) == by_flask
    assert json.loads(told(python("-c", f"import erlen.as_flask{ENTRIES}"))) == by_flask


def test_each_entry_is_the_module_of_erlen(python: Run) -> None:
    code = """
import flask, sys
from erlen.alias import MODULES
entries = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "flask"}
assert all(module is sys.modules[MODULES[name]] for name, module in entries.items())
assert flask.cli.main is sys.modules["erlen.cli"].main
print(len(entries))
"""
    assert told(python("-c", code, ERLEN_AS_FLASK="1")) == "21"


def test_the_import_stays_light(python: Run) -> None:
    code = """
import flask, sys
heavy = {"asyncio", "erlen.cli.commands", "erlen.testing", "importlib.metadata"}
print(sorted(heavy & set(sys.modules)), type(sys.modules["flask.cli"]).__name__)
"""
    assert told(python("-c", code, ERLEN_AS_FLASK="1")) == "[] LateModule"


MISSING = ["ext", "_compat", "exthook", "scaffold", "plan", "serve", "alias", "late_module", "json.fast"]


@pytest.mark.slow
@BOTH
def test_modules_that_flask_does_not_have_are_not_found(framework: str, python: Run) -> None:
    code = (
        f"import importlib.util as u; print([n for n in {MISSING} if u.find_spec('flask.' + n) is not None])"
    )
    assert told(python("-c", code, **on(framework))) == "[]"


SPECS = """
import importlib.util, json, os
seen = {}
for name in ("flask", "flask.views", "flask.testing", "flask.debughelpers", "flask.__main__"):
    spec = importlib.util.find_spec(name)
    loader = spec.loader
    seen[name] = [
        spec.name, spec.parent, spec.has_location, os.path.isfile(spec.origin),
        spec.submodule_search_locations is None,
        loader.get_code(name) is not None, len(loader.get_source(name)) > 0,
        os.path.isfile(loader.get_filename(name)), loader.is_package(name),
    ]
print(json.dumps(seen))
"""


def test_specs_and_loaders_answer_as_flasks_do(python: Run) -> None:
    by_flask = json.loads(told(python("-c", SPECS)))
    assert json.loads(told(python("-c", f"import erlen.as_flask{SPECS}"))) == by_flask


WALK = """
import flask, json, pkgutil
names = [(info.name, info.ispkg) for info in pkgutil.walk_packages(flask.__path__, "flask.")]
for name, _ in names:
    if name != "flask.__main__":  # it runs the command line
        __import__(name)
print(json.dumps(sorted(names)))
"""


@pytest.mark.slow
def test_walking_the_packages_finds_what_flask_has_and_each_can_be_imported(python: Run) -> None:
    by_flask = json.loads(told(python("-c", WALK)))
    # In Flask this folder has no `__init__.py`, and is not found.
    children = [[f"flask.sansio.{name}", False] for name in ("app", "blueprints", "scaffold")]
    sansio = [["flask.sansio", True], *children]
    assert json.loads(told(python("-c", WALK, ERLEN_AS_FLASK="1"))) == sorted(by_flask + sansio)


@pytest.mark.slow
def test_walking_erlens_own_packages_is_as_without_the_alias(python: Run) -> None:
    code = "import erlen, pkgutil; print([i.name for i in pkgutil.walk_packages(erlen.__path__, 'erlen.')])"
    assert "erlen.plan.matcher" in told(python("-c", code))
    assert told(python("-c", f"import erlen.as_flask; {code}")) == told(python("-c", code))


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("program", ["flask", "flask.cli"])
def test_flask_and_its_cli_run_as_programs(program: str, framework: str, python: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    done = python("-W", "ignore", "-m", program, "routes", **on(framework))
    assert done.returncode == 0, done.stderr
    assert "/static/<path:filename>" in done.stdout


# A finder that looks for modules by itself and tells of each that was imported, as wrapt's, ddtrace's and New
# Relic's do: it wraps the loader that the others find, and calls hooks by the module's own name.
HOOKS = """
import importlib.abc, importlib.util, json, sys
events, hooks = [], {}

class Told(importlib.abc.Loader):
    def __init__(self, loader):
        self.loader = loader
    def create_module(self, spec):
        return self.loader.create_module(spec)
    def exec_module(self, module):
        self.loader.exec_module(module)
        events.append(module.__name__)
        hooks.get(module.__name__, lambda _: None)(module)

class Watch(importlib.abc.MetaPathFinder):
    def __init__(self):
        self.asked = set()
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != "flask" or name in self.asked:
            return None
        self.asked.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asked.discard(name)
        if spec is not None and spec.loader is not None:  # `flask.sansio` has no loader in Flask
            spec.loader = Told(spec.loader)
        return spec

def replace_render_template(templating):
    original = templating.render_template
    def render_template(*args, **context):
        return "replaced: " + original(*args, **context)
    templating.render_template = render_template
hooks["flask.templating"] = replace_render_template

def mark(app):
    app.Flask.marked = True
    app.mark = "set"
    app.passing = 1
    del app.passing
hooks["flask.app"] = mark
sys.meta_path.insert(0, Watch())
"""
AFTERWARDS = """
import flask, flask.views, flask.testing
assert flask.render_template is flask.templating.render_template
assert flask.render_template.__qualname__.startswith("replace_"), flask.render_template
assert flask.Flask.marked and flask.app.mark == "set" and not hasattr(flask.app, "passing")
print(json.dumps([name for name in events if name != "flask.sansio"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "start", ["", "import erlen.as_flask\n", "import erlen, erlen.cli, erlen.testing, erlen.as_flask\n"]
)
def test_post_import_hooks_are_called_by_flasks_names_in_flasks_order(start: str, python: Run) -> None:
    by_flask = json.loads(told(python("-c", HOOKS + AFTERWARDS)))
    assert by_flask.index("flask.templating") < by_flask.index("flask.app") < by_flask.index("flask")
    switch = {} if start else {"ERLEN_AS_FLASK": "1"}
    assert json.loads(told(python("-c", HOOKS + start + AFTERWARDS, **switch))) == by_flask
    assert json.loads(told(python("-c", start + HOOKS + AFTERWARDS, **switch))) == by_flask


# A finder that is put before all others and looks through the paths, as pytest's and typeguard's do.
FIRST = """
import importlib.machinery, sys
class First:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return importlib.machinery.PathFinder.find_spec(name, path)
sys.meta_path.insert(0, First)
"""
ALL_AT_ONCE = """
import importlib, sys
from erlen.alias import MODULES
for name in MODULES:
    assert importlib.import_module(name) is importlib.import_module(MODULES[name]), name
copies = [name for name, module in sys.modules.items()
          if (getattr(module, "__file__", None) or "").startswith(sys.modules["erlen"].__path__[0])
          and module.__name__ not in (name, MODULES.get(name))]
print(copies, sys.modules["flask"].Flask.__module__)
"""


@pytest.mark.slow
@pytest.mark.parametrize("start", ["", "import erlen.as_flask\n", "import flask\n"])
def test_finders_put_before_ours_load_nothing_twice(start: str, python: Run) -> None:
    for code in (FIRST + start, start + FIRST):
        done = python("-c", code + "import flask\n" + ALL_AT_ONCE, ERLEN_AS_FLASK="1")
        assert told(done) == "[] erlen.app"


@pytest.mark.slow
@pytest.mark.parametrize("module", ["app", "json.provider", "views", "cli", "testing", "sansio.scaffold"])
def test_a_submodule_that_is_imported_first_brings_the_rest(module: str, python: Run) -> None:
    code = f"""
import sys
import flask.{module}
assert sys.modules["flask.{module}"] is flask.{module} and flask is sys.modules["erlen"]
print(len([name for name in sys.modules if name.partition(".")[0] == "flask"]) >= 21)
"""
    assert told(python("-c", code, ERLEN_AS_FLASK="1")) == "True"


THREADS = """
import importlib, sys, threading
sys.setswitchinterval(1e-3)
from random import Random
names = "flask.app flask.cli flask.testing flask.views flask.json.tag flask.sansio.app flask".split()
failed = []
def work(seed):
    random = Random(seed)
    try:
        for name in random.sample(names, len(names)):
            module = importlib.import_module(name)
            if name == "flask.cli":
                assert module.main and module.AppGroup
                module.patched = seed
    except BaseException as error:
        failed.append(f"{name}: {error!r}")
threads = [threading.Thread(target=work, args=(seed,)) for seed in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sys.modules["flask.cli"] is sys.modules["erlen.cli"]
print(failed, type(sys.modules["flask.cli"]).__name__, sys.modules["flask.cli"].patched in range(12))
"""


def test_threads_may_import_all_of_it_at_once(python: Run) -> None:
    assert told(python("-c", THREADS, ERLEN_AS_FLASK="1")) == "[] module True"


def test_turning_it_off_leaves_nothing_behind(python: Run) -> None:
    code = """
import sys
before = list(sys.meta_path), list(sys.path), list(sys.path_hooks)
from erlen import alias
alias.install(); alias.install()
import flask, erlen
assert flask is erlen
alias.uninstall()
assert before == (list(sys.meta_path), list(sys.path), list(sys.path_hooks))
import flask
print(flask.Flask.__module__, flask.__name__)
"""
    assert told(python("-c", code)) == "flask.app flask"


def test_reloading_one_of_its_modules_executes_erlens(python: Run) -> None:
    code = """
import flask, importlib
flask.templating.render_template = None
assert importlib.reload(flask.templating) is flask.templating
print(callable(flask.templating.render_template), importlib.reload(flask) is flask)
"""
    assert told(python("-c", code, ERLEN_AS_FLASK="1")) == "True True"


@pytest.mark.slow
def test_a_program_in_a_zip_file_takes_the_alias_along(python: Run, tmp_path: Path) -> None:
    folder = tmp_path / "program"
    source = Path(__file__).parents[2] / "src"
    code = f"""
import shutil, zipapp, pathlib
folder = pathlib.Path({str(folder)!r})
for package in ("erlen", "erlen_as_flask"):
    shutil.copytree({str(source)!r} + "/" + package, folder / package)
(folder / "__main__.py").write_text('''
import erlen.as_flask, flask, flask.views, pkgutil, importlib.util
app = flask.Flask("zipped")
app.get("/")(lambda: flask.Flask.__module__)
assert importlib.util.find_spec("flask.plan") is None
assert "flask.views" in [info.name for info in pkgutil.walk_packages(flask.__path__, "flask.")]
print(app.test_client().get("/").text, ".pyz" in flask.__file__)
''')
zipapp.create_archive(folder, "program.pyz")
"""
    told(python("-c", code))
    assert told(python("program.pyz")) == "erlen.app True"
