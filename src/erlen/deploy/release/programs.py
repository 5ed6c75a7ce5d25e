"""Other programs: run as the right user, with the right environment, and quoted when they fail."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from ..targets.files import printable
from .errors import USAGE, ReleaseError

# What the programs of the application get of the environment of whoever makes the release: a server that
# systemd starts has nothing else either.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
# What would have another interpreter import other packages.
_MISLEADING = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
_LINES = 40


class User(t.NamedTuple):
    """A user of the system."""

    name: str
    uid: int
    gid: int
    home: str


class Failed(ReleaseError):
    """A program that ended with another status than 0, with what it said."""


def find_user(name: str | None, instance: Path) -> User | None:
    """Return the user that serves: the one that is named, or else the owner of `shared/instance`.

    None means that it is the user of this process. Raises ReleaseError for one that is not there, or that
    this process may not be.
    """
    if sys.platform == "win32":
        return None
    import pwd

    try:
        found = pwd.getpwuid(instance.stat().st_uid) if name is None else pwd.getpwnam(name)
    except FileNotFoundError:
        return None
    except KeyError:
        if name is None:
            return None
        raise ReleaseError(
            f"There is no user {printable(name)!r}: make it, or name another one.", USAGE
        ) from None
    if found.pw_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        if name is None:
            return None
        raise ReleaseError(f"Only root can run the application as {printable(name)!r}.", USAGE)
    return User(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir)


def run(
    words: t.Sequence[str], *, cwd: Path, env: t.Mapping[str, str], user: User | None = None, stdin: str = ""
) -> str:
    """Run a program and return what it said. Raises `Failed` where its status is another than 0."""
    rights: dict[str, t.Any] = {}
    if user is not None:
        rights = {"user": user.uid, "group": user.gid, "extra_groups": _groups(user)}
    # Files, not pipes: a program may leave another one running that keeps its output.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as asked:
        asked.write(stdin.encode())
        asked.seek(0)
        try:
            status = subprocess.run(
                list(words),
                cwd=cwd,
                env=dict(env),
                stdin=asked,
                stdout=said,
                stderr=said,
                umask=0o022,
                **rights,
            ).returncode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Failed(f"{shown(words)} does not start: {reason}.") from error
        said.seek(0)
        text = said.read().decode(errors="backslashreplace")
    if status:
        raise Failed(f"{shown(words)} {_how_it_ended(status)}.\n{_end_of(text)}".rstrip())
    return text


def _groups(user: User) -> list[int]:
    with contextlib.suppress(OSError):
        return os.getgrouplist(user.name, user.gid)
    return [user.gid]


def shown(words: t.Sequence[str]) -> str:
    """Return a command as a shell would take it, on one line."""
    return printable(shlex.join(words))


def _how_it_ended(status: int) -> str:
    return f"ended with status {status}" if status > 0 else f"was ended by signal {-status}"


def _end_of(text: str) -> str:
    lines = text.rstrip().splitlines()
    return "\n".join(lines[-_LINES:])


def environment_for_installing() -> dict[str, str]:
    """Return the variables for pip: all of them, so that those count that begin with PIP_."""
    variables = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return {**variables, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def environment_of_application(user: User | None) -> dict[str, str]:
    """Return the variables for programs of the application; it reads its own from `.env`."""
    variables = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    home = os.environ.get("HOME", "/") if user is None else user.home
    return {"PATH": os.defpath, **variables, "HOME": home}
