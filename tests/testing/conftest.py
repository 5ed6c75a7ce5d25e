"""An application with a secret key."""

from __future__ import annotations

import pytest

from erlen import Erlen


@pytest.fixture
def app() -> Erlen:
    app = Erlen("app")
    app.secret_key = "key"
    app.testing = True
    return app
