"""The project that is brought to machines, and a client that counts what is lost."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.deploy.machine.nspawn import Machine

WSGI = '''\
import os
import sqlite3
import time

from flask import Flask, request

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    TRUSTED_PROXIES="unix",
    TRUSTED_HOSTS=["shop.example", "127.0.0.1"],
    MAX_CONTENT_LENGTH=1_000_000,
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_SAMESITE="Lax",
)
FILE = os.path.join(app.instance_path, "shop.db")


@app.cli.command("init-db")
def init_db():
    with sqlite3.connect(FILE) as connection:
        connection.execute("create table visits (address)")


@app.get("/")
def index():
    return f"{request.scheme} {request.host} {request.remote_addr}"


@app.get("/process")
def process():
    return f"{os.getpid()}"


@app.get("/variable/<name>")
def variable(name):
    return os.environ.get(name, "")


@app.post("/visits")
def visit():
    with sqlite3.connect(FILE) as connection:
        connection.execute("insert into visits values (?)", [request.remote_addr])
        return f"{connection.execute('select count(*) from visits').fetchone()[0]}"


@app.get("/writable")
def writable():
    """Say in which of these folders a file can be made."""
    found = []
    for folder in request.args.getlist("folder"):
        try:
            with open(os.path.join(folder, "made-by-shop"), "w"):
                found.append(folder)
        except OSError:
            pass
    return found


@app.get("/slow")
def slow():
    open(os.path.join(app.instance_path, "slow-has-begun"), "w").close()
    time.sleep(float(request.args["seconds"]))
    return "done"
'''
PROJECT = {
    "wsgi.py": WSGI,
    "requirements.txt": "# nothing but Erlen\n",
    "static/style.css": "p { color: red }\n",
}

# Several clients, one connection for each request, until a file is there.
CLIENT = """\
import http.client, json, os, ssl, sys, threading, time

path, host, until = sys.argv[1:]
context = ssl._create_unverified_context()
answers, lock = {}, threading.Lock()


def ask():
    while not os.path.exists(until):
        try:
            connection = http.client.HTTPSConnection("127.0.0.1", context=context, timeout=60)
            connection.request("GET", path, headers={"Host": host})
            answer = str(connection.getresponse().status)
            connection.close()
        except OSError as error:
            answer = repr(error)
        with lock:
            answers[answer] = answers.get(answer, 0) + 1
        time.sleep(0.05)  # so that something else runs, too


threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(answers))
"""
CLIENTS = 4


def write_project(machine: Machine, folder: str, **files: str) -> None:
    """Write the project to a folder of the machine, with further files or other ones."""
    for name, text in {**PROJECT, **files}.items():
        machine.write(f"{folder}/{name}", text)


class Load:
    """Clients that ask through the front, again and again, for the time of a block."""

    def __init__(self, machine: Machine, path: str = "/", host: str = "shop.example") -> None:
        self.answers: dict[str, int] = {}
        """How often each status, or error, was the answer; after the block."""
        self._machine = machine
        self._words = (path, host)
        self._until = "/tmp/enough"

    def __enter__(self) -> Load:
        self._machine.write("/root/client.py", CLIENT)
        self._machine.run("rm", "-f", self._until)
        words = ("/usr/bin/python3", "/root/client.py", *self._words, self._until)
        self._process = self._machine.start(*words, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: Any) -> None:
        self._machine.run("touch", self._until)
        self.answers = json.loads(self._process.communicate(timeout=60)[0])

    @property
    def lost(self) -> dict[str, int]:
        return {answer: count for answer, count in self.answers.items() if answer != "200"}
