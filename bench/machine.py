"""Where and with what the times were taken."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
# Frameworks and servers, and what does work for them. Names of packages and of distributions at once.
PACKAGES = (
    "erlen",
    "flask",
    "apiflask",
    "falcon",
    "bottle",
    "quart",
    "starlette",
    "fastapi",
    "litestar",
    "blacksheep",
    "granian",
    "gunicorn",
    "pyuwsgi",
    "uvicorn",
    "hypercorn",
    "anyio",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "itsdangerous",
    "blinker",
    "pydantic",
    "pydantic_core",
    "msgspec",
    "sqlalchemy",
    "ihatemoney",
    "uvloop",
    "httptools",
)


def describe() -> dict[str, Any]:
    """Return the machine, the Python, and of the imported packages the versions and the compiled modules."""
    return {
        "machine": {"processor": processor(), "cores": os.cpu_count(), "system": platform.platform()},
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "compiler": platform.python_compiler(),
            "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
        },
        "versions": {name: found for name in PACKAGES if name in sys.modules and (found := version_of(name))},
        "compiled": {name: modules for name in PACKAGES if (modules := compiled_modules(name))},
    }


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def version_of(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def compiled_modules(package: str) -> list[str]:
    """Return the names of a package's imported modules that are machine code."""
    suffixes = tuple(EXTENSION_SUFFIXES)
    return sorted(
        name
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == package and str(getattr(module, "__file__", "")).endswith(suffixes)
    )


def describe_imported(modules: Iterable[str]) -> dict[str, Any]:
    """Describe what a fresh interpreter has when it has imported some modules.

    Raise ImportError with what that interpreter wrote when one of them cannot be imported.
    """
    names = ", ".join(["json", *modules])
    program = f"import {names}; from bench.machine import describe; print(json.dumps(describe()))"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    if ran.returncode:
        raise ImportError(ran.stderr.strip())
    return dict(json.loads(ran.stdout))


def environment() -> dict[str, str]:
    """Return variables for a process that is measured: it finds `bench`, the rest is as Python has it.

    In it `flask` means Flask, and compiled modules are kept (PYTHONDONTWRITEBYTECODE doubles an import).
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    uncommon = ("ERLEN_", "FLASK_", "PYTHON")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(uncommon)}
    return variables | {"PYTHONPATH": path}
