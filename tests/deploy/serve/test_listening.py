"""Listening on an address of this machine, and what is said where that is not possible."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.listening import Listener, address_of, listen_tcp
from tests.deploy.serve.loopback import HAS_IPV6

needs_ipv6 = pytest.mark.skipif(not HAS_IPV6, reason="there is no IPv6 here")

PATIENCE = 30.0


def refusal(host: str, port: int, status: int = errors.ADDRESS) -> str:
    """Return what is said about an address that cannot be listened on."""
    with pytest.raises(ServeError) as caught:
        listen_tcp(host, port, 16).close()
    assert caught.value.status == status
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    return caught.value.message


@contextlib.contextmanager
def listening(host: str = "127.0.0.1", port: int = 0) -> Iterator[Listener]:
    listener = listen_tcp(host, port, 16)
    try:
        yield listener
    finally:
        listener.close()


def port_of(listener: Listener) -> int:
    port: int = listener.socket.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        pytest.param("::1", "[::1]", marks=needs_ipv6),
        pytest.param("[::1]", "[::1]", marks=needs_ipv6),
        pytest.param("::", "[::]", marks=needs_ipv6),
        ("localhost", "127.0.0.1"),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_the_address_is_written_as_a_browser_takes_it(host: str, address: str, tls: bool) -> None:
    listener = listen_tcp(host, 0, 16, tls=tls)
    assert listener.address == f"{'https' if tls else 'http'}://{address}:{port_of(listener)}"
    assert (listener.is_unix, listener.is_adopted, listener.name) == (False, False, "")
    assert listener.address in repr(listener)
    listener.close()


def test_the_socket_is_set_for_workers_that_inherit_it() -> None:
    with listening() as listener:
        sock = listener.socket
        assert os.get_inheritable(sock.fileno())
        assert not sock.getblocking()
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert not sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
        with socket.create_connection(sock.getsockname(), PATIENCE):
            assert select.select([sock], [], [], PATIENCE)[0]
            accepted, _ = sock.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@needs_ipv6
def test_every_address_of_the_machine_is_both_versions() -> None:
    with listening("::") as listener:
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port_of(listener)), PATIENCE).close()


@pytest.mark.parametrize("host", ["", "[]"])
def test_an_empty_host_is_not_taken_for_every_address(host: str) -> None:
    assert "0.0.0.0 for all" in refusal(host, 0, errors.USAGE)


@pytest.mark.parametrize(
    "host",
    [
        "no-such-host.invalid",
        "127.0.0.1\0evil",
        "a b",
        "a" * 300,
        "\udcff",
        "127.0.0.1\n",
        "../../etc/passwd",
        "::1]",
        "[::1",
        "fe80::1%nosuch",
        "http://127.0.0.1",
        "127.0.0.1:80",
    ],
)
def test_a_host_without_an_address_is_an_error(host: str) -> None:
    assert "has no address" in refusal(host, 8000)


def test_an_address_of_another_machine_is_an_error() -> None:
    assert refusal("203.0.113.9", 8000).startswith("'203.0.113.9' is no address of this machine")


@pytest.mark.parametrize("port", [-1, 65536, 10**20])
def test_a_port_that_does_not_exist_is_an_error(port: int) -> None:
    assert "take one from 1 to 65535" in refusal("127.0.0.1", port, errors.USAGE)


class Refused(socket.socket):
    """A socket that the system refuses something."""

    number = errno.EACCES

    def bind(self, address: object, /) -> None:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(
    ("number", "port", "said"),
    [
        (errno.EACCES, 80, "below 1024 it takes the right CAP_NET_BIND_SERVICE"),
        (errno.EPERM, 443, "below 1024"),
        (errno.EACCES, 8000, "take another port with --port."),
        (errno.EINVAL, 8000, "Invalid argument"),
    ],
)
def test_what_the_system_refuses_is_said(
    number: int, port: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Refused, "number", number)
    monkeypatch.setattr(socket, "socket", Refused)
    assert said in refusal("127.0.0.1", port)


def test_a_system_without_ipv6_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> socket.socket:
        raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))

    monkeypatch.setattr(socket, "socket", missing)
    assert "not supported" in refusal("::1", 8000)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user can only be taken by root"
)
def test_a_privileged_port_is_refused_to_a_plain_user() -> None:
    start = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if not start.exists() or int(start.read_text()) <= 80:
        pytest.skip("each user may listen on port 80 here")
    # What is imported after the change of user may not be readable for that user.
    program = (
        "import encodings.idna, os; from erlen.deploy.serve.listening import listen_tcp\n"
        "from erlen.deploy.serve.errors import ServeError\n"
        "os.setuid(65534)\n"
        "try: listen_tcp('127.0.0.1', 80, 16)\n"
        "except ServeError as error: print(error.message)"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.startswith("This user may not listen on '127.0.0.1', port 80")


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("is_other_everywhere", [False, True])
@pytest.mark.parametrize("everywhere", [False, True])
def test_a_port_in_use_is_an_error_also_where_it_is_shared(
    shares: bool, is_other_everywhere: bool, everywhere: bool
) -> None:
    """granian and others set SO_REUSEPORT, so that several sockets can listen on one port."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shares)
        other.bind(("0.0.0.0" if is_other_everywhere else "127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal("0.0.0.0" if everywhere else "127.0.0.1", port)
        assert said.startswith(f"Port {port} is in use on ")
        assert "--port" in said


def test_a_port_that_another_socket_took_and_does_not_listen_on_yet_is_had_by_one_of_them() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        with listening(port=other.getsockname()[1]), pytest.raises(OSError, match="in use"):
            other.listen()


def test_a_server_that_shares_ports_cannot_join_ours() -> None:
    with listening() as listener, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(listener.socket.getsockname())


def test_connections_of_the_server_before_do_not_keep_the_port() -> None:
    with listening() as listener:
        port = port_of(listener)
        with socket.create_connection(("127.0.0.1", port), PATIENCE):
            assert select.select([listener.socket], [], [], PATIENCE)[0]
            # Closed by the server first, so it is the server's side that waits for stray packets.
            listener.socket.accept()[0].close()
            listener.close()
            with listening(port=port):
                pass


GRANIAN_APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"granian"]
"""


@pytest.mark.servers
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_granian_serves_on_is_in_use(host: str, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(GRANIAN_APPLICATION)
    with listening() as listener:
        port = port_of(listener)
    command = [Path(sys.executable).with_name("granian"), "--interface", "wsgi", "--host", host]
    # A session of its own: granian may not hear SIGTERM while it starts, and its workers are to end with it.
    with subprocess.Popen(
        [*command, "--port", str(port), "hello:application"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as granian:
        try:
            wait_for_server(port)
            for wanted in ("127.0.0.1", "0.0.0.0", *(["::"] if HAS_IPV6 else [])):
                assert refusal(wanted, port).startswith(f"Port {port} is in use")
        finally:
            os.killpg(granian.pid, signal.SIGKILL)


@pytest.mark.servers
def test_granian_cannot_join_a_port_that_is_ours(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(GRANIAN_APPLICATION)
    with listening() as listener:
        granian = subprocess.run(
            [
                *(Path(sys.executable).with_name("granian"), "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(port_of(listener)), "hello:application"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert granian.returncode != 0
        assert "Address already in use" in granian.stdout + granian.stderr


def wait_for_server(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_gentle_end_closes_the_socket_even_when_it_is_cut_short() -> None:
    async def stop(listener: Listener) -> None:
        with socket.create_connection(listener.socket.getsockname(), PATIENCE):
            task = asyncio.create_task(listener.close_gently(PATIENCE))
            await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    listener = listen_tcp("127.0.0.1", 0, 16)
    asyncio.run(stop(listener))
    assert listener.socket.fileno() == -1


def test_where_new_connections_cannot_be_refused_the_socket_is_closed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("erlen.deploy.serve.listening.leave_handshakes_unanswered", lambda _: False)
    listener = listen_tcp("127.0.0.1", 0, 16)
    with socket.create_connection(listener.socket.getsockname(), PATIENCE):
        assert not asyncio.run(listener.close_gently(PATIENCE))
    assert listener.socket.fileno() == -1


def test_an_adopted_socket_stays_open_for_whoever_listens_next() -> None:
    with listening() as next_server:
        listener = Listener(next_server.socket.dup(), "http://127.0.0.1", is_adopted=True, name="web")
        with socket.create_connection(next_server.socket.getsockname(), PATIENCE) as client:
            assert not listener.refuse_new()
            assert asyncio.run(listener.close_gently(PATIENCE))
            assert listener.socket.fileno() == -1
            assert select.select([next_server.socket], [], [], PATIENCE)[0]
            with next_server.socket.accept()[0] as accepted:
                accepted.sendall(b"answer")
                assert client.recv(10) == b"answer"
        socket.create_connection(next_server.socket.getsockname(), PATIENCE).close()


def test_an_abstract_unix_socket_has_an_address_as_ss_writes_it() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"\0erlen-test-{os.getpid()}")
        assert address_of(sock) == f"unix:@erlen-test-{os.getpid()}"
