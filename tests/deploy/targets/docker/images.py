"""Images without a daemon: buildah makes them, and namespaces of the machine run them as Compose would.

`mmdebstrap` makes what stands for `python:3.11-slim`, once, of Debian 12: 50 to 120 seconds, 70 MB from its
mirrors. That and the wheels stay in `.cache/images`.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.ports import free_port

from ..hostile import missing, program

CHECKOUT = Path(__file__).parents[4]
CACHE = CHECKOUT / ".cache" / "images"
SUITE, PYTHON = "bookworm", "3.11"
BASE = f"docker.io/library/python:{PYTHON}-slim"
# What the images of the tests need beside Erlen.
PACKAGES = ("flask>=3.1", "flask-sqlalchemy>=3.1", "flask-wtf>=1.2", "python-dotenv>=1.0")
PATIENCE = 60
MINE = "set -e; PATH=$PATH:/usr/sbin:/sbin; root=$1; instance=$2; shift 2; "
# What Compose is asked for: nothing can be written but /tmp and the volume, and no right can be had.
MOUNTS = """
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
if [ -n "$instance" ]; then mount --bind "$instance" "$root$INSTANCE"; fi
mount -o remount,bind,ro "$root"
exec chroot "$root" env --ignore-environment "$@"
"""
CONFINED = "setpriv --reuid {0} --regid {1} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"


class Buildah:
    """A store of images."""

    def __init__(self, store: Path, run: Path) -> None:
        self._words = [
            program("buildah", "apt-get install buildah"),
            *("--storage-driver", "vfs", "--root", str(store), "--runroot", str(run)),
        ]

    def __call__(self, *words: str | Path, timeout: float = 300) -> str:
        done = subprocess.run(
            [*self._words, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, f"buildah {' '.join(map(str, words))}\n{done.stdout}"
        return done.stdout.strip()


@contextlib.contextmanager
def store() -> Iterator[Buildah]:
    """Give the store with the image that all begin with; images of a test are gone afterwards."""
    if os.geteuid():
        missing("Only root can make and run images here.")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(prefix="images-") as run:
        fcntl.flock(lock, fcntl.LOCK_EX)
        buildah = Buildah(CACHE / "store", Path(run))
        if BASE not in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
            make_base(buildah)
        try:
            yield buildah
        finally:
            buildah("rm", "--all")
            kept = buildah("images", "--no-trunc", "--format", "{{.ID}} {{.Name}}:{{.Tag}}")
            for line in kept.splitlines():
                number, name = line.split()
                if name != BASE:
                    buildah("rmi", "--force", number)


def make_base(buildah: Buildah) -> None:
    """Make an image that has Python where Docker's has it."""
    mmdebstrap = program("mmdebstrap", "apt-get install mmdebstrap")
    tar = CACHE / "base.tar"
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
    subprocess.run(
        [
            *(mmdebstrap, "--quiet", "--mode=root", "--variant=minbase", *left_out),
            *("--include=python3,python3-venv,ca-certificates", SUITE, str(tar)),
        ],
        check=True,
        timeout=500,
    )
    container = buildah("from", "scratch")
    buildah("add", container, tar, "/")
    buildah(
        "run",
        "--isolation",
        "chroot",
        container,
        "--",
        "ln",
        "-s",
        "/usr/bin/python3",
        "/usr/local/bin/python",
    )
    path = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    buildah("config", "--env", f"PATH={path}", "--cmd", "python3", container)
    buildah("commit", "--quiet", "--rm", container, BASE)
    tar.unlink()


def wheels() -> Path:
    """Return a folder with this checkout's wheel and those of what it needs, for the Python of the image."""
    folder = CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("erlen-*.whl"):
        old.unlink()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, CHECKOUT], check=True, timeout=300)
    (wheel,) = folder.glob("erlen-*.whl")
    wanted = ["--python-version", PYTHON, "--only-binary", ":all:"]
    command = [*pip, "download", "-d", folder, *wanted, f"{wheel}[serve]", *PACKAGES]
    subprocess.run(command, check=True, timeout=300)
    return folder


