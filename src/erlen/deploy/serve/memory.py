"""How much memory a process has."""

from __future__ import annotations

import os


def resident_memory(pid: int) -> int | None:
    """Return the bytes of memory that a process has at the moment, or None where that is not known.

    Linux says it in `/proc`. Pages that processes share count for each of them.
    """
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
