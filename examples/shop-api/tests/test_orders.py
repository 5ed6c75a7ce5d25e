"""Orders are made, found, listed and cancelled."""

from __future__ import annotations

import pytest

from erlen import Erlen

ANN = {"Authorization": "Bearer token-of-ann"}
TEA = {"lines": [{"product": "tea", "count": 2}]}


@pytest.fixture(params=["wsgi", "asgi"])
def client(app: Erlen, request: pytest.FixtureRequest):
    return app.test_client(protocol=request.param)


def test_an_order_is_made_and_found(client) -> None:
    made = client.post("/shop/orders", json=TEA, headers=ANN)
    assert made.status_code == 201
    assert made.json == {
        "id": 1,
        "customer": "ann",
        "state": "open",
        "lines": [{"product": "tea", "count": 2}],
        "note": None,
    }
    assert client.get("/shop/orders/1").json == made.json
    assert client.get("/shop/orders?state=open").json == [made.json]
    assert client.get("/shop/orders?state=sent").json == []
    assert client.get("/shop/orders.jsonl").text.count("\n") == 1


def test_a_cancelled_order_is_gone(client) -> None:
    client.post("/shop/orders", json=TEA, headers=ANN)
    assert client.delete("/shop/orders/1", headers=ANN).status_code == 204
    assert client.get("/shop/orders/1").status_code == 410
    assert client.delete("/shop/orders/1", headers=ANN).status_code == 404


def test_without_a_token_nothing_is_ordered(client) -> None:
    for headers in ({}, {"Authorization": "Bearer token-of-nobody"}):
        answer = client.post("/shop/orders", json=TEA, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_fault_is_named(client) -> None:
    answer = client.post("/shop/orders", json={"lines": [{"product": ""}, {"count": 0}]}, headers=ANN)
    assert answer.status_code == 422
    assert [fault["at"] for fault in answer.json["errors"]] == [
        "/lines/0/product",
        "/lines/1/product",
        "/lines/1/count",
    ]
