"""What the tests of fronts share: a network of their own, and stacks that run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.proxies import APACHE_MODULES

from .cells import CELLS, Cell
from .namespace import is_possible, network_of_our_own
from .stack import Stack, prepared_folder, running


def missing() -> str | None:
    """Return what these tests lack here, or None."""
    if not is_possible():
        return "It takes root for a network of its own, and for the users of front and server."
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        return "nginx is missing: .ci/services installs it."
    if not (APACHE_MODULES / "mod_wsgi.so").exists():
        return "Apache with mod_wsgi is missing: .ci/services installs it."
    return None


def need(reason: str | None) -> None:
    """Skip a test for a reason, if there is one; where CI says that it is one, fail it."""
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    need(missing())
    with prepared_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    if not is_possible():
        yield  # whoever needs more says so
        return
    with network_of_our_own():
        yield


@pytest.fixture(scope="module", params=CELLS, ids=lambda cell: cell.name)
def stack(request: pytest.FixtureRequest, prepared: Path, network: None) -> Iterator[Stack]:
    cell: Cell = request.param
    with running(cell, prepared) as stack:
        yield stack
