"""schemathesis attacks the shop of typed views by its document, and finds nothing.

All phases and all checks, 200 examples of each operation: in process by both protocols, and served by granian
and uvicorn. The examples are the same in each run.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import environment as environments
from tests.contract.environment import Environment
from tests.contract.servers import serving
from tests.ports import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.version_info < (3, 11), reason="schemathesis needs Python 3.11 or newer"),
]

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[2] / "examples" / "shop-api"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# What each way through the views ends with; 413 is left out, as no example is that long.
STATUSES = {"200", "201", "204", "400", "401", "404", "405", "410", "415", "422"}
COMMANDS = {
    # One process, as the orders are in its memory.
    "granian": "erlen --app orders serve --workers 1 --port {port}",
    "uvicorn": "uvicorn --factory orders:create_app --log-level warning --port {port}",
}


@pytest.fixture(scope="module")
def attacker() -> Environment:
    """Give the environment with schemathesis."""
    return environments.prepare("schemathesis.txt", "schemathesis")


@contextlib.contextmanager
def where(way: str, folder: Path) -> Iterator[str]:
    """Give the word for what is attacked; serve it if it is to be served."""
    if way not in COMMANDS:
        yield way
        return
    site = folder / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("__pycache__"))
    port = free_port()
    program, *words = COMMANDS[way].format(port=port).split()
    command = [Path(sys.executable).with_name(program), *words]
    with serving(Environment(Path(sys.prefix)), command, port, site, {}) as server:
        yield f"http://127.0.0.1:{server.port}/shop/openapi.json"


@pytest.mark.parametrize(
    "way", ["wsgi", "asgi", *(pytest.param(way, marks=pytest.mark.servers) for way in COMMANDS)]
)
def test_it_finds_nothing(way: str, attacker: Environment, tmp_path: Path) -> None:
    with where(way, tmp_path) as target:
        done = attacker.run("-W", "ignore", HERE / "attack.py", target, cwd=tmp_path, timeout=580)
    assert done.returncode == 0, done.stdout
    report: dict[str, t.Any] = json.loads(done.stdout)
    assert report["failures"] == [], "\n".join(report["failures"])
    assert {phase: report["phases"].get(phase) for phase in PHASES} == dict.fromkeys(PHASES, "success")
    assert set(report["known_checks"]) <= report["checks"].keys()
    assert report["statuses"].keys() >= STATUSES
    examples = report["requests"]["fuzzing"]
    assert examples.pop("GET /shop/orders.jsonl") >= 1  # it takes nothing that could differ
    assert len(examples) == 4
    assert min(examples.values()) >= 200, examples
    assert len(report["requests"]["stateful"]) == 5
