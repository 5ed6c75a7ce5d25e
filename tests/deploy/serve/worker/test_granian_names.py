"""The names of granian that no documentation promises are there, and do what they are used for."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from erlen.deploy.serve.worker.granian_names import NAMES, SERVE_METHODS, WORKER_PARAMETERS
from tests.architecture.layers import modules, tree_of

from .workers import working

CHECKOUT = Path(__file__).parents[4]
RELEASES = re.search(r'"granian>=([\d.]+),<([\d.]+)"', CHECKOUT.joinpath("pyproject.toml").read_text())


@pytest.mark.parametrize(("module", "name"), [(module, name) for module in NAMES for name in NAMES[module]])
def test_a_name_is_there(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize("kind", ["WSGIWorker", "ASGIWorker"])
def test_the_parameters_and_methods_of_a_worker_are_there(kind: str) -> None:
    worker: Any = getattr(importlib.import_module("granian._granian"), kind)
    only_asgi = {"websockets_enabled"} if kind == "WSGIWorker" else set()
    assert set(WORKER_PARAMETERS) - only_asgi <= inspect.signature(worker).parameters.keys()
    assert all(hasattr(worker, method) for method in SERVE_METHODS.values())


def test_no_other_module_uses_granian() -> None:
    users = {
        name
        for name in modules()
        for node in ast.walk(tree_of(name))
        for imported in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if imported.partition(".")[0] == "granian"
    }
    assert users == set()
    assert all(module.startswith("granian.") for module in NAMES)


def installed(which: str) -> tuple[str, Path]:
    """Install a release of granian into a folder of its own; return its version and the folder."""
    assert RELEASES is not None
    oldest, below = RELEASES.groups()
    wanted = f"granian=={oldest}.0" if which == "oldest" else f"granian>={oldest},<{below}"
    folder = CHECKOUT / ".cache" / "granian" / f"{which}-{sys.version_info[0]}.{sys.version_info[1]}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--upgrade",
        "--target",
        str(folder),
    ]
    done = subprocess.run([*command, wanted], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (metadata,) = folder.glob("granian-*.dist-info")
    return metadata.name.removeprefix("granian-").removesuffix(".dist-info"), folder


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.timeout(400)
@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_a_release_that_the_extra_allows_serves(which: str, tmp_path: Path) -> None:
    version, folder = installed(which)
    for interface in ("wsgi", "asgi"):
        room = tmp_path / interface
        room.mkdir()
        unix = str(room / "socket")
        with working(interface, room, unix=unix, variables={"PYTHONPATH": str(folder)}) as worker:
            assert worker.first.get("granian") == version, worker.first
            assert worker.get("/")[1] == b"hello"
            slow = worker.begin("/slow")
            worker.wait_for("slow has begun")
            assert worker.ask("close") == {"done": "close"}
            assert worker.get("/")[0].getheader("Connection") == "close"
            report = worker.ask("report")
            assert (report["total"], report["waiting"]["line"]) == (3, "GET /slow HTTP/1.1")
            assert worker.ask("stop") == {"done": "stop"}
            worker.touch("go")
            assert slow.result()[1] == b"slow"
            assert worker.said() == {"ended": True}
        assert worker.log[-1] == "after serving"
