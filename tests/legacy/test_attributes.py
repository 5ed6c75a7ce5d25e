"""Attributes that warn."""

from __future__ import annotations

import pytest

from erlen.legacy import notices
from erlen.legacy.attributes import OldAttribute, config_key, constant, read_quietly
from erlen.legacy.removed import Removed


@pytest.fixture(autouse=True)
def records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(notices.RECORDS, "flask.Thing.old", Removed("flask.Thing.old", "2.2", "new"))
    notices.forget()


class Thing:
    old = OldAttribute("flask.Thing.old", lambda thing: "made", on_class="of the class")

    def __init__(self) -> None:
        self.config: dict[str, object] = {"OLD": "1"}


class Derived(Thing):
    old = "derived"  # type: ignore[assignment]


def test_reading_and_setting_warn() -> None:
    thing = Thing()
    with pytest.warns(DeprecationWarning, match="Write instead: new"):
        assert thing.old == "made"
    notices.forget()
    with pytest.warns(DeprecationWarning, match="Write instead: new"):
        thing.old = "set"
    assert thing.old == "set"
    del thing.old
    assert thing.old == "made"
    with pytest.raises(AttributeError):
        del thing.old
    assert Thing.old == "of the class"


def test_a_subclass_that_sets_it_has_a_plain_attribute() -> None:
    assert Derived().old == "derived"


def test_a_key_is_read_and_written() -> None:
    class Configured(Thing):
        old = config_key("flask.Thing.old", "OLD", lambda value: int(str(value)))  # type: ignore[assignment]

    thing = Configured()
    with pytest.warns(DeprecationWarning, match="new"):
        assert thing.old == 1
    thing.old = "2"
    assert thing.config["OLD"] == "2"


def test_a_constant_may_be_replaced_on_an_object() -> None:
    class Fixed(Thing):
        old = constant("flask.Thing.old", 5)

    thing = Fixed()
    with pytest.warns(DeprecationWarning, match="new"):
        assert thing.old == Fixed.old == 5
    thing.old = 6
    assert (thing.old, Fixed().old) == (6, 5)


def test_what_was_set_is_read_without_a_warning() -> None:
    thing = Thing()
    assert read_quietly(thing, "old") is None
    vars(thing)["old"] = "own"
    assert read_quietly(thing, "old") == "own"
    assert read_quietly(Derived(), "old") == "derived"
    assert read_quietly(thing, "nothing") is None
