"""Where and with what the times were taken."""

from __future__ import annotations

import os
import platform
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "erlen",
    "flask",
    "falcon",
    "bottle",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "itsdangerous",
    "blinker",
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
