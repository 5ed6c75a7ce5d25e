"""A module is executed by the first look at it, once, whoever looks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from erlen.late_module import LateModule, add_late_module

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
