from __future__ import annotations

import pytest

from . import environment as environments
from .environment import Environment


@pytest.fixture(scope="session")
def environment() -> Environment:
    return environments.prepare()
