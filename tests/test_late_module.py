"""A module is executed by the first look at it, once, whoever looks."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from erlen.late_module import LateAttribute, LateModule, add_late_module, late_names

Make = Callable[[str], ModuleType]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Write a module with this code into a package, and add it without executing it."""
    package = tmp_path / "latepackage"
    package.mkdir()
    (package / "__init__.py").write_text("executed = []\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(code: str) -> ModuleType:
        (package / "late.py").write_text("import latepackage\nlatepackage.executed.append(1)\n" + code)
        __import__("latepackage")
        return add_late_module("latepackage.late")

    yield make
    for name in ("latepackage", "latepackage.late"):
        sys.modules.pop(name, None)


def executions() -> int:
    return len(sys.modules["latepackage"].executed)


def test_it_is_imported_and_in_its_package_without_being_executed(make: Make) -> None:
    module = make("x = 1\n")
    assert sys.modules["latepackage.late"] is module is sys.modules["latepackage"].late
    assert isinstance(module, ModuleType)
    assert (module.__name__, module.__package__) == ("latepackage.late", "latepackage")
    assert module.__file__ is not None
    assert module.__spec__ is not None
    assert executions() == 0


@pytest.mark.parametrize(
    "look",
    [
        lambda module: module.x,
        lambda module: dir(module),
        lambda module: vars(module),
        lambda module: setattr(module, "x", 2),
        lambda module: delattr(module, "x"),
        lambda module: hasattr(module, "nothing"),
    ],
    ids=["get", "dir", "vars", "set", "delete", "missing"],
)
def test_the_first_look_executes_it_once(look: Callable[[ModuleType], object], make: Make) -> None:
    module = make("x = 1\ny = 2\n")
    look(module)
    look_again = module.y
    assert (look_again, executions()) == (2, 1)
    assert type(module) is ModuleType


def test_what_is_set_at_first_is_not_overwritten_by_its_code(make: Make) -> None:
    module = make("x = 1\n")
    module.x = 5
    assert module.x == 5


def test_its_code_may_look_at_it(make: Make) -> None:
    module = make("import sys\nx = 1\nseen = sys.modules[__name__].x\n")
    assert module.seen == 1


def test_code_that_fails_says_so_at_each_look(make: Make) -> None:
    module = make("raise LookupError('no')\n")
    for _ in range(2):
        with pytest.raises(LookupError, match="no"):
            _ = module.x
    assert type(module) is LateModule


def test_a_module_that_is_there_already_is_left_alone(make: Make) -> None:
    module = make("x = 1\n")
    assert add_late_module("latepackage.late") is module
    assert add_late_module("sys") is sys


def test_one_that_does_not_exist_is_an_import_error(make: Make) -> None:
    make("")
    with pytest.raises(ModuleNotFoundError, match=r"latepackage\.nowhere"):
        add_late_module("latepackage.nowhere")


def test_threads_that_look_at_once_see_it_whole(make: Make) -> None:
    module = make("import time\ntime.sleep(0.05)\nx = 1\n")
    seen: list[object] = []
    begin = threading.Barrier(8)

    def look() -> None:
        begin.wait()
        seen.append(getattr(module, "x", None))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, executions()) == ([1] * 8, 1)


def test_a_module_of_a_late_package_is_imported_without_the_package(make: Make, tmp_path: Path) -> None:
    inner = tmp_path / "latepackage" / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text("import latepackage\nlatepackage.executed.append(1)\nown = 1\n")
    (inner / "leaf.py").write_text("x = 1\n")
    __import__("latepackage")
    try:
        package = add_late_module("latepackage.inner")
        leaf = importlib.import_module("latepackage.inner.leaf")
        assert (executions(), leaf.x) == (0, 1)
        assert package.leaf is leaf
        assert (executions(), package.own, package.leaf) == (1, 1, leaf)
    finally:
        for name in ("latepackage.inner", "latepackage.inner.leaf"):
            sys.modules.pop(name, None)


@pytest.fixture
def late_package(make: Make, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package whose name `value` is in its module `late`."""
    make("value = 1\n")
    sys.modules.pop("latepackage.late")
    package = sys.modules["latepackage"]
    del package.late  # type: ignore[attr-defined]
    places = {"value": ".late", "gone": ".late", "missing": ".missing"}
    package.__getattr__ = late_names("latepackage", places)  # type: ignore[method-assign]
    return package


def test_a_late_name_imports_its_module(late_package: ModuleType) -> None:
    assert executions() == 0
    assert (late_package.value, late_package.value, executions()) == (1, 1, 1)
    assert "value" not in vars(late_package)


def test_a_name_that_a_package_has_not_is_no_attribute(late_package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="module 'latepackage' has no attribute 'other'"):
        late_package.other  # noqa: B018
    assert not hasattr(late_package, "gone")
    with pytest.raises(ModuleNotFoundError, match=r"latepackage\.missing"):
        late_package.missing  # noqa: B018


@pytest.mark.parametrize("path", ["latepackage.value", "latepackage.late.value"])
def test_a_late_name_that_is_patched_is_itself_again_afterwards(late_package: ModuleType, path: str) -> None:
    with mock.patch(path, 2):
        assert late_package.value == 2
    assert late_package.value == importlib.import_module("latepackage.late").value == 1


def test_a_late_attribute_is_read_on_the_class_and_on_its_objects(late_package: ModuleType) -> None:
    class Owner:
        value = LateAttribute("latepackage.late", "value")

    class Heir(Owner):
        value = 2  # type: ignore[assignment]

    assert executions() == 0
    assert (Owner.value, Owner().value, Heir.value, executions()) == (1, 1, 2, 1)
    owner = Owner()
    owner.value = 3  # type: ignore[assignment]
    assert (owner.value, Owner.value) == (3, 1)
    with mock.patch.object(Owner, "value", 4):
        assert Owner().value == 4
    assert Owner().value == 1
