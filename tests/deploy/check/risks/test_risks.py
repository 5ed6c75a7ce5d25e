"""Every risk that is looked for is planted somewhere, and a hardened application has none."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from erlen.deploy.check import risks, running
from tests.deploy.check.risks.cases import HARDENED, Case, environment, write

KINDS = {kind.id: kind for kind in running.kinds_of(risks.CHECKS)}
# These have tests of their own, since two are always found or a matrix has to be made for them.
ELSEWHERE = {"extension-broken", "extension-with-losses", "proxy-fix-host"}
FEWEST = 25


def planted() -> set[str]:
    topics = [
        path.stem for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
    ]
    modules = [import_module(f"{__package__}.{topic}") for topic in sorted(topics)]
    return {case.kind for module in modules for case in getattr(module, "CASES", ())}


def test_every_kind_is_planted() -> None:
    assert planted() | ELSEWHERE == KINDS.keys()
    assert len(KINDS) >= FEWEST


def test_no_two_kinds_have_one_id() -> None:
    assert len(running.kinds_of(risks.CHECKS)) == len(KINDS)


def kinds_in(folder: Path, checker: Any, workers: int | None = None) -> list[str]:
    environ = environment(Case("", "", ""), right=True)
    asked = {"folder": str(folder), "environ": environ, "workers": workers, "user": None}
    return sorted(kind for kind, *_ in checker.check(asked))


@pytest.mark.parametrize("workers", [1, 8])
def test_a_hardened_application_has_no_risk(checker: Any, tmp_path: Path, workers: int) -> None:
    write("", tmp_path)
    assert kinds_in(tmp_path, checker, workers) == []
    assert HARDENED in (tmp_path / "app.py").read_text()


def test_a_new_application_has_few_and_none_is_an_error(checker: Any, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\nfrom flask import Flask\n"
        "app = Flask(__name__)\napp.secret_key = os.environ['SECRET_KEY']\n"
    )
    found = kinds_in(tmp_path, checker)
    assert found == [
        "hsts-missing",
        "https-not-forced",
        "max-content-length-missing",
        "session-cookie-insecure",
        "session-cookie-samesite",
        "trusted-hosts-missing",
    ]
    assert {KINDS[kind].level.name for kind in found} == {"WARNING"}
