"""What a release fails with."""

from __future__ import annotations

from erlen.deploy.release import errors


def test_each_way_to_fail_has_a_status_of_its_own() -> None:
    names = [name for name in vars(errors) if name.isupper()]
    assert len({getattr(errors, name) for name in names}) == len(names) == 5
    assert errors.ReleaseError("x").status == errors.FAILED
