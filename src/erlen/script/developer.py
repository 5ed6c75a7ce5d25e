"""The developer's name, which is the name of a folder."""

from __future__ import annotations

import getpass
import os

from . import git, names


def current() -> str:
    """Return the name of whoever types: ERLEN_DEVELOPER, git's user name, else the login."""
    chosen = os.environ.get("ERLEN_DEVELOPER")
    if chosen:
        return names.folder_of(chosen, "ERLEN_DEVELOPER")
    committer = git.user_name()
    if committer:
        return names.folder_of(committer, "git's user.name")
    return names.folder_of(login(), "the login")


def login() -> str:
    """Return the login, or the user's number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an arbitrary user id in a container
        return f"user_{os.getuid()}" if hasattr(os, "getuid") else "user"
