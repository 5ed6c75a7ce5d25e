"""A process with the server of a worker in it, which a test tells what to do by lines.

``worker_program.py INTERFACE SETTINGS`` serves ``served.py``. Its first line of output says "ready" with the
port, or "failed"; then it answers each line of its input by a line of JSON.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import socket
import sys
import threading
from typing import Any

import served

from erlen.deploy.serve.settings import Order, Settings
from erlen.deploy.serve.worker.granian_server import Server
from erlen.deploy.serve.worker.stacks import stacks


def say(**values: Any) -> None:
    # In one piece: two threads may speak at once.
    sys.stdout.write(f"{json.dumps(values)}\n")
    sys.stdout.flush()


def listening(unix: str | None) -> list[socket.socket]:
    sockets = [socket.create_server(("127.0.0.1", 0))]
    if unix is not None:
        sockets.append(socket.socket(socket.AF_UNIX))
        sockets[-1].bind(unix)
        sockets[-1].listen()
    return sockets


def obey(server: Server) -> None:
    for line in sys.stdin:
        what, *arguments = line.split()
        if what == "stop":
            server.stop()
            say(done=what)
        elif what == "close":
            server.requests.closing = True
            say(done=what)
        elif what == "cut":
            say(cut=server.cut_off(float(arguments[0])))
        elif what == "stacks":
            say(stacks=stacks(server))
        elif what == "report":
            requests = server.requests
            say(
                total=requests.total,
                under_way=requests.under_way(),
                oldest=requests.oldest(),
                waiting=requests.oldest_waiting(),
            )
    os._exit(0)  # the test has gone


def main(interface: Any, given: str) -> None:
    choices = json.loads(given)
    sockets = listening(choices.pop("unix", None))
    port = sockets[0].getsockname()[1]
    listeners = [(sock.detach(), sock.family == socket.AF_UNIX) for sock in sockets]
    order = Order(Settings(**{"threads": 4, "backlog": 128, **choices}), 1, listeners)
    server = Server(served.application, served.app, interface, order)
    threading.Thread(target=obey, args=[server], daemon=True).start()
    try:
        ended = server.serve(lambda: say(ready=port, granian=importlib.metadata.version("granian")))
    except Exception as error:
        say(failed=f"{type(error).__name__}: {error}")
    else:
        say(ended=ended)
    threading.Event().wait()  # until the test has gone: threads that are stuck would keep it


if __name__ == "__main__":
    main(*sys.argv[1:])
