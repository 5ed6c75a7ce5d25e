"""Changes that can be undone."""

from __future__ import annotations

from erlen.legacy.changes import Changes
from erlen.originals import Originals


class Base:
    kept = "base"


class Thing(Base):
    own = "own"


def test_they_are_undone_in_reverse() -> None:
    changes = Changes()
    changes.set(Thing, "own", "first")
    changes.set(Thing, "own", "second")
    changes.set(Thing, "kept", "changed")
    changes.set(Thing, "new", 1)
    assert (Thing.own, Thing.kept, Thing.new) == ("second", "changed", 1)  # type: ignore[attr-defined]
    changes.undo()
    assert (Thing.own, Thing.kept) == ("own", "base")
    assert not {"kept", "new"} & vars(Thing).keys()


def test_what_somebody_deleted_meanwhile_stays_deleted() -> None:
    changes = Changes()
    changes.set(Thing, "new", 1)
    del Thing.new  # type: ignore[attr-defined]
    changes.undo()
    assert "new" not in vars(Thing)


def test_a_replacement_counts_as_the_classs_own_until_it_is_undone() -> None:
    originals = Originals(Thing, ["kept"])
    changes = Changes()
    changes.set_as_own(originals, "kept", "new", owner=Base)
    assert Base.kept == "new"
    assert originals.are_on(Thing)
    changes.undo()
    assert Base.kept == "base"
    assert originals.are_on(Thing)
