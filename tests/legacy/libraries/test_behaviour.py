"""Dates and credentials of requests are what they were before Werkzeug 2."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import erlen
from erlen.legacy.libraries.behaviour import Date

NAIVE = datetime(2020, 4, 12, 13, 0)
AWARE = NAIVE.replace(tzinfo=timezone.utc)
DATE = Date(2020, 4, 12, 13, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("other", [NAIVE, AWARE], ids=["naive", "aware"])
def test_a_date_compares_with_dates_of_both_kinds(other: datetime) -> None:
    assert other == DATE
    assert (other != DATE) is False
    assert DATE <= other <= DATE
    assert other - SECOND < DATE < other + SECOND
    assert other - SECOND < DATE
    assert other + SECOND > DATE
    assert other + SECOND >= DATE >= other - SECOND
    assert DATE - other == other - DATE == timedelta(0)
    assert DATE + SECOND - other == SECOND
    assert (other + SECOND) - DATE == SECOND


def test_a_date_is_what_it_was_for_everybody_else() -> None:
    assert hash(DATE) == hash(AWARE)
    assert DATE.isoformat() == AWARE.isoformat()
    assert DATE != "2020"


@pytest.fixture
def client(layer: None) -> erlen.testing.FlaskClient:
    app = erlen.Flask(__name__)

    @app.route("/since")
    def since() -> str:
        given = erlen.request.if_modified_since
        assert given is not None
        return str(given >= NAIVE)

    @app.route("/date")
    def date() -> str:
        response = erlen.Response(headers={"Last-Modified": "Sun, 12 Apr 2020 13:00:00 GMT"})
        assert response.last_modified is not None
        return str(response.last_modified == NAIVE)

    @app.route("/who")
    def who() -> str:
        given = erlen.request.authorization
        return "nobody" if given is None else f"{given.type} {given.username}"

    return app.test_client()


@pytest.mark.parametrize(("hour", "answer"), [("12", "False"), ("13", "True")])
def test_a_date_of_a_request_compares_with_one_without_a_zone(
    client: erlen.testing.FlaskClient, hour: str, answer: str
) -> None:
    headers = {"If-Modified-Since": f"Sun, 12 Apr 2020 {hour}:00:00 GMT"}
    assert client.get("/since", headers=headers).text == answer


def test_a_date_of_a_response_compares_with_one_without_a_zone(client: erlen.testing.FlaskClient) -> None:
    assert client.get("/date").text == "True"


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("Basic YWRhOm5vdGVz", "basic ada"),
        ("Basic YWRh", "nobody"),
        ("Bearer token", "nobody"),
        ('Digest username="ada", realm="r", nonce="n", uri="/", response="x"', "digest ada"),
        ('Digest username="ada"', "nobody"),
        ("", "nobody"),
    ],
)
def test_credentials_are_those_of_basic_and_digest_authentication(
    client: erlen.testing.FlaskClient, header: str, answer: str
) -> None:
    assert client.get("/who", headers={"Authorization": header}).text == answer


def test_without_the_layer_a_request_reads_all_credentials() -> None:
    with erlen.Flask(__name__).test_request_context(headers={"Authorization": "Bearer token"}):
        assert erlen.request.authorization is not None
        assert erlen.request.authorization.token == "token"
