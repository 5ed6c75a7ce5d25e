"""What a user may do follows from modes, owners, groups and the folders above."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen.deploy.check.risks.access import (
    PASS,
    READ,
    WRITE,
    UnknownUser,
    User,
    files_below,
    is_for_others,
    user_of,
)

OWNER, GROUP = os.geteuid(), os.getegid()
STRANGER = User("User 'stranger'", 65_000, frozenset((65_000,)))
COLLEAGUE = User("User 'colleague'", 65_000, frozenset((GROUP,)))
SELF = User("User 'self'", OWNER or 65_001, frozenset())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("mode", "user", "want", "may"),
    [
        (0o604, STRANGER, READ, True),
        (0o640, STRANGER, READ, False),
        (0o640, COLLEAGUE, READ, True),
        (0o640, COLLEAGUE, WRITE, False),
        (0o604, COLLEAGUE, READ, False),
        (0o711, STRANGER, PASS, True),
        (0o710, STRANGER, PASS, False),
        (0o000, User("root", 0, frozenset()), WRITE, True),
    ],
)
def test_the_bits_of_the_first_class_that_fits_count(
    file: Path, mode: int, user: User, want: int, may: bool
) -> None:
    file.chmod(mode)
    assert user.may(file, want) is may


def test_the_owner_has_the_owners_bits_alone(file: Path) -> None:
    file.chmod(0o066)
    owner = User("owner", file.stat().st_uid, frozenset((file.stat().st_gid,)))
    assert owner.may(file, READ) is (owner.uid == 0)


def test_an_obstacle_is_named_with_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "closed" / "open"
    folder.mkdir(parents=True)
    for each in (*tmp_path.parents, tmp_path, folder):
        if each.stat().st_uid == OWNER and each.is_relative_to(tmp_path):
            each.chmod(0o755)
    folder.parent.chmod(0o700)
    obstacle = STRANGER.obstacle(folder, READ)
    assert obstacle is not None
    assert obstacle.startswith("User 'stranger' may not go through '")
    assert f"(drwx------, owner {OWNER}, group " in obstacle


def test_what_is_missing_is_an_obstacle(tmp_path: Path) -> None:
    assert (
        User("root", 0, frozenset()).obstacle(tmp_path / "x", READ)
        == f"'{tmp_path}/x': No such file or directory"
    )


def test_a_user_is_found_by_name_and_by_number() -> None:
    assert user_of("root").uid == user_of("0").uid == 0
    assert user_of(None).uid == OWNER
    assert GROUP in user_of(None).groups


@pytest.mark.parametrize("name", ["", "no such user", "4294967295000", "-1", "root\0", "²"])
def test_a_user_that_there_is_not_is_an_error_of_its_own(name: str) -> None:
    with pytest.raises(UnknownUser):
        user_of(name)


def test_a_number_of_files_is_looked_at_and_no_more(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(list(files_below(tmp_path))) == 6
    assert len(list(files_below(tmp_path, most=3))) == 3


def test_a_file_in_a_closed_folder_is_not_for_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch()
    (closed / "file").chmod(0o666)
    assert not is_for_others(closed / "file", READ)
    assert is_for_others(Path("/"), READ)
    assert not is_for_others(tmp_path / "missing", READ)
