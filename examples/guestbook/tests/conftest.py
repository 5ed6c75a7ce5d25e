from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from guestbook import create_app
from guestbook.extensions import db
from guestbook.models import Message


def pytest_report_header() -> str:
    return f"application class: {Flask.__module__}.{Flask.__name__}"


@pytest.fixture
def app() -> Iterator[Flask]:
    app = create_app("testing")
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def write(app: Flask) -> Callable[..., Message]:
    """Put a message into the book."""

    def write(name: str = "Ada", body: str = "Hello.") -> Message:
        message = Message(name=name, body=body)
        db.session.add(message)
        db.session.commit()
        return message

    return write
