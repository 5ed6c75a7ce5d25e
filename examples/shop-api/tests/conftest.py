from __future__ import annotations

import pytest
from orders import create_app

from erlen import Erlen


@pytest.fixture
def app() -> Erlen:
    return create_app()
