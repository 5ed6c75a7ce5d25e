"""Its fixtures and its response class, in a run of pytest."""

from pathlib import Path

import pytest
from flask import Flask

app = Flask(__name__)


@app.get("/json")
def data():
    return {"a": 1}


TESTS = """
import pytest
from flask import Flask, url_for, request

@pytest.fixture
def app():
    app = Flask("inner")
    app.add_url_rule("/json", "data", lambda: {"a": 1})
    return app

def test_client(client, accept_json):
    response = client.get(url_for("data"), headers=accept_json)
    assert response.status_code == 200 and response.json == {"a": 1}

def test_context(client):
    assert request.path == "/"

def test_config(config):
    assert config["DEBUG"] is False
"""


class Outcomes:
    def __init__(self):
        self.found = []

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.found.append((report.nodeid.rpartition("::")[2], report.outcome))


def talk(client):
    client.get("/json")
    Path("test_inner.py").write_text(TESTS)
    outcomes = Outcomes()
    client.note(
        "status", int(pytest.main(["-q", "-p", "no:cacheprovider", "test_inner.py"], plugins=[outcomes]))
    )
    client.note("outcomes", outcomes.found)
