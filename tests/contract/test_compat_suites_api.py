"""Some of the extension suites beside the checkout once more, with an `Api` around every application.

``COMPAT_WITH_API=all`` runs all of them. What they install is Erlen's wheel with a plugin for pytest in it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from .environment import CACHE, HERE, Environment
from .test_compat_suites import COMPAT, NAMES
from .test_flask_suite_api import MSGSPEC

# The one that has the most views looked at, and two with views that cannot be called.
CHOSEN = ("flask-login", "flask-restful", "opentelemetry-flask")
RUN = [name for name in NAMES if name in CHOSEN or os.environ.get("COMPAT_WITH_API") == "all"]

pytestmark = [
    pytest.mark.contract,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not NAMES, reason=f"no suites in {COMPAT}: they are kept outside of the repository"),
]


@pytest.fixture(scope="module")
def wheel(environment: Environment) -> Path:
    """Erlen's wheel, with the plugin that puts an Api around every application, and what it needs."""
    folder = CACHE / "wheel-with-apis"
    folder.mkdir(exist_ok=True)
    return with_plugin(environment.wheel, folder / environment.wheel.name)


def with_plugin(wheel: Path, target: Path) -> Path:
    """Copy a wheel with `contract_api` in it: the suites run in an environment without other folders."""
    with zipfile.ZipFile(wheel) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    (metadata,) = (name for name in contents if name.endswith(".dist-info/METADATA"))
    information = metadata.removesuffix("METADATA")
    headers, blank, text = contents[metadata].partition(b"\n\n")
    contents[metadata] = headers + f"\nRequires-Dist: {MSGSPEC}".encode() + blank + text
    contents["contract_api.py"] = (HERE / "plugin" / "contract_api.py").read_bytes()
    record = f"{information}RECORD"
    del contents[record]
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in contents.items()]
    contents[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return target


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("name", RUN or ["none"])
def test_suite_passes_as_recorded(name: str, wheel: Path) -> None:
    cache = Path(os.environ.get("COMPAT_CACHE", Path(tempfile.gettempdir()) / "erlen-compat"))
    command = ["./run_suite.sh", name, "--python", sys.executable]
    command += ["--target", str(wheel), "--alias-module", "erlen.as_flask", "--", "-p", "contract_api"]
    done = subprocess.run(
        command,
        cwd=COMPAT,
        # Environments of its own, made of what the others have downloaded.
        env={**os.environ, "COMPAT_CACHE": f"{cache}-with-apis", "UV_CACHE_DIR": str(cache / "uv-cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1100,
    )
    print(done.stdout)
    assert done.returncode == 0, f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}"
    # With more arguments for pytest, only the tests that ran are compared.
    ran = re.search(r"\[partial\] (\d+) of the (\d+) ids", done.stdout)
    assert ran is not None
    assert ran[1] == ran[2]
    log = next(line for line in done.stdout.splitlines() if line.startswith("[log] ")).removeprefix("[log] ")
    assert "applications with an Api: " in Path(log).read_text(errors="replace")
