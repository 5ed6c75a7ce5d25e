"""Other programs are run as they should be, and quoted when they fail."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from erlen.deploy.release import programs
from erlen.deploy.release.errors import USAGE, ReleaseError
from erlen.deploy.release.programs import Failed, User, find_user, run, shown

ENV = {"PATH": os.defpath}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def sh(script: str, folder: Path, **more: object) -> str:
    return run(["sh", "-c", script], cwd=folder, env=ENV, **more)  # type: ignore[arg-type]


def test_what_it_says_is_returned(tmp_path: Path) -> None:
    assert (
        sh("cat; pwd; echo said >&2; umask", tmp_path, stdin="asked\n") == f"asked\n{tmp_path}\nsaid\n0022\n"
    )


def test_a_failure_says_the_command_the_status_and_the_last_lines(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"^sh -c '.+' ended with status 3\.\n1961\n(.+\n)+2000$") as raised:
        sh("seq 2000; exit 3", tmp_path)
    assert len(raised.value.message.splitlines()) == 41
    with pytest.raises(Failed, match=r"was ended by signal 9\.$"):
        sh("kill -9 $$", tmp_path)


@pytest.mark.parametrize("word", ["gone", "/", "a\0b"])
def test_a_program_that_does_not_start_is_told(word: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="does not start: "):
        run([word], cwd=tmp_path, env=ENV)
    with pytest.raises(Failed, match="does not start: "):
        run(["true"], cwd=tmp_path / "gone", env=ENV)


def test_a_program_that_leaves_another_one_running_is_not_waited_for(tmp_path: Path) -> None:
    begun = time.monotonic()
    pid = int(sh("sleep 60 & echo $!", tmp_path))
    os.kill(pid, 9)
    assert time.monotonic() - begun < 30


def test_what_is_no_text_is_escaped(tmp_path: Path) -> None:
    assert sh(r"printf 'a\377b'", tmp_path) == r"a\xffb"
    assert shown(["a b", "c\nd", "\x1b[2J"]) == r"'a b' 'c\nd' '\x1b[2J'"


@as_root
def test_a_program_of_another_user_has_no_right_of_root(tmp_path: Path) -> None:
    nobody = User("nobody", 65534, 65534, "/")
    tmp_path.chmod(0o700)
    assert run(["id", "-u"], cwd=Path("/"), env=ENV, user=nobody) == "65534\n"
    assert run(["id", "-G"], cwd=Path("/"), env=ENV, user=nobody) == "65534\n"
    with pytest.raises(Failed):
        run(["ls", "/root/."], cwd=Path("/"), env=ENV, user=nobody)


@as_root
def test_the_owner_of_the_instance_folder_serves(tmp_path: Path) -> None:
    assert find_user(None, tmp_path) is None  # it is this user
    os.chown(tmp_path, 65534, 65534)
    found = find_user(None, tmp_path)
    assert found is not None
    assert found[:2] == ("nobody", 65534)
    assert find_user("daemon", tmp_path) is not None
    assert find_user("root", tmp_path) is None
    os.chown(tmp_path, 54321, 54321)
    assert find_user(None, tmp_path) is None  # nobody has that number
    assert find_user(None, tmp_path / "gone") is None


@pytest.mark.parametrize("name", ["no-such-user", "a\nb", "", "-x"])
def test_a_user_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="There is no user") as raised:
        find_user(name, tmp_path)
    assert raised.value.status == USAGE


def test_only_root_runs_the_application_as_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert find_user(None, tmp_path) is None
    with pytest.raises(ReleaseError, match="Only root can run"):
        find_user("nobody", tmp_path)


def test_the_application_gets_nothing_of_whoever_makes_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLASK_DEBUG", "SECRET_KEY", "PYTHONPATH", "AWS_SECRET", "PIP_NO_INDEX", "LANG"):
        monkeypatch.setenv(name, "x")
    theirs = programs.environment_of_application(User("shop", 1, 1, "/srv/shop"))
    assert theirs["HOME"] == "/srv/shop"
    assert theirs.keys() <= {
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    }
    pips = programs.environment_for_installing()
    assert pips["PIP_NO_INDEX"] == "x"
    assert "PYTHONPATH" not in pips


def test_without_a_path_there_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert programs.environment_of_application(None)["PATH"] == os.defpath
