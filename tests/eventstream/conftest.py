"""An application that serves event streams."""

from __future__ import annotations

import pytest

from erlen import Erlen


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "key"
    app.testing = True
    return app


@pytest.fixture
def torn_down(app):
    told = []
    app.teardown_request(told.append)
    return told
