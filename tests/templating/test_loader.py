"""Where templates are looked for, and when Jinja is imported for it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import typing as t
from pathlib import Path
from unittest import mock

import jinja2
import pytest

import erlen
from erlen import Blueprint, Erlen, templating
from erlen.templating.environment import Environment
from erlen.templating.loader import DispatchingJinjaLoader


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    for folder, names in {"templates": ("both", "own"), "pages": ("both", "page")}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.txt").write_text(folder)
    app = Erlen("shop", root_path=str(tmp_path))
    app.register_blueprint(Blueprint("pages", "pages", root_path=str(tmp_path), template_folder="pages"))
    return app


@pytest.mark.parametrize(
    ("name", "folder"), [("both.txt", "templates"), ("own.txt", "templates"), ("page.txt", "pages")]
)
def test_the_application_comes_before_its_blueprints(app: Erlen, name: str, folder: str) -> None:
    source, filename, is_current = DispatchingJinjaLoader(app).get_source(app.jinja_env, name)
    assert (source, Path(str(filename)).parent.name) == (folder, folder)
    assert is_current is not None
    assert is_current()


def test_a_template_that_is_nowhere_is_not_found(app: Erlen) -> None:
    with pytest.raises(jinja2.TemplateNotFound, match=r"none\.txt \(not found\. Searched: .*pages"):
        DispatchingJinjaLoader(app).get_source(app.jinja_env, "none.txt")


NAMES = {
    "DispatchingJinjaLoader": DispatchingJinjaLoader,
    "Environment": Environment,
    "BaseEnvironment": jinja2.Environment,
    "BaseLoader": jinja2.BaseLoader,
    "Template": jinja2.Template,
    "TemplateNotFound": jinja2.TemplateNotFound,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_names_that_flask_has_are_there(name: str) -> None:
    assert getattr(templating, name) is NAMES[name]


def test_the_class_of_environments_is_an_attribute_of_the_application_class() -> None:
    class Own(Environment):
        pass

    class Shop(Erlen):
        jinja_environment = Own

    app = Erlen("shop")
    assert Erlen.jinja_environment is app.jinja_environment is Environment
    assert type(app.jinja_env) is Environment
    assert type(Shop("shop").jinja_env) is Own
    with mock.patch.object(Erlen, "jinja_environment", Own):
        assert type(Erlen("shop").jinja_env) is Own
    assert Erlen.jinja_environment is Environment


def test_a_loader_that_is_patched_where_flask_has_it_is_used() -> None:
    class Own(DispatchingJinjaLoader):
        pass

    with mock.patch("erlen.templating.DispatchingJinjaLoader", Own):
        assert type(Erlen("shop").jinja_env.loader) is Own
    assert type(Erlen("shop").jinja_env.loader) is DispatchingJinjaLoader


def test_the_class_of_loaders_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(DispatchingJinjaLoader)) is DispatchingJinjaLoader


@pytest.mark.parametrize(
    "function",
    [
        erlen.render_template,
        erlen.render_template_string,
        erlen.stream_template,
        Erlen.create_jinja_environment,
        Erlen.create_global_jinja_loader,
    ],
)
def test_type_hints_can_be_had(function: t.Callable[..., t.Any]) -> None:
    assert "return" in t.get_type_hints(function)


def test_the_type_of_a_template_name_is_flasks() -> None:
    hints = t.get_type_hints(erlen.render_template)
    assert hints["template_name_or_list"] == str | jinja2.Template | list[str | jinja2.Template]


THREADS = """
import sys, threading
from erlen import Erlen, render_template_string, session
assert not any(name.partition(".")[0] in ("jinja2", "itsdangerous") for name in sys.modules)
app = Erlen("shop")
app.secret_key = "key"

@app.get("/")
def page():
    session["n"] = 1
    return render_template_string("{{ 1 + n }}", n=session["n"])

environ = app.test_request_context().request.environ
barrier, told = threading.Barrier(8), []

def ask():
    heads = []
    barrier.wait(30)
    body = b"".join(app(dict(environ), lambda *head: heads.append(head)))
    told.append((heads[0][0], "Set-Cookie" in dict(heads[0][1]), body))

sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
print(len(told), set(told))
"""


@pytest.mark.slow
def test_threads_that_are_the_first_to_need_jinja_and_a_signature_all_get_their_answer() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.stdout == "8 {('200 OK', True, b'2')}\n"
