"""A process with the server of a worker in it, which a test tells what to do by lines.

``worker_program.py FILE INTERFACE SETTINGS`` serves `app` of a file. Its first line of output says "ready"
with the port, or "failed"; then it answers each line of its input by a line of JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import sys
import threading
from types import SimpleNamespace
from typing import Any

from erlen.deploy.serve.worker.granian_server import Server
from erlen.deploy.serve.worker.stacks import stacks

DEFAULTS: dict[str, Any] = {
    "threads": 4,
    "backlog": 128,
    "backpressure": None,
    "workers": 1,
    "certificate": None,
    "key": None,
    "key_password": None,
}


def say(**values: Any) -> None:
    # In one piece: two threads may speak at once.
    sys.stdout.write(f"{json.dumps(values)}\n")
    sys.stdout.flush()


def listeners(unix: str | None, tcp: bool = True) -> list[socket.socket]:
    sockets = [socket.create_server(("127.0.0.1", 0))] if tcp else []
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
        elif what == "leave":
            os._exit(0)
    os._exit(9)  # the test has gone


def main(file: str, interface: Any, given: str) -> None:
    choices = json.loads(given)
    unix, tcp = choices.pop("unix", None), choices.pop("tcp", True)
    spec = importlib.util.spec_from_file_location("application", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["application"] = module
    spec.loader.exec_module(module)
    sockets = listeners(unix, tcp)
    port = sockets[0].getsockname()[1] if tcp else 0
    order: Any = SimpleNamespace(
        settings=SimpleNamespace(**DEFAULTS | choices),
        listeners=[(sock.detach(), sock.family == socket.AF_UNIX) for sock in sockets],
    )
    server = Server(getattr(module, "application", module.app), module.app, interface, order)
    threading.Thread(target=obey, args=[server], daemon=True).start()
    try:
        ended = server.serve(lambda: say(ready=port))
    except Exception as error:
        say(failed=f"{type(error).__name__}: {error}")
        return
    say(ended=ended)
    if not ended:
        sys.stdin.close()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