class Image(NamedTuple):
    """An image: its folder of files, and what it says about how it is run."""

    name: str
    root: Path
    config: dict[str, Any]

    @property
    def history(self) -> str:
        """All commands that it was made by, and its settings."""
        return json.dumps(self.config)


def build(buildah: Buildah, project: Path, name: str) -> Image:
    """Build the image of a project by its Dockerfile, without network."""
    pip_conf = CACHE / "pip.conf"
    pip_conf.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    buildah(
        *("bud", "--isolation", "chroot", "--pull-never", "--layers=false", "--format", "docker"),
        *("--volume", f"{CACHE / 'wheels'}:/wheels:ro", "--volume", f"{pip_conf}:/etc/pip.conf:ro"),
        *("--tag", name, project),
    )
    return opened(buildah, name)


def opened(buildah: Buildah, name: str) -> Image:
    """Return an image with its files, which may be changed."""
    container = buildah("from", "--pull-never", name)
    root = Path(buildah("mount", container))
    said = json.loads(buildah("inspect", "--type", "image", name))
    return Image(name, root, json.loads(said["Config"]))


class Container:
    """A process of an image, number 1 of its own namespace, on the network of the machine."""

    def __init__(self, image: Image, folder: Path, instance: str | None, variables: dict[str, str]) -> None:
        self.config = image.config["config"]
        self.port = free_port()
        said = dict(each.split("=", 1) for each in self.config["Env"])
        self.variables = {**said, "PORT": str(self.port), **variables}
        volume = ""
        if instance is not None:
            # As a new volume: with the contents, the owner and the rights of the folder in the image.
            volume = str(folder / "volume")
            subprocess.run(["cp", "-a", f"{image.root}{instance}", volume], check=True)
        self.log_file = folder / "container.log"
        words = [
            *("unshare", "--mount", "--pid", "--fork", "sh", "-c", MINE + MOUNTS, "sh"),
            *(str(image.root), volume, *self._inside(self.config["Cmd"])),
        ]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                words,
                env={**os.environ, "INSTANCE": instance or ""},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _inside(self, command: list[str]) -> list[str]:
        user, _, group = self.config["User"].partition(":")
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        confined = CONFINED.format(user, group).split()
        return [f"--chdir={self.config['WorkingDir']}", *variables, *confined, "--", *command]

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def first(self) -> int:
        """The process id, for this machine, of the container's process 1."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert children, self.log
        return int(children[0])

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container, as its user."""
        entered = ["nsenter", "--target", str(self.first), "--mount", "--pid", "--root"]
        return subprocess.run(
            [*entered, "env", "--ignore-environment", *self._inside(list(command))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )

    def is_healthy(self) -> bool:
        """Run the healthcheck of the image."""
        kind, *command = self.config["Healthcheck"]["Test"]
        assert kind == "CMD"
        return self.run(*command).returncode == 0

    def wait_until(self, condition: Callable[[], bool]) -> None:
        given_up = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < given_up, self.log
            time.sleep(0.1)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": "shop.example"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def kill(self) -> None:
        """End all processes of the container: the kernel does, when its first one is gone."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.first, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Send its signal, and return the exit status."""
        os.kill(self.first, signal.Signals[self.config["StopSignal"]])
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def running(image: Image, folder: Path, instance: str | None = None, **variables: str) -> Iterator[Container]:
    """Run an image; its processes are gone at the end."""
    for name in ("unshare", "setpriv", "nsenter", "chroot"):
        program(name, "apt-get install util-linux coreutils")
    container = Container(image, folder, instance, variables)
    try:
        yield container
    finally:
        container.kill()


def copy_of(example: str, folder: Path) -> Path:
    """Return a copy of an example without what it has written."""
    written = shutil.ignore_patterns("instance", "__pycache__", ".pytest_cache", "*.db")
    shutil.copytree(CHECKOUT / "examples" / example, folder, ignore=written)
    return folder
