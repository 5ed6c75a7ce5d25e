"""The web side, without Redis and without a worker."""

from __future__ import annotations

import pytest

from erlen.testing import FlaskClient
from reports import create_app, store, tasks


class InMemory:
    """Be what keeps reports, without Redis."""

    def __init__(self, url: str) -> None:
        self.url = url
        opened.append(self)

    def set(self, title: str, report: object) -> None:
        kept[title] = report

    def get(self, title: str) -> object:
        return kept.get(title)

    def close(self) -> None:
        opened.remove(self)


kept: dict[str, object] = {}
opened: list[InMemory] = []


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    kept.clear()
    monkeypatch.setattr(store, "Reports", InMemory)
    # Tasks run where they are ordered, and at once.
    celery = {
        "task_always_eager": True,
        "task_store_eager_result": True,
        "result_backend": "cache+memory://",
    }
    return create_app({"CELERY": celery, "TESTING": True}).test_client()


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_report_is_ordered_and_read(client: FlaskClient, protocol: str):
    client = client.application.test_client(protocol=protocol)
    answer = client.post("/reports", json={"title": "may", "numbers": [1, 2, 3]})
    assert answer.status_code == 202
    assert client.get(answer.location).json["state"] == "SUCCESS"
    assert client.get("/reports/may").json == {"title": "may", "count": 3, "sum": 6, "by": "reports"}


def test_a_task_has_a_context_of_its_own_and_puts_away_what_it_opened(client: FlaskClient):
    assert tasks.write_report.delay("june", []).get()["by"] == "reports"
    assert kept["june"]
    assert opened == []


@pytest.mark.parametrize("wish", [{}, [], {"title": 1}, {"title": "x", "numbers": ["1"]}])
def test_a_wish_that_makes_no_sense_is_refused(client: FlaskClient, wish: object):
    assert client.post("/reports", json=wish).status_code == 400


def test_what_has_not_been_written_is_not_found(client: FlaskClient):
    assert client.get("/reports/july").status_code == 404
