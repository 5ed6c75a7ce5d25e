"""Threads that have the request's contexts."""

from flask import Flask, current_app, g
from flaskthreads import AppContextThread, ThreadPoolWithAppContextExecutor

app = Flask(__name__)


@app.get("/")
def index():
    found = []
    g.who = "ada"
    thread = AppContextThread(target=lambda: found.append((current_app.name, g.who)))
    thread.start()
    thread.join()
    with ThreadPoolWithAppContextExecutor(max_workers=1) as pool:
        found.append(pool.submit(lambda: current_app.name).result())
    return {"found": found}


def talk(client):
    client.get("/")
