from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from erlen import Erlen
from erlen.script import transaction
from erlen.script.errors import ScriptError


class Plugin:
    """A plugin whose database is a list."""

    def __init__(self, applies: bool = True) -> None:
        self.applies = applies
        self.data: list[str] = []

    def load(self) -> object:
        return lambda app: self.undone() if self.applies else None

    @contextmanager
    def undone(self):
        before = list(self.data)
        yield lambda: [f"list: {len(self.data) - len(before)} added"]
        self.data[:] = before


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> list[Plugin]:
    found: list[Plugin] = []

    def entry_points(*, group: str) -> list[Plugin]:
        assert group == "erlen.script.dry_run"
        return found

    monkeypatch.setattr(transaction, "metadata", SimpleNamespace(entry_points=entry_points))
    return found


def test_every_plugin_undoes_what_is_its_own(plugins: list[Plugin]) -> None:
    first, second, other = Plugin(), Plugin(), Plugin(applies=False)
    plugins += [first, second, other]
    with transaction.undone(Erlen("shop")) as changes:
        for plugin in plugins:
            plugin.data.append("x")
        assert changes() == ["list: 1 added", "list: 1 added"]
    assert [plugin.data for plugin in plugins] == [[], [], ["x"]]


def test_without_a_plugin_there_is_no_dry_run(plugins: list[Plugin]) -> None:
    plugins.append(Plugin(applies=False))
    with pytest.raises(ScriptError, match=r"that takes Flask-SQLAlchemy.*'dry_run: bool'"):
        transaction.undone(Erlen("shop")).__enter__()


def test_a_script_that_sees_to_it_needs_no_plugin(plugins: list[Plugin]) -> None:
    with transaction.undone(Erlen("shop"), needs_plugin=False) as changes:
        assert changes() == []


def test_the_plugin_for_flask_sqlalchemy_is_installed() -> None:
    from importlib import metadata

    (own,) = metadata.entry_points(group=transaction.GROUP)
    assert own.load()(Erlen("shop")) is None
