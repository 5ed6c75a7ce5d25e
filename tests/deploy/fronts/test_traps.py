"""What went wrong with such files when they were written by hand, and goes well with these."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.proxies import environment_of_mod_wsgi

from .cells import Cell
from .stack import FRONT_USER, Stack, running

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

NGINX_UWSGI = Cell("nginx", "uwsgi", "wsgi")
NGINX_GUNICORN = Cell("nginx", "gunicorn", "wsgi")
APACHE = Cell("apache", None, "wsgi")


@pytest.fixture(autouse=True)
def _network(network: None) -> None:
    """Have ports 80 and 443 for us."""


def process_of(stack: Stack) -> str:
    return stack.ask("/process").text.split()[0]


@pytest.mark.parametrize("cell", [NGINX_UWSGI, NGINX_GUNICORN], ids=lambda cell: cell.server)
def test_a_signal_reloads_and_requests_under_way_finish(prepared: Path, cell: Cell) -> None:
    with running(cell, prepared) as stack, ThreadPoolExecutor(1) as pool:
        before = process_of(stack)
        waiting = pool.submit(stack.ask, "/wait/gate")
        stack.until((stack.code / "gates/gate-waits").exists)
        stack.signal_server(signal.SIGHUP)
        said = "gracefully killing workers" if cell.server == "uwsgi" else "Handling signal: hup"
        stack.until(lambda: said in stack.log)
        stack.open_gate("gate")
        assert waiting.result(30).text == "waited"
        # While it starts itself again, uWSGI takes connections that it answers later.
        stack.until(lambda: stack.ask("/process").status == 200 and process_of(stack) != before)
        assert not stack.server_has_ended, stack.log


@pytest.mark.parametrize("cell", [NGINX_UWSGI, NGINX_GUNICORN], ids=lambda cell: cell.server)
def test_sigterm_stops_and_requests_under_way_finish(prepared: Path, cell: Cell) -> None:
    with running(cell, prepared) as stack, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stack.ask, "/wait/gate")
        stack.until((stack.code / "gates/gate-waits").exists)
        stack.signal_server(signal.SIGTERM)
        # Not before the signal has had its effect: it might cut the request off.
        said = "Gracefully killing worker" if cell.server == "uwsgi" else "Handling signal: term"
        stack.until(lambda: said in stack.log)
        stack.open_gate("gate")
        assert waiting.result(30).text == "waited"
        stack.until(lambda: stack.server_has_ended)


def test_apache_runs_new_code_when_its_file_is_touched_and_loses_nothing(prepared: Path) -> None:
    with running(APACHE, prepared) as stack:
        before = process_of(stack)
        os.utime(stack.folder / "out/shop.wsgi")
        answers = [stack.ask("/process") for _ in range(50)]
        assert [answer.status for answer in answers] == [200] * 50
        assert process_of(stack) != before


def test_the_file_for_mod_wsgi_reads_env(prepared: Path) -> None:
    environment = environment_of_mod_wsgi(prepared)
    (packages,) = environment.glob("lib/python3*/site-packages")
    import dotenv

    if not (packages / "dotenv").exists():
        shutil.copytree(Path(dotenv.__file__).parent, packages / "dotenv")
    with running(APACHE, prepared, "FROM_THE_FILE=secret\n") as stack:
        assert stack.ask("/process").text.split()[1] == "secret"


def test_gunicorn_believes_no_header_of_whoever_connects_to_its_socket(prepared: Path) -> None:
    with running(NGINX_GUNICORN, prepared) as stack, socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(str(stack.folder / "run/shop.sock"))
        sock.sendall(b"GET /whoami HTTP/1.0\r\nHost: shop.example\r\nSCRIPT_NAME: /whoami\r\n\r\n")
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert b" 200 OK" in answer.splitlines()[0]
    assert b'"root":""' in answer.replace(b" ", b"")


def test_slow_clients_keep_no_thread_of_the_server(prepared: Path) -> None:
    with (
        running(replace(NGINX_GUNICORN, more=("--threads", "4")), prepared) as stack,
        contextlib.ExitStack() as clients,
    ):
        for _ in range(12):
            client = clients.enter_context(stack.connected())
            client.sendall(b"POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000\r\n\r\nx")
        assert stack.ask("/hello/x").status == 200


@pytest.mark.parametrize("cell", [NGINX_GUNICORN, APACHE], ids=lambda cell: cell.front)
def test_other_names_are_refused_by_the_front_where_that_was_asked_for(prepared: Path, cell: Cell) -> None:
    with running(replace(cell, more=("--only-domains",)), prepared) as stack:
        assert stack.ask("/hello/x", host="www.shop.example:443").status == 200
        if cell.front == "apache":
            assert stack.ask("/hello/x", host="evil.example").status == 421
            return
        with pytest.raises(http.client.RemoteDisconnected):
            stack.ask("/hello/x", tls=False, host="evil.example")
        with stack.connected(tls=False, port=443) as sock, pytest.raises(ssl.SSLError):
            ssl._create_unverified_context().wrap_socket(sock, server_hostname="evil.example")


class Node:
    """A server that reads a request, counts it, and then answers or breaks the connection off."""

    def __init__(self, path: Path, *, answers: bool) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        shutil.chown(path, FRONT_USER)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    self.asked.append(connection.recv(65536).split()[0].decode())
                    if self._answers:
                        connection.sendall(
                            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                        )

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@contextlib.contextmanager
def two_nodes(stack: Stack) -> Iterator[tuple[Node, Node]]:
    """Put two servers in the place of one, as whoever needs a second one does; the first breaks off."""
    paths = [stack.folder / "run/broken.sock", stack.folder / "run/good.sock"]
    conf = stack.folder / "out/nginx/shop.conf"
    before = conf.read_text()
    line = f"server unix:{stack.folder}/run/shop.sock fail_timeout=0;"
    assert line in before
    conf.write_text(before.replace(line, "".join(f"server unix:{path} max_fails=0;" for path in paths)))
    nodes = Node(paths[0], answers=False), Node(paths[1], answers=True)
    try:
        stack.restart_front(lambda: stack.ask("/").text == "ok")
        for node in nodes:
            node.asked.clear()
        yield nodes
    finally:
        for node in nodes:
            node.stop()


def test_only_a_request_that_does_nothing_is_sent_to_a_second_node(prepared: Path) -> None:
    with running(Cell("nginx", "waitress", "wsgi"), prepared) as stack, two_nodes(stack) as (broken, good):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert [stack.ask("/", method=method).status for _ in range(4)] == [200] * 4
        assert broken.asked
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            broken.asked.clear()
            good.asked.clear()
            statuses = [stack.ask("/", method=method, body=b"x").status for _ in range(4)]
            assert len(broken.asked) + len(good.asked) == 4
            assert sorted(statuses) == [200] * len(good.asked) + [502] * len(broken.asked)
            assert broken.asked
