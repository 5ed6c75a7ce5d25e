"""A machine of its own for a test: the files and the systemd of this one, and nothing of it remains.

    with boot() as machine:
        machine.run("systemctl", "start", "nginx")
        machine.write("/etc/systemd/system/shop.service", UNIT)
        machine.copy(folder, "/srv/shop/source")
        told = machine.run("id", user="www-data", check=False)

systemd-nspawn boots systemd on an overlay of `/`: all files of this machine are there, those in `/tmp`
excepted. They may be changed, and the changes are in memory. The network is private, with loopback alone. It
boots in less than a second.

- `run(*words, user=, env=, cwd=, stdin=, check=, timeout=)` runs a command as root or as *user*, and returns
  a `subprocess.CompletedProcess` with text. Variables of the test's environment are not passed on. Unless it
  is `check=False`, another exit status than 0 fails the test with the output. One string in place of words is
  for the shell: `run("ls /srv | wc -l")`. `start(…)` returns a `Popen`, for what is to run meanwhile.
- `path("/srv/shop")` is a path of the machine's, as this process can open it: to read, to write, to connect
  to a Unix socket. Links to absolute paths lead out of it: read those with `read` or `run`.
- `write`, `read`, `copy` put files there and read them; `journal` returns what units have said.
- `wait_until(what, is_so)` waits for something that must happen.
- `kill()` takes the power away; the block ends with that, too.

`needs_machine()` at the top of a test skips it where there is no systemd-nspawn or no root, and fails it
under `CI=true`. Mark such tests `slow` and `servers`. What is below `/root` is for root alone there, too, so
a user's services want `/usr/bin/python3`, or `machine.run("chmod", "o+x", "/root")`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0  # seconds until something that must happen is given up
REPOSITORY = Path(__file__).parents[3]
CGROUPS = Path("/sys/fs/cgroup")
PROGRAMS = ("systemd-nspawn", "nsenter", "unshare", "setpriv", "mount")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}

# The mounts are in a namespace of their own, and gone with the last process in it. A cgroup of its own: two
# machines in one would end each other's services.
BOOT = """\
set -eu
folder=$1 name=$2 unit=$3
shift 3
for cgroup in $CGROUPS_OF_MACHINE; do mkdir "$cgroup"; echo $$ >"$cgroup/cgroup.procs"; done
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
exec setpriv --pdeathsig KILL systemd-nspawn --quiet --directory="$folder/root" --machine="$name" \\
    --private-network --register=no --keep-unit --link-journal=no --console=pipe "$@" \\
    --boot "systemd.unit=$unit"
