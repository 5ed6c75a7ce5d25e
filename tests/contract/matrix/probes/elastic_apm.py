"""Transactions of requests are named by their routes."""

import elasticapm
from elasticapm.contrib.flask import ElasticAPM
from flask import Flask

app = Flask(__name__)
app.config["ELASTIC_APM"] = {
    "SERVICE_NAME": "probe",
    "SERVER_URL": "http://127.0.0.1:9",
    "DISABLE_SEND": True,
    "CENTRAL_CONFIG": False,
    "CLOUD_PROVIDER": "none",
    "METRICS_INTERVAL": "0s",
}
seen = []
apm = ElasticAPM(app)
queue = apm.client.queue


def keep(kind, data, flush=False):
    if kind in ("transaction", "error"):
        seen.append((kind, data.get("name"), data.get("result")))
    return queue(kind, data, flush)


apm.client.queue = keep


@app.get("/things/<int:number>")
def thing(number):
    elasticapm.label(number=number)
    return str(number)


@app.get("/broken")
def broken():
    return 1 / 0


def talk(client):
    client.get("/things/1")
    client.get("/broken")
    client.get("/missing")
    client.note("recorded", seen)
