"""Requests are counted by path, method and status, and the metrics are served."""

from flask import Flask
from prometheus_flask_exporter import PrometheusMetrics

HIDE = (
    r"(?m)^(python|process)_.*$",
    r"(?m)^flask_http_request_duration_seconds_(sum|bucket).*$",
    r"(?m)^.*_created.*$",
    r"(?m)^.*(python|process)_.*$",
    r"(?m)^# (HELP|TYPE) (python|process).*$",
    r"(?m)^flask_exporter_info.*$",
)

app = Flask(__name__)
metrics = PrometheusMetrics(app, group_by="endpoint")
metrics.info("probe_info", "the probe", version="1")


@app.get("/")
def index():
    return "counted"


@app.get("/skipped")
@metrics.do_not_track()
def skipped():
    return "skipped"


@app.get("/own/<int:status>")
@metrics.counter("own_total", "own", labels={"status": lambda response: response.status_code})
def own(status):
    return "own", status


@app.get("/broken")
def broken():
    raise RuntimeError("broken")


def talk(client):
    for path in ("/", "/", "/skipped", "/own/201", "/own/404", "/missing", "/broken"):
        client.get(path)
    client.get("/metrics")
