"""The table is right: each name is there on request, and only then."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from typing import Any

import flask  # the real one
import pytest

import erlen
from erlen.alias import MODULES
from erlen.legacy.removed import IMPORTED_FROM, LEVELS, REMOVED, Removed

NAMES = [record for record in REMOVED if record.kind == "name"]
OLD_MODULES = ("flask._compat", "flask.ext", "flask.exthook", "flask.scaffold")
# Attributes that an object has and its class has not, and modules, which are looked at elsewhere.
LOOKED_UP = [record for record in NAMES if record.name not in OLD_MODULES]


def found(name: str, *, in_erlen: bool) -> Any:
    """Look a dotted name up: its module, then attribute by attribute. LookupError where there is none."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        if in_erlen and module in MODULES:
            value = import_module(MODULES[module])
        elif not in_erlen and module in sys.modules:
            value = sys.modules[module]
        else:
            continue
        for part in parts[length:]:
            try:
                value = getattr(value, part)
            except AttributeError:
                raise LookupError(name) from None
        return value
    raise LookupError(name)


def test_each_name_is_there_once_and_says_what_to_write() -> None:
    assert len({record.name for record in REMOVED}) == len(REMOVED)
    assert [record.name for record in REMOVED if not record.instead or record.library != "flask"] == []


@pytest.mark.parametrize("record", LOOKED_UP, ids=lambda record: record.name)
def test_a_name_is_not_there_unless_it_is_asked_for(record: Removed) -> None:
    for in_erlen in (True, False):
        with pytest.raises(LookupError):
            found(record.name, in_erlen=in_erlen)
    assert flask.Flask is not erlen.Flask


@pytest.mark.parametrize("record", LOOKED_UP, ids=lambda record: record.name)
@pytest.mark.usefixtures("of_1_1")
def test_flask_1_1_has_all_names(record: Removed) -> None:
    found(record.name, in_erlen=True)


@pytest.mark.parametrize("record", LOOKED_UP, ids=lambda record: record.name)
@pytest.mark.usefixtures("of_2_2")
def test_flask_2_2_has_those_that_it_had(record: Removed) -> None:
    if record.last == "2.2":
        found(record.name, in_erlen=True)
    else:
        with pytest.raises(LookupError):
            found(record.name, in_erlen=True)


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize(
    ("name", "today"), [pair for names in IMPORTED_FROM.values() for pair in names.items()]
)
def test_a_name_can_be_imported_from_where_it_was_only_used(name: str, today: str) -> None:
    value = found(name, in_erlen=True)
    module, _, attribute = today.rpartition(".")
    if not module:
        assert value is import_module(today)
    elif not module.startswith("flask"):
        assert value == getattr(import_module(module), attribute)
    elif module != "flask._compat":
        expected = found(today, in_erlen=True)
        # A proxy has nothing to be compared with here; Python 3.14 says so.
        assert value is expected or value == expected


@pytest.mark.parametrize("level", LEVELS)
def test_keys_are_in_the_configuration(level: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(f"of_{level.replace('.', '_')}")
    keys = {record.name.partition("[")[2][:-1] for record in REMOVED if record.kind == "key"} - {"extensions"}
    config = erlen.Flask(__name__).config
    assert keys - config.keys() == ({"PRESERVE_CONTEXT_ON_EXCEPTION"} if level == "2.2" else set())


def test_levels_count_by_numbers() -> None:
    record = Removed("flask.x", "2.10", "y")
    assert record.is_of("2.2")
    assert record.is_of("1.1")
    assert not Removed("flask.x", "2.1", "y").is_of("2.2")
    assert Removed("flask.x", "0.12", "y").is_of("1.1")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("flask.x", "name"), ("flask.x(y)", "argument"), ("flask.Flask.config[Y]", "key"), ("$X", "variable")],
)
def test_the_way_a_name_is_written_says_what_it_is(name: str, kind: str) -> None:
    assert Removed(name, "1.1", "").kind == kind


def test_real_flask_warns_of_none_of_them() -> None:
    """The search above asks the real Flask, which must not answer by a deprecated name."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found("flask.Flask", in_erlen=False) is flask.Flask
