"""Looking up old names."""

from __future__ import annotations

import pytest

from erlen.legacy import removed
from erlen.legacy.check.table import table
from erlen.legacy.libraries.removed import OLD_MODULES
from erlen.legacy.libraries.removed import REMOVED as OF_LIBRARIES


def test_every_record_can_be_looked_up() -> None:
    names = table()
    owners = {"flask.Flask.config": "flask.Config"}
    for record in (*removed.REMOVED, *OF_LIBRARIES):
        if record.kind == "name":
            assert names.record_of(record.name) is record
        elif record.kind == "argument":
            function, argument = record.name[:-1].split("(")
            assert names.arguments_of(function)[argument] is record
        elif record.kind == "key":
            owner, key = record.name[:-1].split("[")
            assert names.keys[owners.get(owner, owner)][key] is record
        else:
            assert names.variables[record.name[1:]] is record


def test_old_modules_and_names_in_other_modules_can_be_looked_up() -> None:
    elsewhere = {name for names in removed.IMPORTED_FROM.values() for name in names}
    for name in (*OLD_MODULES, *elsewhere):
        record = table().record_of(name)
        assert record is not None
        assert record.instead
        assert record.last[0].isdecimal()


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("erlen", "flask"),
        ("erlen.escape", "flask.escape"),
        ("flask.app.Flask", "flask.Flask"),
        ("flask.globals.current_app", "flask.current_app"),
        ("flask.helpers.send_file", "flask.send_file"),
        ("flask.wrappers.Request.charset", "flask.Request.charset"),
        ("flask.helpers.safe_join", "flask.helpers.safe_join"),
        ("flask.json.dumps", "flask.json.dumps"),
        ("flask.ctx.RequestContext", "flask.ctx.RequestContext"),
        ("flask", "flask"),
        ("erlenmeyer.app", "erlenmeyer.app"),
    ],
)
def test_a_name_is_known_from_wherever_it_is_imported(name: str, canonical: str) -> None:
    assert table().canonical(name) == canonical


def test_attributes_are_those_of_parents_as_well() -> None:
    assert table().attribute("flask.Flask", "env") is not None
    assert table().attribute("flask.Flask", "name") is None
    assert table().attribute("flask.Blueprint", "env") is None


def test_arguments_are_handed_on() -> None:
    assert sorted(table().arguments_of("flask.send_from_directory")) == [
        *("add_etags", "attachment_filename", "cache_timeout", "filename", "filename_or_fp")
    ]
