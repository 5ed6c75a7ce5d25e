"""Clients in TypeScript, made from documents by openapi-typescript with its own defaults, fit what is served.

`tsc --strict` takes what is right in them, and refuses each line that is wrong on purpose.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.api.tools import node
from tests.api.tools.documents import DOCUMENTS, SHOP
from tests.contract.environment import Environment
from tests.contract.servers import serving
from tests.ports import free_port

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).with_name("typescript")
WRONG_ON_PURPOSE = "// @ts-expect-error"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project of the clients and what openapi-typescript has made for them."""
    modules = node.installed(CLIENTS)
    folder = tmp_path_factory.mktemp("typescript")
    for path in CLIENTS.iterdir():
        shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(modules)
    for name, document in DOCUMENTS.items():
        (folder / f"{name}.json").write_bytes(document())
        tool = folder / "node_modules" / ".bin" / "openapi-typescript"
        node.run(tool, f"{name}.json", "-o", f"{name}.openapi.ts", cwd=folder)
    return folder


def compiled(project: Path, *, fails: bool = False) -> str:
    """Return what tsc prints, with the settings in `tsconfig.json`."""
    return node.run(project / "node_modules" / ".bin" / "tsc", cwd=project, fails=fails)


@pytest.fixture(scope="module")
def made(project: Path) -> Path:
    """Compile the clients; return the folder with what became of them."""
    assert compiled(project) == ""
    return project / "made"


def test_what_is_right_compiles_and_what_is_wrong_does_not(made: Path) -> None:
    counts = {name: (CLIENTS / f"{name}.ts").read_text().count(WRONG_ON_PURPOSE) for name in DOCUMENTS}
    assert min(counts.values()) >= 15, counts
    assert {f"{name}.js" for name in ("run", *DOCUMENTS)} <= {path.name for path in made.iterdir()}


def test_a_line_that_is_right_may_not_be_called_wrong(project: Path, tmp_path: Path) -> None:
    """So a document in which optional fields had become required would be found."""
    for name in ("tsconfig.json", "package.json", "shop.ts", "node_modules"):
        (tmp_path / name).symlink_to(project / name)
    text = (project / "shop.openapi.ts").read_text()
    assert text.count("note?: string | null") == text.count("customer: string") == 1
    text = text.replace("note?: string | null", "note: string | null")
    (tmp_path / "shop.openapi.ts").write_text(text.replace("customer: string", "price: string"))
    printed = compiled(tmp_path, fails=True)
    lines = (project / "shop.ts").read_text().splitlines()
    optional = next(number for number, line in enumerate(lines, 1) if 'product: "tea"' in line)
    unknown = next(number for number, line in enumerate(lines) if "data?.price" in line)
    assert re.search(rf"^shop\.ts\({optional},[0-9]+\): error TS2322", printed, re.MULTILINE), printed
    assert re.search(rf"^shop\.ts\({unknown},[0-9]+\): error TS2578", printed, re.MULTILINE), printed


@pytest.mark.servers
def test_the_client_reads_what_the_shop_answers(made: Path, tmp_path: Path) -> None:
    port = free_port()
    uvicorn = Path(sys.executable).with_name("uvicorn")
    command = [uvicorn, "--factory", "orders:create_app", "--app-dir", SHOP, "--port", str(port)]
    with serving(Environment(Path(sys.prefix)), command, port, tmp_path, {}) as server:
        url = f"http://127.0.0.1:{server.port}"
        printed = json.loads(node.run("node", made / "run.js", url, cwd=made))
    order = {
        "id": 1,
        "customer": "ann",
        "state": "open",
        "lines": [{"product": "tea", "count": 1}],
        "note": None,
    }
    assert printed.pop("refused")[0]["at"] == "/lines"
    assert printed == {
        "made": order,
        "found": order,
        "all": 1,
        "removed": 204,
        "gone": {"reason": "It was cancelled."},
    }
