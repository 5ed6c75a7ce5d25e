"""Flask-SSE 1.0: events published by a view and streamed to those who listen, by channel.

A Redis server of the test's own, on a socket in a folder of its own.
"""

import subprocess
import tempfile
import threading
import time

import redis
from flask import Flask, request
from flask_sse import Message, sse

from asking import Report

folder = tempfile.TemporaryDirectory()
socket = folder.name + "/redis"
server = subprocess.Popen(
    ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder.name],
    stdout=subprocess.DEVNULL,
)
connection = redis.StrictRedis.from_url("unix://" + socket)


def wait_for(condition):
    for _ in range(500):
        try:
            if condition():
                return
        except redis.ConnectionError:
            pass
        time.sleep(0.02)
    raise RuntimeError("the Redis server does not answer")


app = Flask(__name__)
app.config["REDIS_URL"] = "unix://" + socket


@sse.before_request
def check():
    if request.args.get("channel") == "secret":
        return "not for you", 403


app.register_blueprint(sse, url_prefix="/stream")


@app.route("/publish/<text>")
def publish(text):
    channel = request.args.get("channel", "sse")
    return str(sse.publish({"text": text}, type="greeting", id=text, retry=5, channel=channel))


def listen(path):
    answer = app.test_client().get(path, buffered=False)
    events.append([answer.status_code, answer.mimetype])
    for chunk in answer.response:
        events.append(chunk.decode() if isinstance(chunk, bytes) else chunk)
        if "last" in events[-1]:
            break
    answer.close()


try:
    wait_for(connection.ping)
    report = Report(app)
    report.get("/publish/nobody")
    for path, channel in (("/stream", "sse"), ("/stream?channel=other", "other")):
        events = []
        listener = threading.Thread(target=listen, args=[path])
        listener.start()
        wait_for(lambda channel=channel: connection.pubsub_numsub(channel)[0][1] == 1)
        report.get("/publish/first?channel=" + channel)
        report.get("/publish/last?channel=" + channel)
        listener.join(20)
        report.note("events", events)
    report.get("/stream?channel=secret")
    report.note("message", [str(Message("plain")), repr(Message({"a": 1}, type="t"))])
    report.show()
finally:
    server.terminate()
    server.wait()
