"""An error of a request is reported with the request's own data."""

import rollbar
import rollbar.contrib.flask
from flask import Flask, got_request_exception

app = Flask(__name__)
rollbar.init("t", "test", handler="blocking", root=".", allow_logging_basic_config=False)
seen = []
rollbar.send_payload = lambda payload, access_token: seen.append(
    (payload["data"]["request"]["url"], payload["data"]["request"]["method"], payload["data"].get("context"))
)
got_request_exception.connect(rollbar.contrib.flask.report_exception, app)


@app.get("/broken/<int:number>")
def broken(number):
    return number / 0


def talk(client):
    client.get("/broken/1?a=b")
    client.get("/missing")
    client.note("reported", seen)