"""

_numbers = itertools.count(1)


def needs_program(*programs: str) -> None:
    """Skip the test where one of the programs is not to be had; fail it under CI=true."""
    missing = [name for name in programs if shutil.which(name, path=ENVIRONMENT["PATH"]) is None]
    if missing:
        _leave_out(f"needs {', '.join(missing)}: make services")


def needs_machine(*programs: str) -> None:
    """Skip the test where a machine or one of the programs is not to be had; fail it under CI=true."""
    needs_program(*PROGRAMS, *programs)
    if os.geteuid() != 0:
        _leave_out("only root can boot a machine")


def _leave_out(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@contextlib.contextmanager
def boot(unit: str = "basic.target", *options: str) -> Iterator[Machine]:
    """Boot a machine up to a unit of systemd, with further options for systemd-nspawn; end it with the block.

    `multi-user.target` starts whatever is enabled on this machine, nginx and ssh, say.
    """
    name = f"erlen-{os.getpid()}-{next(_numbers)}"
    cgroups = [place / name for place in _own_cgroups()]
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        with (folder.with_suffix(".log")).open("w+b") as log:
            words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", BOOT, "boot"]
            process = subprocess.Popen(
                [*words, str(folder), name, unit, *_binds(), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**ENVIRONMENT, "CGROUPS_OF_MACHINE": " ".join(map(str, cgroups))},
            )
            machine = Machine(process, Path(log.name))
            try:
                machine.wait_until_booted(unit)
                yield machine
            finally:
                machine.kill()
    finally:
        folder.with_suffix(".log").unlink()
        folder.rmdir()
        for cgroup in cgroups:
            _remove_cgroup(cgroup)


class Machine:
    """A machine that runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.leader = 0
        """The process id of its first process, as it is seen from here."""

    # what it does

    def run(
        self,
        *words: str,
        user: str | None = None,
        env: dict[str, str] | None = None,
        cwd: str = "/",
        stdin: str = "",
        check: bool = True,
        timeout: float = PATIENCE,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there and return what it did and said; what it leaves running goes on."""
        command = self._command(words, user, cwd)
        told = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**ENVIRONMENT, **(env or {})},
        )
        if check and told.returncode:
            raise AssertionError(
                f"{' '.join(words)} ended with {told.returncode}:\n{told.stdout}\n{told.stderr}"
            )
        return told

    def start(
        self,
        *words: str,
        user: str | None = None,
        env: dict[str, str] | None = None,
        cwd: str = "/",
        **more: Any,
    ) -> subprocess.Popen[str]:
        """Start a command there; further arguments are those of `Popen`."""
        command = self._command(words, user, cwd)
        return subprocess.Popen(command, text=True, env={**ENVIRONMENT, **(env or {})}, **more)

    def _command(self, words: tuple[str, ...], user: str | None, cwd: str) -> list[str]:
        inside = ["nsenter", "--target", str(self.leader), "--all", f"--wd={self.path(cwd)}"]
        if user is not None:
            inside += ["setpriv", f"--reuid={user}", f"--regid={self._group_of(user)}", "--init-groups"]
        return [*inside, *(["sh", "-c", words[0]] if len(words) == 1 else words)]

    def _group_of(self, user: str) -> str:
        return self.run("id", "-g", user).stdout.strip()

    def wait_until(self, what: str, is_so: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something is so; fail the test, with the journal's end, if it does not come to be."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                raise AssertionError(f"Not after {seconds:g} s: {what}\n{self.journal()}")
            time.sleep(0.05)

    def journal(self, unit: str | None = None, lines: int = 60) -> str:
        """Return the journal's last lines, of one unit or of all."""
        words = [
            "journalctl",
            "--no-pager",
            f"--lines={lines}",
            *([] if unit is None else [f"--unit={unit}"]),
        ]
        return self.run(*words, check=False).stdout

    # its files

    def path(self, path: str | os.PathLike[str]) -> Path:
        """Return where this process finds a path of the machine's."""
        return Path(f"/proc/{self.leader}/root", str(path).lstrip("/"))

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file, and make the folders that lead to it."""
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)
        self.path(path).chmod(mode)

    def read(self, path: str) -> str:
        """Return the text of a file, also through links."""
        return self.run("cat", "--", path).stdout

    def copy(self, source: Path, path: str) -> None:
        """Copy a file or a folder from here."""
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)

    # its beginning and its end

    def wait_until_booted(self, unit: str) -> None:
        """Wait until systemd has started a unit, and all that it needs."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_booted(unit):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The machine does not boot:\n{self._log.read_text(errors='replace')}")
            time.sleep(0.05)

    def _is_booted(self, unit: str) -> bool:
        self.leader = self.leader or _first_process_of(self._process.pid)
        return self.leader != 0 and self.run("systemctl", "is-active", unit, check=False).stdout == "active\n"

    def kill(self) -> None:
        """End all its processes at once."""
        if self.leader and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.leader, signal.SIGKILL)  # the kernel ends the others with it
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self._process.kill()
        self._process.wait()


def _first_process_of(nspawn: int) -> int:
    """Return the process that has the number 1 in the machine; 0 if there is none yet."""
    for child in _children(nspawn):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{child}/status").read_text()
            numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
            # Before it is systemd it is nspawn itself, which still changes its namespaces.
            if numbers[-1] == "1" and len(numbers) > 1 and status.startswith("Name:\tsystemd\n"):
                return child
    return 0


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _binds() -> list[str]:
    """Return options for the folders that tests need and that are on other file systems than `/`."""
    folders = {REPOSITORY, Path(sys.prefix), Path(sys.base_prefix)}
    other = [each for each in sorted(folders) if each.stat().st_dev != Path("/").stat().st_dev]
    return [f"--bind-ro={each}" for each in other]


def _own_cgroups() -> list[Path]:
    """Return the folders of this process's cgroup: of systemd's own hierarchy, and of the unified one."""
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "name=systemd":
            found.append(CGROUPS / "systemd" / path.lstrip("/"))
        elif controllers == "":
            unified = CGROUPS / "unified"
            found.append((unified if unified.is_dir() else CGROUPS) / path.lstrip("/"))
    return [each for each in found if each.is_dir()]


def _remove_cgroup(folder: Path) -> None:
    """Remove a cgroup and those in it, once the last process is out of it."""
    deadline = time.monotonic() + 10
    while folder.is_dir():
        with contextlib.suppress(OSError):
            for each in sorted(folder.glob("**/"), reverse=True):
                each.rmdir()
        if time.monotonic() > deadline:
            raise AssertionError(f"{folder} is still in use.")
        time.sleep(0.02)
