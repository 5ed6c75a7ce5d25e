"""The server of a worker, in a process of its own, asked by real clients."""

from __future__ import annotations

import datetime
import ipaddress
import json
import signal
import socket
import ssl
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import hyperframe.frame
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from erlen import Erlen
from erlen.deploy.serve.settings import Order, Settings
from erlen.deploy.serve.worker.granian_server import Server
from erlen.deploy.serve.worker.lifespan import StartFailed

from .workers import SECONDS, Worker, get, is_open, wait_until, working

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

BOTH = pytest.mark.parametrize("interface", ["wsgi", "asgi"])


# serving


@BOTH
def test_a_worker_is_ready_when_the_application_has_started_and_is_served(
    interface: str, tmp_path: Path
) -> None:
    with working(interface, tmp_path) as worker:
        assert worker.log == ["before serving"]
        answer, body = worker.get("/")
    assert (answer.status, body) == (200, b"hello")


@BOTH
def test_an_application_that_does_not_start_says_why(interface: str, tmp_path: Path) -> None:
    (tmp_path / "fail").touch()
    with working(interface, tmp_path) as worker:
        assert worker.first == {"failed": "StartFailed: RuntimeError: The database is not there."}
        assert "The start of serving failed." in worker.stderr.read_text()


@BOTH
def test_one_process_serves_tcp_and_a_unix_socket(interface: str, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with working(interface, tmp_path, unix=path) as worker:
        over_unix = HTTPConnection("localhost")
        over_unix.sock = socket.socket(socket.AF_UNIX)
        over_unix.sock.connect(path)
        assert (get(over_unix, "/")[1], worker.get("/")[1]) == (b"hello", b"hello")
        assert worker.ask("report")["total"] == 2
        worker.tell("stop")
        assert [worker.said(), worker.said()] == [{"done": "stop"}, {"ended": True}]
        assert not is_open(worker.port)
        over_unix.close()
    assert worker.log == ["before serving", "after serving"]


@BOTH
def test_an_environ_has_nothing_of_the_environment(interface: str, tmp_path: Path) -> None:
    variables = {"SECRET_KEY": "planted-secret"}
    with working(interface, tmp_path, variables=variables, workers=2) as worker:
        found: dict[str, str] = json.loads(worker.get("/environ")[1])
    assert found["wsgi.multiprocess"] == "True"
    assert "planted-secret" not in "".join([*found, *found.values()])
    assert not {"PATH", "HOME", "SECRET_KEY"} & found.keys()


@BOTH
def test_nothing_is_between_the_runner_and_the_application(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path, variables={"NO_FRAMEWORK": interface}) as worker:
        callers = json.loads(worker.get("/")[1])
    # Behind the runner there is granian, which is not Python, or the loop.
    assert callers[0] == f"{interface}_runner.py run"
    assert not any(caller.startswith(("_futures.py", "wsgi.py", "asgi.py")) for caller in callers)
    assert interface == "asgi" or len(callers) == 1


# stop


def test_one_that_was_told_to_stop_takes_no_connections() -> None:
    """Whoever told it may have ended the process by then, and nobody is to be let in for that."""
    app, called = Erlen("shop"), []
    server = Server(app, app, "wsgi", Order(Settings(), 1, []))
    assert server.stop_before_listening()
    with pytest.raises(StartFailed, match="told to stop before it listened"):
        server.serve(lambda: called.append("ready"))
    assert not called


def test_one_that_takes_connections_is_not_stopped_before() -> None:
    app = Erlen("shop")
    server = Server(app, app, "wsgi", Order(Settings(), 1, []))
    found: list[bool] = []

    def ready() -> None:
        found.append(server.stop_before_listening())
        server._has_closed.set()

    assert server.serve(ready)
    assert found == [False]


@BOTH
def test_stopping_takes_no_more_and_ends_what_is_under_way(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path) as worker:
        slow = worker.begin("/slow")
        worker.wait_for("slow has begun")
        assert worker.ask("stop") == {"done": "stop"}
        wait_until(lambda: not is_open(worker.port))
        assert "after serving" not in worker.log
        worker.touch("go")
        answer, body = slow.result()
        assert (answer.status, body) == (200, b"slow")
        assert worker.said() == {"ended": True}
    assert worker.log[-1] == "after serving"


@BOTH
def test_a_stream_goes_on_after_the_stop(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path) as worker:
        stream = worker.begin("/stream")
        worker.wait_for("the stream has begun")
        assert worker.ask("report")["waiting"] is None
        assert worker.ask("stop") == {"done": "stop"}
        worker.touch("go")
        assert stream.result()[1] == b"firstsecond"
        assert worker.said() == {"ended": True}


@BOTH
def test_a_second_stop_does_nothing(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path) as worker:
        slow = worker.begin("/slow")
        worker.wait_for("slow has begun")
        assert [worker.ask("stop") for _ in range(4)] == [{"done": "stop"}] * 4
        worker.touch("go")
        slow.result()
        assert worker.said() == {"ended": True}


# closing


@BOTH
@pytest.mark.parametrize("path", ["/", "/stream", "/nowhere"])
def test_answers_ask_for_the_end_of_the_connection(interface: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    with working(interface, tmp_path) as worker:
        connection = worker.connection()
        assert get(connection, path)[0].getheader("Connection") is None
        assert worker.ask("close") == {"done": "close"}
        answer, _ = get(connection, path)
        assert answer.headers.get_all("Connection") == ["close"]
        assert is_open(worker.port)


@BOTH
def test_an_answer_does_so_whose_request_began_before(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path) as worker:
        slow = worker.begin("/slow")
        worker.wait_for("slow has begun")
        assert worker.ask("close") == {"done": "close"}
        worker.get("/")  # the loop has heard of it
        worker.touch("go")
        answer, body = slow.result()
        assert (answer.headers.get_all("Connection"), body) == (["close"], b"slow")


def test_a_websocket_is_told_that_the_service_restarts(tmp_path: Path) -> None:
    with working("asgi", tmp_path) as worker:
        assert worker.ask("close") == {"done": "close"}
        with connect(f"ws://127.0.0.1:{worker.port}/echo", proxy=None) as client:
            assert client.response is not None
            assert client.response.headers["Connection"].lower() == "upgrade"
            client.send("x")
            assert client.recv(SECONDS) == "x"
            report = worker.ask("report")
            assert report["oldest"]["line"] == "WEBSOCKET /echo HTTP/1.1"
            assert report["waiting"] is None
            worker.tell("stop")
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(SECONDS)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert [worker.said(), worker.said()] == [{"done": "stop"}, {"ended": True}]


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A certificate for 127.0.0.1 and its key, in files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "erlen")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    pem = serialization.Encoding.PEM
    folder.joinpath("certificate").write_bytes(made.public_bytes(pem))
    nothing = serialization.NoEncryption()
    folder.joinpath("key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, nothing))
    return {"certificate": str(folder / "certificate"), "key": str(folder / "key")}


def tls_connection(worker: Worker, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", worker.port), timeout=SECONDS)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


@BOTH
def test_tls_begins_at_1_2(interface: str, certificate: dict[str, str], tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=certificate["certificate"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with working(interface, tmp_path, **certificate) as worker, tls_connection(worker, context) as sock:
        assert sock.version() == "TLSv1.2"
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert sock.makefile("rb").read().endswith(b"hello")


@BOTH
def test_http_2_is_told_by_goaway(interface: str, certificate: dict[str, str], tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=certificate["certificate"])
    context.set_alpn_protocols(["h2", "http/1.1"])
    with working(interface, tmp_path, **certificate) as worker, tls_connection(worker, context) as sock:
        assert sock.selected_alpn_protocol() == "h2"
        client = Http2(sock)
        client.ask(1, "/slow")
        worker.wait_for("slow has begun")
        assert worker.ask("close") == {"done": "close"}
        assert worker.ask("stop") == {"done": "stop"}
        client.read_until(lambda frame: isinstance(frame, hyperframe.frame.GoAwayFrame))
        worker.touch("go")
        frames = client.read_until(lambda frame: "END_STREAM" in frame.flags)
        assert (
            b"".join(frame.data for frame in frames if isinstance(frame, hyperframe.frame.DataFrame))
            == b"slow"
        )
        sock.close()
        assert worker.said() == {"ended": True}
    assert not any(name == b"connection" for name, _ in client.headers)


class Http2:
    """A client of HTTP/2 that goes on after GOAWAY, which the library h2 does not."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        self._h2.initiate_connection()
        self._received = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def ask(self, stream: int, path: str) -> None:
        fields = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        self._h2.send_headers(stream, fields, end_stream=True)
        self._sock.sendall(self._h2.data_to_send())

    def read_until(self, is_it: Any) -> list[Any]:
        frames: list[Any] = []
        while not frames or not is_it(frames[-1]):
            frames.append(self._frame())
        return frames

    def _frame(self) -> Any:
        frame, length = hyperframe.frame.Frame.parse_frame_header(memoryview(self._take(9)))
        frame.parse_body(memoryview(self._take(length)))
        if isinstance(frame, hyperframe.frame.HeadersFrame):
            self.headers += self._h2.decoder.decode(frame.data, raw=True)
        if isinstance(frame, hyperframe.frame.PingFrame) and "ACK" not in frame.flags:
            # The server waits for that before it says which stream was the last.
            ping = hyperframe.frame.PingFrame(opaque_data=frame.opaque_data, flags=["ACK"])
            self._sock.sendall(ping.serialize())
        return frame

    def _take(self, size: int) -> bytes:
        while len(self._received) < size:
            piece = self._sock.recv(65536)
            assert piece, "The connection is closed."
            self._received += piece
        taken, self._received = self._received[:size], self._received[size:]
        return taken


# requests under way


def test_stuck_threads_are_seen_by_another_thread(tmp_path: Path) -> None:
    with working("wsgi", tmp_path, threads=2) as worker:
        for number in (1, 2):
            worker.begin(f"/stuck/{number}?token=secret")
            worker.wait_for(f"stuck {number}")
        report = worker.ask("report")
        assert (report["total"], report["under_way"]) == (2, 2)
        assert report["oldest"]["line"] == report["waiting"]["line"] == "GET /stuck/1 HTTP/1.1"
        assert report["oldest"]["seconds"] > 0
        stacks = worker.ask("stacks")["stacks"]
    for number in (1, 2):
        (part,) = [part for part in stacks.split("\n\n") if f"s at GET /stuck/{number} HTTP/1.1:" in part]
        assert "served.py" in part
        assert "in stuck\n" in part
    assert "secret" not in stacks


def test_the_stacks_of_tasks_show_what_they_wait_for(tmp_path: Path) -> None:
    with working("asgi", tmp_path) as worker:
        worker.begin("/waits")
        worker.begin("/stuck/1")
        worker.wait_for("waits")
        worker.wait_for("stuck 1")
        stacks = worker.ask("stacks")["stacks"]
        assert worker.ask("report")["under_way"] == 2
    (task,) = [part for part in stacks.split("\n\n") if "s at GET /waits HTTP/1.1:" in part]
    assert task.startswith("Task ")
    assert "in waits\n" in task
    assert "in sleep\n" in task
    (thread,) = [part for part in stacks.split("\n\n") if "in stuck\n" in part]
    assert thread.startswith("Thread ")


@BOTH
def test_a_signal_writes_stacks_though_a_thread_has_the_lock_of_the_interpreter(
    interface: str, tmp_path: Path
) -> None:
    with working(interface, tmp_path) as worker:
        worker.begin("/holds-the-lock")
        worker.wait_for("holds the lock")
        worker.process.send_signal(signal.SIGQUIT)
        wait_until(lambda: "in holds_the_lock\n" in worker.stderr.read_text())
        worker.process.kill()


# the end of the grace


def test_cutting_off_cancels_tasks(tmp_path: Path) -> None:
    with working("asgi", tmp_path) as worker:
        waits = worker.begin("/waits?token=secret")
        worker.wait_for("waits")
        worker.tell("stop")
        assert worker.said() == {"done": "stop"}
        worker.tell("cut", 20)
        said = [worker.said(), worker.said()]
        assert {"cut": ["GET /waits HTTP/1.1"]} in said
        assert {"ended": True} in said
        assert waits.result()[0].status == 500
    assert worker.log[-2:] == ["cancelled", "after serving"]


@BOTH
def test_cutting_off_leaves_threads_behind(interface: str, tmp_path: Path) -> None:
    with working(interface, tmp_path) as worker:
        worker.begin("/stuck/1")
        worker.wait_for("stuck 1")
        worker.tell("cut", 3)
        said = [worker.said(), worker.said()]
        assert {"cut": ["GET /stuck/1 HTTP/1.1"]} in said
        assert {"ended": False} in said
        assert worker.log[-1] == "after serving"


@BOTH
def test_an_end_of_serving_that_hangs_is_not_waited_for(interface: str, tmp_path: Path) -> None:
    (tmp_path / "hang").touch()
    with working(interface, tmp_path) as worker:
        worker.begin("/stuck/1")
        worker.wait_for("stuck 1")
        worker.tell("cut", 1)
        said = [worker.said(), worker.said()]
        assert {"cut": ["GET /stuck/1 HTTP/1.1"]} in said
        assert {"ended": False} in said
        assert worker.log[-1] == "after serving"
