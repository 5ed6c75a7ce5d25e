"""What is still as Erlen or Werkzeug defined it, and what somebody overrode or patched."""

from __future__ import annotations

from typing import Any

import pytest

from erlen.originals import Originals, inherits, is_method, is_untouched


class Base:
    def method(self) -> str:
        return "base"

    @classmethod
    def class_method(cls) -> str:
        return "base"

    @property
    def value(self) -> str:
        return "base"


class Derived(Base):
    pass


class Overriding(Base):
    def method(self) -> str:
        return "overriding"


class Mixin:
    @classmethod
    def class_method(cls) -> str:
        return "mixin"


class Mixed(Mixin, Base):
    pass


NAMES = ("method", "class_method", "value")


def test_a_class_inherits_what_it_does_not_define() -> None:
    assert inherits(Derived, Base, *NAMES)
    assert not inherits(Overriding, Base, *NAMES)
    assert inherits(Overriding, Base, "class_method", "value")


def test_a_mixin_before_the_base_overrides() -> None:
    assert not inherits(Mixed, Base, "class_method")
    assert inherits(Mixed, Base, "method")


def test_a_name_that_no_class_has_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        inherits(Derived, Base, "nothing")


def test_what_is_deleted_from_the_class_is_no_longer_there(monkeypatch: pytest.MonkeyPatch) -> None:
    originals = Originals(Base, NAMES)
    monkeypatch.delattr(Base, "method")
    assert not originals.are_on(Derived)


def test_originals_notice_a_patch_of_the_very_class(monkeypatch: pytest.MonkeyPatch) -> None:
    originals = Originals(Base, NAMES)
    assert originals.are_on(Base)
    assert originals.are_on(Derived)
    monkeypatch.setattr(Base, "value", property(lambda _: "patched"))
    assert not originals.are_on(Base)
    assert not originals.are_on(Derived)
    assert originals.are_on(Derived, ("method", "class_method"))
    monkeypatch.undo()
    assert originals.are_on(Derived)


def test_originals_notice_a_patch_of_a_class_below(monkeypatch: pytest.MonkeyPatch) -> None:
    originals = Originals(Derived, NAMES)
    monkeypatch.setattr(Base, "method", lambda _: "patched")
    assert not originals.are_on(Derived)


def test_originals_notice_what_is_set_on_the_instance() -> None:
    originals, instance = Originals(Base, NAMES), Derived()
    assert originals.are_in(instance)
    instance.__dict__["method"] = lambda: "own"
    assert not originals.are_in(instance)
    assert originals.are_in(instance, ("class_method",))
    del instance.__dict__["method"]
    assert originals.are_in(instance)


def test_an_object_without_a_dict_has_nothing_of_its_own() -> None:
    class Slotted:
        __slots__ = ()

        def method(self) -> None: ...

    assert is_untouched(Slotted(), ("method",))
    assert Originals(Slotted, ("method",)).are_in(Slotted())


def test_a_name_set_to_none_is_set() -> None:
    instance: Any = Derived()
    instance.method = None
    assert not is_untouched(instance, ("method",))


def test_a_method_is_told_by_its_function() -> None:
    assert is_method(Derived().method, Base.__dict__["method"])
    assert not is_method(Overriding().method, Base.__dict__["method"])
    assert not is_method(len, Base.__dict__["method"])


def test_what_has_changed_is_named() -> None:
    originals = Originals(Base, NAMES)
    assert originals.changed_in(Derived()) == frozenset()
    assert originals.changed_in(Overriding()) == {"method"}
    assert originals.changed_in(Mixed()) == {"class_method"}
    patched = Derived()
    vars(patched)["value"] = "own"
    assert originals.changed_in(patched) == {"value"}
    assert originals.changed_in(object()) == set(NAMES)
    for instance in (Derived(), Overriding(), Mixed(), patched):
        changed = originals.changed_in(instance)
        assert {name for name in NAMES if not originals.are_in(instance, (name,))} == changed
