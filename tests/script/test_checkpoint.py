from __future__ import annotations

import uuid
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.script import kept
from erlen.script.checkpoint import Checkpoint, Step, digest_of, key_from, key_to_keep
from erlen.script.errors import NotKept, ScriptError

STEP = Step(key=[("int", "7")], done=7, files={"/a": 3}, finished=False)


def test_a_second_run_knows_how_far_the_first_one_came(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "x", "options").save(1, STEP)
    second = Checkpoint(tmp_path / "x", "options")
    assert second.step(1) is None
    assert second.resume() == 7
    assert second.step(1) is not None
    assert dict(second.step(1)) == {**STEP, "key": [["int", "7"]]}
    second.clear()
    assert not second.has_steps
    assert list(tmp_path.iterdir()) == []


def test_without_a_path_nothing_is_kept() -> None:
    checkpoint = Checkpoint()
    checkpoint.save(1, STEP)
    checkpoint.clear()
    assert checkpoint.step(1) is None
    with pytest.raises(ScriptError, match="nothing to resume"):
        checkpoint.resume()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"steps": 3}'])
def test_what_cannot_be_read_is_not_resumed(tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(ScriptError, match="cannot be read: start from the beginning"):
        Checkpoint(tmp_path / "x").resume()


def test_other_options_are_not_resumed(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "x", digest_of({"a": 1})).save(1, STEP)
    with pytest.raises(ScriptError, match="had other options"):
        Checkpoint(tmp_path / "x", digest_of({"a": 2})).resume()


def test_options_are_not_kept_in_clear(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "x", digest_of({"password": "hunter2"})).save(1, STEP)
    assert b"hunter2" not in (tmp_path / "x").read_bytes()


def test_a_full_disk_says_to_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write", full)
    with pytest.raises(NotKept, match="Make room, and go on with --resume"):
        Checkpoint(tmp_path / "x").save(1, STEP)


KEYS = st.one_of(
    st.integers(),
    st.text(),
    st.uuids(),
    st.dates(),
    st.datetimes(),
    st.binary(),
    st.decimals(allow_nan=False),
)


@given(st.lists(KEYS).map(tuple))
def test_a_key_is_read_as_it_was(key: tuple[object, ...]) -> None:
    assert key_from(key_to_keep(key)) == key


def test_keys_have_the_types_that_they_had() -> None:
    key = (
        1,
        "1",
        uuid.UUID(int=1),
        date(2024, 6, 10),
        datetime(2024, 6, 10, tzinfo=timezone.utc),
        Decimal("1.0"),
    )
    assert [type(each) for each in key_from(key_to_keep(key))] == [type(each) for each in key]


@pytest.mark.parametrize("value", [True, 1.5, None, object()])
def test_a_key_that_cannot_be_kept_says_what_to_do(value: object) -> None:
    with pytest.raises(ScriptError, match="choose another with key="):
        key_to_keep((value,))
