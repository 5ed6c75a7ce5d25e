"""How many CPUs this process may use, and how many workers that makes.

The kernel limits a process in two ways that `os.cpu_count()` does not know: affinity names the CPUs, and the
quota of a control group (as containers and systemd units have one) is a share of all of them.
"""

from __future__ import annotations

import math
import os
import re
import typing as t
from pathlib import Path

from . import errors
from .errors import ServeError

MOST_WORKERS = 9999
ROOT = Path("/")


def default_workers(environ: t.Mapping[str, str], root: Path = ROOT) -> int:
    """Return the number of workers where no option says one: WEB_CONCURRENCY, or one for each usable CPU.

    Raises ServeError where WEB_CONCURRENCY is no number of workers.
    """
    value = environ.get("WEB_CONCURRENCY", "").strip()
    if not value:
        return usable_cpus(root)
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(MOST_WORKERS))
    if not is_number or int(value) < 1:
        raise ServeError(
            f"WEB_CONCURRENCY is {value[:40]!r} in the environment: set it to a number from 1 to"
            f" {MOST_WORKERS}, or unset it to have one worker for each CPU.",
            errors.USAGE,
        )
    return int(value)


def usable_cpus(root: Path = ROOT) -> int:
    """Return the number of CPUs that this process may use, at least 1.

    *root* is the folder that has `proc` and the mount points of control groups. A share of a CPU counts as
    one: with a quota of 1.5, it takes two workers to use all of it.
    """
    limits = [float(_cpus_by_affinity()), *_quotas(root)]
    return max(1, math.ceil(min(limits)))


def _cpus_by_affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> t.Iterator[float]:
    """Yield the quotas, in CPUs, of this process's control groups and of those around them."""
    mounts = list(_mounts(root))
    for line in _lines(root / "proc/self/cgroup"):
        # hierarchy:controllers:path; version 2 has the number 0 and no controllers.
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            wanted, quota_in = "cgroup2", _quota_of_version_2
        elif "cpu" in controllers.split(","):
            wanted, quota_in = "cgroup", _quota_of_version_1
        else:
            continue
        for kind, mount_root, mount_point in mounts:
            if kind == wanted:
                yield from map(quota_in, _folders(root, mount_point, mount_root, path))


def _mounts(root: Path) -> t.Iterator[tuple[str, str, str]]:
    """Yield type, root and mount point of the mounted hierarchies that may have CPU quotas."""
    for line in _lines(root / "proc/self/mountinfo"):
        # proc(5): a hyphen ends the optional fields; behind it are type, source and options of the file
        # system.
        fields, _, rest = line.partition(" - ")
        before, behind = fields.split(" "), rest.split(" ")
        if len(before) < 5 or len(behind) < 3:
            continue
        if behind[0] == "cgroup2" or (behind[0] == "cgroup" and "cpu" in behind[2].split(",")):
            yield behind[0], _unescaped(before[3]), _unescaped(before[4])


def _folders(root: Path, mount_point: str, mount_root: str, path: str) -> t.Iterator[Path]:
    """Yield the folder of a control group, and those above it up to the mount point.

    A container may see only a part of the hierarchy: the mount has a root then, and a path that is not below
    it belongs to the host.
    """
    top = root / mount_point.lstrip("/")
    parts = _parts_below(mount_root, path)
    for count in range(len(parts), -1, -1):
        yield top.joinpath(*parts[:count])


def _parts_below(mount_root: str, path: str) -> list[str]:
    above = [part for part in mount_root.split("/") if part]
    parts = [part for part in path.split("/") if part]
    if ".." in parts or parts[: len(above)] != above:
        return []
    return parts[len(above) :]


def _quota_of_version_2(folder: Path) -> float:
    quota, _, period = " ".join(_lines(folder / "cpu.max")[:1]).partition(" ")
    return _cpus(quota, period)


def _quota_of_version_1(folder: Path) -> float:
    quota, period = (_lines(folder / f"cpu.cfs_{name}_us")[:1] for name in ("quota", "period"))
    return _cpus("".join(quota), "".join(period))


def _cpus(quota: str, period: str) -> float:
    """Return a quota in CPUs; infinity where there is none (`max`, -1, no file) or none that makes sense."""
    quota, period = quota.strip(), period.strip()
    if not (quota.isdecimal() and period.isdecimal() and int(quota) and int(period)):
        return math.inf
    return int(quota) / int(period)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _unescaped(text: str) -> str:
    """Return a field of mountinfo, in which spaces and the like are octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
