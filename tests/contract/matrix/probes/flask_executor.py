"""Functions run in a pool with the request's contexts, and their results are stored."""

from flask import Flask, current_app, g, request
from flask_executor import Executor

app = Flask(__name__)
app.config["EXECUTOR_TYPE"] = "thread"
executor = Executor(app)


def work(number):
    return f"{current_app.name} {request.path} {g.who} {number}"


@app.get("/run")
def run():
    g.who = "ada"
    return {"one": executor.submit(work, 1).result(), "many": list(executor.map(work, [2, 3]))}


@executor.job
def stored():
    return 42


@app.get("/start")
def start():
    return str(stored.submit_stored("key") is not None)


@app.get("/result")
def result():
    return str(executor.futures.pop("key").result())


def talk(client):
    client.get("/run")
    client.get("/start")
    client.get("/result")
