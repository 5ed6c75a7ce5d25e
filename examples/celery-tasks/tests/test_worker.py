"""Web application, Redis and worker, each a process of its own."""

from __future__ import annotations

from reports import create_app


def test_a_worker_writes_what_a_request_ordered(redis_url, start_worker, wait_until):
    client = create_app({"TESTING": True}).test_client()
    answer = client.post("/reports", json={"title": "may", "numbers": [1, 2, 3]})
    assert client.get(answer.location).json == {"state": "PENDING"}
    assert client.get("/reports/may").status_code == 404

    worker = start_worker()
    wait_until(lambda: client.get(answer.location).json["state"] == "SUCCESS", worker)
    report = {"title": "may", "count": 3, "sum": 6, "by": "reports"}
    assert client.get(answer.location).json["report"] == report
    assert client.get("/reports/may").json == report


def test_what_was_ordered_waits_for_the_next_worker(redis_url, start_worker, wait_until):
    first = start_worker()
    client = create_app({"TESTING": True}).test_client()
    client.post("/reports", json={"title": "may", "numbers": [1]})
    wait_until(lambda: client.get("/reports/may").status_code == 200, first)

    first.terminate()
    assert first.wait(60) == 0
    client.post("/reports", json={"title": "june", "numbers": [2]})
    assert client.get("/reports/june").status_code == 404

    second = start_worker()
    wait_until(lambda: client.get("/reports/june").status_code == 200, second)
