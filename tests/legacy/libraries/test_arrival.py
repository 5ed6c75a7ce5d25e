"""A library's module has its old names whether it is imported before the layer or after it."""

from __future__ import annotations

from importlib import import_module

import pytest

from erlen.legacy.libraries import arrival
from erlen.legacy.libraries.removed import OLD, OLD_MODULES

from .conftest import Says

INSTALL = "import erlen.legacy; erlen.legacy.install('1.1+libraries')"
QUIET = "import warnings; warnings.simplefilter('ignore')"


NAMES = {
    "werkzeug": "cached_property",
    "werkzeug.urls": "url_encode",
    "jinja2": "contextfilter",
    "jinja2.ext": "with_",
    "itsdangerous": "TimedJSONWebSignatureSerializer",
    "markupsafe": "soft_unicode",
    "collections": "MutableMapping",
}
IMPORTS = "import " + ", ".join(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("order", [(IMPORTS, INSTALL), (INSTALL, IMPORTS)], ids=["before", "after"])
def test_the_order_of_imports_does_not_matter(says: Says, order: tuple[str, str]) -> None:
    used = "\n".join(f"from {module} import {name}; print({name}.__name__)" for module, name in NAMES.items())
    assert len(says("\n".join([QUIET, *order, used])).split("\n")) == len(NAMES)


@pytest.mark.slow
def test_a_module_that_comes_later_is_announced_by_its_own_loader(says: Says) -> None:
    """`jinja2.sandbox` is no module of the core's: the loader stays the one that finders and tools know."""
    code = f"""{INSTALL}
import sys
from importlib.machinery import SourceFileLoader
print("jinja2.ext" in sys.modules or "werkzeug.debug.tbtools" in sys.modules)
import werkzeug.debug.tbtools as module
print(type(module.__spec__.loader) is SourceFileLoader, module.__spec__.loader is module.__loader__)
"""
    assert says(code).split("\n") == ["False", "True True"]


@pytest.mark.slow
def test_no_library_is_imported_for_it(says: Says) -> None:
    code = "import sys, erlen.legacy; erlen.legacy.install({!r}); print(*sorted(sys.modules))"
    without, with_them = (set(says(code.format(level)).split()) for level in ("1.1", "1.1+libraries"))
    assert {name for name in with_them - without if not name.startswith("erlen.legacy.libraries")} == set()


def test_each_name_warns_once_with_what_to_write_and_where(says: Says) -> None:
    code = f"""{INSTALL}
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from werkzeug.urls import url_quote
    from werkzeug.urls import url_quote, url_join
    import werkzeug.contrib.cache
    werkzeug.contrib.cache.SimpleCache()
for warning in caught:
    print(warning.filename, warning.message)
"""
    lines = says(code).split("\n")
    assert len(lines) == 3
    assert all(line.startswith("<string> ") for line in lines)
    assert lines[0].endswith("Write instead: urllib.parse.quote.")
    assert "'werkzeug.urls.url_join'" in lines[1]
    assert "cachelib.SimpleCache" in lines[2]


@pytest.mark.slow
def test_a_name_that_never_was_is_an_attribute_error_as_before(says: Says) -> None:
    code = f"""{INSTALL}
import werkzeug, werkzeug.contrib, werkzeug.contrib.cache
for module in (werkzeug, werkzeug.contrib.cache):
    try:
        module.nonsense
    except AttributeError as error:
        print(error)
try:
    import werkzeug.contrib.nonsense
except ModuleNotFoundError as error:
    print(error)
"""
    assert says(code).split("\n") == [
        "module 'werkzeug' has no attribute 'nonsense'",
        "module 'werkzeug.contrib.cache' has no attribute 'nonsense'",
        "No module named 'werkzeug.contrib.nonsense'",
    ]


@pytest.mark.slow
def test_what_a_module_answered_itself_it_still_answers(says: Says) -> None:
    """Click has a `__getattr__` of its own for names that it will remove."""
    names = "click.BaseCommand.__name__, click.get_terminal_size().columns > 0"
    assert says(f"{QUIET}\nimport click\n{INSTALL}\nprint({names})") == "_BaseCommand True"


@pytest.mark.slow
def test_a_reloaded_module_has_its_names_again(says: Says) -> None:
    code = f"""{QUIET}
{INSTALL}
import importlib, werkzeug.security
importlib.reload(werkzeug.security)
print(werkzeug.security.safe_str_cmp("a", "a"))
"""
    assert says(code) == "True"


@pytest.mark.usefixtures("layer")
def test_each_name_leads_to_something() -> None:
    missing = {}
    for name in OLD:
        try:
            arrival.value_of(name)
        except (ImportError, AttributeError) as error:
            missing[name] = error
    assert missing == {}


@pytest.mark.usefixtures("layer")
def test_each_old_module_can_be_imported() -> None:
    assert [import_module(name).__name__ for name in OLD_MODULES] == list(OLD_MODULES)
