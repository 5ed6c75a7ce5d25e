"""What is public says what it does, and the signposts lead where they say."""

from __future__ import annotations

import ast

import pytest

import erlen
import erlen.sansio
from tests.architecture.layers import modules, tree_of


@pytest.mark.parametrize("name", sorted(modules()))
def test_each_module_says_what_it_is_for(name: str) -> None:
    docstring = ast.get_docstring(tree_of(name))
    assert docstring, f"{name} has no docstring"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":")), docstring


def test_the_package_docstring_maps_every_module() -> None:
    assert erlen.__doc__ is not None
    tops = {name.partition(".")[0] for name in modules()} - {"", "__main__"}
    assert {name for name in tops if f"``{name}``" not in erlen.__doc__} == set()


@pytest.mark.parametrize("name", sorted(vars(erlen)["_LATE"]))
def test_a_name_that_is_imported_late_is_there(name: str) -> None:
    assert getattr(erlen, name).__name__ == name


def test_flask_and_erlen_are_one_class() -> None:
    assert erlen.Flask is erlen.Erlen is erlen.sansio.app.App


def test_signposts_lead_to_the_very_objects() -> None:
    assert erlen.sansio.blueprints.Blueprint is erlen.Blueprint is erlen.blueprints.Blueprint
    assert issubclass(erlen.Erlen, erlen.sansio.scaffold.Scaffold)
    assert issubclass(erlen.Blueprint, erlen.sansio.scaffold.Scaffold)


def test_public_methods_have_docstrings() -> None:
    silent = [
        f"{cls.__name__}.{name}"
        for cls in (erlen.Erlen, erlen.Blueprint, erlen.Config)
        for name in set(dir(cls)) - set(dir(dict))
        if not name.startswith("_") and callable(member := getattr(cls, name)) and not member.__doc__
    ]
    assert silent == []
