"""A site in a temporary folder, and a Python that makes environments quickly."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from erlen.deploy.release.layout import Layout

PYTHON = """\
#!{python}
import os, pathlib, subprocess, sys
if sys.argv[1:4] == ["-I", "-m", "venv"]:
    if os.environ.get("VENV_FAILS"):
        sys.exit("ensurepip is not available")
    subprocess.run([{python!r}, "-I", "-m", "venv", "--without-pip", sys.argv[4]], check=True)
    packages = next(pathlib.Path(sys.argv[4], "lib").glob("python*")) / "site-packages"
    (packages / "tests.pth").write_text("import site; site.addsitedir({packages!r})\\n")
    pip = packages / "pip"
    pip.mkdir()
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text({pip!r})
    erlen = pathlib.Path(sys.argv[4], "bin", "erlen")
    python = erlen.absolute().with_name("python")
    erlen.write_text(f"#!{{python}}\\nfrom erlen.__main__ import main\\nmain()\\n")
    erlen.chmod(0o755)
"""
PIP = """\
import json, os, pathlib, sys
if os.environ.get("PIP_SAYS"):
    sys.exit(os.environ["PIP_SAYS"])
pathlib.Path(".pip").write_text(json.dumps([sys.argv[1:], os.getcwd(), sorted(os.environ)]))
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a program that makes environments as `python -m venv` does, without pip."""
    program = tmp_path_factory.mktemp("python") / "python"
    words = {"python": sys.executable, "packages": sysconfig.get_path("purelib"), "pip": PIP}
    program.write_text(PYTHON.format(**words))
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return a site with empty folders."""
    root = tmp_path / "shop"
    for name in ("releases", "shared/instance"):
        (root / name).mkdir(parents=True)
    return Layout(root)
