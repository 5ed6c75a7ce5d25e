"""Sessions, cookies and headers while the clock is stopped: prints each response."""

from __future__ import annotations

import datetime
import sys

from freezegun import freeze_time

if "imported while it is stopped" in sys.argv:
    with freeze_time("2020-01-01"):
        import flask

import flask
from flask import Flask, jsonify, send_file, session


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "of the tests"

    @app.get("/in")
    def enter() -> str:
        session.permanent = True
        session["name"] = "Ada"
        return "in"

    @app.get("/who")
    def who() -> str:
        return session.get("name", "nobody")

    @app.get("/cookie")
    def cookie() -> flask.Response:
        now = datetime.datetime.now(datetime.timezone.utc)
        response = app.make_response("cookie")
        response.set_cookie("a", "b", max_age=60, expires=now + datetime.timedelta(days=1))
        response.last_modified = response.expires = now
        return response

    @app.get("/now")
    def now() -> flask.Response:
        return jsonify(now=datetime.datetime.now(), today=datetime.date.today())

    @app.get("/file")
    def file() -> flask.Response:
        return send_file(__file__, max_age=10, last_modified=datetime.datetime.now())

    return app


def tell(client: flask.testing.FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("Content-Length", "ETag")
        }
        print(path, answer.status_code, headers, "" if path == "/file" else answer.text)


app = create_app()
client = app.test_client()
with freeze_time("2026-01-02 03:04:05") as clock:
    for path in ("/in", "/who", "/cookie", "/now", "/file"):
        tell(client, path)
    # The session lasts 31 days from the last visit.
    for day in ("2026-01-20", "2026-02-19", "2026-03-30"):
        clock.move_to(day)
        tell(client, "/who")
    tell(app.test_client(), "/in")

with freeze_time("2026-04-02 03:04:05"):
    client = create_app().test_client()
    tell(client, "/in")


@freeze_time("2026-05-05", as_kwarg="clock")
def decorated(clock) -> None:
    tell(client, "/in")
    clock.tick(datetime.timedelta(days=30))
    tell(client, "/who")
    clock.tick(datetime.timedelta(days=32))
    tell(client, "/who")


decorated()
with app.test_request_context("/"):
    print(flask.url_for("who"))
