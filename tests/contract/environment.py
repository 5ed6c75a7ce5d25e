"""The environment in which fetched code runs: pinned packages, the real Flask, and Erlen's wheel."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
CACHE = CHECKOUT / ".cache" / "contract"
FRAMEWORKS = ("flask", "erlen")
"""What can answer to `import flask`: the real Flask, or Erlen through its alias."""

_REQUIREMENTS = HERE / "requirements"
_BUILT_FROM = ("pyproject.toml", "README.md", "src/**/*")
# What a machine needs to reach its package index and to write files; everything else stays outside.
_INHERITED = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TMPDIR")


class Environment:
    """A virtual environment of its own, made once and kept in the cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"

    def script(self, name: str) -> Path:
        """Give the path of a command that a package installed."""
        return self.folder / "bin" / name

    def variables(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give a clean process environment: nothing of the caller's `FLASK_…` and `ERLEN_…` gets in."""
        kept = {name: value for name, value in os.environ.items() if name.upper().startswith(_INHERITED)}
        own = {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }
        return kept | own | dict(extra or {})

    def run(
        self, *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments and collect what it prints."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd,
            env=self.variables(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )

    def pip(self, *arguments: str | Path) -> None:
        """Run this environment's pip; its output is the message of the error when it fails."""
        done = self.run("-m", "pip", "--disable-pip-version-check", *arguments, cwd=CACHE, timeout=900)
        if done.returncode:
            command = " ".join(map(str, arguments))
            raise RuntimeError(f"pip {command} failed in {self.folder}:\n{done.stdout[-4000:]}")

    def install(self, requirements: str) -> None:
        """Install a file of `requirements/` unless that has been done."""
        wanted = _REQUIREMENTS / requirements
        with once(self.folder / f".installed-{requirements}", wanted.read_bytes()) as needed:
            if needed:
                self.pip("install", "-q", "-r", wanted)

    @property
    def wheel(self) -> Path:
        """The wheel of Erlen that is installed here, built from this checkout."""
        (wheel,) = (self.folder / "wheel").glob("erlen-*.whl")
        return wheel

    def overlay(self, name: str, *requirements: str) -> Path:
        """Give a folder of other releases of some packages, to be put before those of the environment."""
        folder = self.folder / "overlays" / name
        with once(self.folder / f".overlay-{name}", " ".join(requirements).encode()) as needed:
            if needed:
                shutil.rmtree(folder, ignore_errors=True)
                self.pip("install", "-q", "--no-deps", "--target", folder, *requirements)
        return folder

    def install_wheel_of(self, other: Environment) -> None:
        """Install the wheel that another environment has built."""
        with once(self.folder / ".installed-erlen", digest_of_sources().encode()) as needed:
            if needed:
                self.pip("install", "-q", "--no-deps", "--no-index", "--force-reinstall", other.wheel)

    def install_checkout(self) -> None:
        """Build Erlen's wheel and install it, unless the sources are those of the last time."""
        with once(self.folder / ".installed-erlen", digest_of_sources().encode()) as needed:
            if needed:
                folder = self.folder / "wheel"
                shutil.rmtree(folder, ignore_errors=True)
                self.pip("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, CHECKOUT)
                self.pip("install", "-q", "--no-deps", "--no-index", "--force-reinstall", self.wheel)


def prepare(requirements: str = "environment.txt", folder: str = "venv") -> Environment:
    """Make the environment with a file of `requirements/`, or bring the kept one up to date."""
    version = "{}.{}".format(*sys.version_info)
    environment = Environment(CACHE / f"{folder}-{version}")
    CACHE.mkdir(parents=True, exist_ok=True)
    # Suites that bring no configuration would find this checkout's above them.
    (CACHE / "pytest.ini").write_text("[pytest]\n")
    pins = (_REQUIREMENTS / requirements).read_bytes()
    with once(CACHE / f".made-{folder}-{version}", pins) as needed:
        if needed:
            shutil.rmtree(environment.folder, ignore_errors=True)
            venv.create(environment.folder, with_pip=True, symlinks=True)
    environment.install(requirements)
    environment.install_checkout()
    return environment


def prepare_other(name: str) -> Environment:
    """Make an environment of the packages in `requirements/<name>.txt`, and of nothing else."""
    version = "{}.{}".format(*sys.version_info)
    environment = Environment(CACHE / f"venv-{name}-{version}")
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "pytest.ini").write_text("[pytest]\n")
    with once(CACHE / f".made-{name}-{version}", (_REQUIREMENTS / f"{name}.txt").read_bytes()) as needed:
        if needed:
            shutil.rmtree(environment.folder, ignore_errors=True)
            venv.create(environment.folder, with_pip=True, symlinks=True)
    environment.install(f"{name}.txt")
    return environment


def prepare_pinned(name: str, python: Path, *requirements: str) -> Environment:
    """Make an environment of *python* with what files of `requirements/` pin, and nothing else."""
    environment = Environment(CACHE / f"venv-{name}")
    CACHE.mkdir(parents=True, exist_ok=True)
    files = [_REQUIREMENTS / file for file in requirements]
    content = str(python).encode() + b"".join(file.read_bytes() for file in files)
    with once(CACHE / f".made-{name}", content) as needed:
        if needed:
            shutil.rmtree(environment.folder, ignore_errors=True)
            subprocess.run([python, "-m", "venv", environment.folder], check=True)
            # The last that builds sources written for Python 2 and 3.
            environment.pip("install", "-q", "setuptools==57.5.0", "wheel==0.45.1")
            options = [option for file in files for option in ("-r", file)]
            # Many come as sources: a wheel that one environment has built serves the next.
            wheels = ("--cache-dir", CACHE / "pip")
            environment.pip("install", "-q", "--no-deps", "--no-build-isolation", *wheels, *options)
    return environment


def fresh_folder(name: str) -> Path:
    """Give an empty folder in the cache that the next run of the same name empties again."""
    folder = CACHE / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def alias_options(framework: str) -> tuple[str, ...]:
    """Give the Python arguments that, before `-m module …`, make `import flask` mean this framework."""
    return ("-m", "erlen.as_flask") if framework == "erlen" else ()


def digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(_BUILT_FROM)):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _files(patterns: Iterable[str]) -> set[Path]:
    found = {path for pattern in patterns for path in CHECKOUT.glob(pattern)}
    return {path for path in found if path.is_file() and "__pycache__" not in path.parts}


@contextlib.contextmanager
def once(stamp: Path, content: bytes) -> Iterator[bool]:
    """Say whether `content` is new; remember it when the block ends well. One process at a time."""
    for folder in (stamp.parent, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        needed = not stamp.exists() or stamp.read_bytes() != content
        yield needed
        if needed:
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.write_bytes(content)
