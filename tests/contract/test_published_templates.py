"""Templates of published packages give the same on Erlen as on Jinja: text, or exception and its lines."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes
from jinja2.runtime import ChainableUndefined
from markupsafe import Markup

from tests.templating.both import environments, told
from tests.templating.hostile import Anything

from .environment import Environment

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]

# What has many templates: extensions that Flask applications use, and programs that write whole sites.
PACKAGES = {
    "flask-admin==2.2.1": "flask_admin",
    "flask-security==5.9.2": "flask_security",
    "bootstrap-flask==2.6.0": "flask_bootstrap",
    "flask-debugtoolbar==0.16.0": "flask_debugtoolbar",
    "flask-appbuilder==5.3.0": "flask_appbuilder",
    "mkdocs==1.6.1": "mkdocs",
    "nbconvert==7.17.2": "share",
    "sphinx==9.0.4": "sphinx",
}
ENDINGS = {".html", ".htm", ".xml", ".txt", ".j2", ".jinja", ".jinja2", ".tex", ".md", ".rst"}
# Folders of templates by their own name, or by that of the folder above.
FOLDERS = {"templates", "themes"}


@pytest.fixture(scope="module")
def folder(environment: Environment) -> Path:
    return environment.overlay("templates", *PACKAGES)


KINDS: list[t.Any] = [
    Anything(),
    {"name": "<dict>", "id": 1, "items": [1, "<2>"], "url": "/?a&b", "label": Markup("<b>")},
    ["<list>", 2, {"name": "in a list"}],
    "<text> & more",
    7,
    None,
]


def roots(folder: Path, package: str) -> list[Path]:
    """Return the folders in which the templates of a package are found by name."""
    folders = [path for path in (folder / package).rglob("*") if path.is_dir()]
    return sorted(path for path in folders if FOLDERS & {path.name, path.parent.name})


def stand_in(name: str) -> t.Callable[..., t.Any]:
    """Return a filter or test in place of one that the package adds to its environment."""
    return lambda value=None, *args, **kwargs: f"{name} <{value}>"


def compare_all(searched: list[Path]) -> Counter[str]:
    """Render all templates by both with values of several kinds, and count what they gave."""
    loader = jinja2.FileSystemLoader([str(path) for path in searched])
    both = environments({}, loader=loader, undefined=ChainableUndefined, cache_size=-1)
    given: Counter[str] = Counter()
    for name in loader.list_templates():
        if Path(name).suffix not in ENDINGS:
            continue
        names = prepare(both, name)
        # With 0 every name is a value that can do anything, so that most templates are written to their end.
        for number in range(len(KINDS)):
            values = {each: KINDS[(index * number) % len(KINDS)] for index, each in enumerate(names)}
            first, second = (told(environment, name, values) for environment in both)
            assert comparable(second) == comparable(first), name
            given[str(getattr(first[0], "__name__", first[0]))] += 1
            if "Syntax" in repr(first[0]):
                break
    return given


def prepare(both: tuple[jinja2.Environment, jinja2.Environment], name: str) -> list[str]:
    """Add the filters and tests that a template needs, and return the names that it asks for."""
    loader = t.cast(jinja2.BaseLoader, both[0].loader)
    try:
        tree = both[0].parse(loader.get_source(both[0], name)[0])
    except (jinja2.TemplateSyntaxError, UnicodeDecodeError):
        return []
    for kind, table in ((nodes.Filter, "filters"), (nodes.Test, "tests")):
        for node in tree.find_all(kind):
            for environment in both:
                getattr(environment, table).setdefault(t.cast(t.Any, node).name, stand_in("other"))
    return sorted(meta.find_undeclared_variables(tree))


def comparable(answer: tuple[t.Any, ...]) -> tuple[t.Any, ...]:
    """Leave out the addresses of objects."""
    return tuple(re.sub("(?i)0x[0-9a-f]+", "0x", part) if isinstance(part, str) else part for part in answer)


@pytest.mark.parametrize("package", PACKAGES.values())
def test_all_templates_of_a_package_give_the_same(folder: Path, package: str) -> None:
    given = compare_all(roots(folder, package))
    assert given["text"] > 20, given
