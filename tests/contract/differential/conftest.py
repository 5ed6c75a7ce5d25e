from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .peers import Peers


@pytest.fixture(scope="session")
def peers() -> Iterator[Peers]:
    """Both frameworks; `CONTRACT_PEERS=flask,flask` shows what the tests themselves get wrong."""
    one, other = os.environ.get("CONTRACT_PEERS", "flask,erlen").split(",")
    both = Peers((one, other))
    yield both
    both.stop()
