"""Errors and transactions of requests are recorded by its Flask integration."""

import sentry_sdk
from flask import Flask
from sentry_sdk.integrations.flask import FlaskIntegration

seen = []


def keep(event, hint):
    seen.append(
        (event.get("type", "event"), event.get("transaction"), event.get("request", {}).get("method"))
    )


sentry_sdk.init(
    dsn="http://k@127.0.0.1:9/1",
    integrations=[FlaskIntegration(transaction_style="url")],
    traces_sample_rate=1.0,
    before_send=keep,
    before_send_transaction=keep,
)
app = Flask(__name__)


@app.get("/things/<int:number>")
def thing(number):
    return str(number)


@app.post("/broken")
def broken():
    return 1 / 0


def talk(client):
    client.get("/things/1")
    client.post("/broken")
    client.get("/missing")
    client.note("recorded", seen)
