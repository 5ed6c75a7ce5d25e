"""The table says of each name what it is and what to write."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from erlen.legacy.libraries.removed import OLD, OLD_MODULES, REMOVED
from erlen.legacy.removed import REMOVED as FLASKS


def test_a_record_names_its_package_and_the_way_out() -> None:
    for record in REMOVED:
        assert record.name.startswith(record.library + "."), record
        assert record.instead, record
        assert not record.instead.startswith("erlen"), record
        assert record.last.replace(".", "").isdigit(), record


def test_the_newest_releases_have_none_of_the_names() -> None:
    owners = {name: name.rpartition(".")[::2] for name in OLD}
    there = [
        name
        for name, (module, attribute) in owners.items()
        if module not in OLD_MODULES and attribute in vars(import_module(module))
    ]
    # Gone with Python 3.11.
    assert set(there) <= {"inspect.getargspec"}


def test_a_place_is_in_this_layer_or_somewhere_else_by_its_name() -> None:
    """Who reads the table to rewrite a program finds today's name, unless nobody has the thing any more."""
    for old in OLD.values():
        is_ours = old.place.startswith("erlen.legacy.libraries.")
        assert is_ours != (old.record.instead == old.place), old


def test_flasks_names_are_elsewhere() -> None:
    assert {record.name for record in FLASKS} & OLD.keys() == set()


def test_modules_that_are_gone_are_not_found() -> None:
    for name in OLD_MODULES:
        package = name.rpartition(".")[0]
        assert package in OLD_MODULES or find_spec(name) is None
