"""What is asked over HTTP/2 frame by frame, where httpx and curl do not do what clients may do.

For both the reset that follows an early answer (RFC 9113, section 8.1) is a failure, and httpx does not tell
the server that it has given up a download.
"""

from __future__ import annotations

import socket
from types import TracebackType

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, ResponseReceived

from .requests import BEYOND, asked
from .servers import Running


class Streams:
    """A connection with numbered streams."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.frames = H2Connection()
        self.frames.initiate_connection()

    def __enter__(self) -> Streams:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def ask(self, stream: int, method: str, path: str, *fields: tuple[str, str], ended: bool = True) -> None:
        named = {":method": method, ":path": path, ":authority": "127.0.0.1", ":scheme": "http"}
        self.frames.send_headers(stream, [*named.items(), *fields], end_stream=ended)
        self.flush()

    def send(self, stream: int, data: bytes) -> bytes:
        """Send as much as the server wants now; return the rest."""
        room = min(self.frames.local_flow_control_window(stream), len(data))
        for start in range(0, room, 16384):
            self.frames.send_data(stream, data[start : min(start + 16384, room)])
        self.flush()
        return data[room:]

    def flush(self) -> None:
        self.socket.sendall(self.frames.data_to_send())

    def events(self) -> list[Event]:
        """Wait for frames; raises ConnectionError where the server has closed."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("The server has closed the connection.")
        return self.frames.receive_data(data)

    def status(self, stream: int, body: bytes = b"") -> str:
        """Send the body until an answer comes; return its status."""
        while True:
            body = self.send(stream, body) if body else body
            for event in self.events():
                if isinstance(event, ResponseReceived) and event.stream_id == stream:
                    return str(dict(event.headers)[b":status"], "ascii")
            self.flush()


@asked
def http_2_upload_beyond_the_limit(server: Running) -> str:
    with Streams(server.port) as streams:
        size = ("content-length", str(len(BEYOND)))
        streams.ask(1, "POST", "/upload", size, ended=False)
        return streams.status(1, BEYOND)


@asked
def http_2_download_given_up(server: Running) -> str:
    return _given_up(server, "/download")


@asked
def http_2_download_from_a_coroutine_given_up(server: Running) -> str:
    return _given_up(server, "/download/coroutine")


def _given_up(server: Running, path: str) -> str:
    """Reset one stream; the connection goes on."""
    token = server.token()
    with Streams(server.port) as streams:
        streams.ask(1, "GET", f"{path}?token={token}")
        while not any(isinstance(event, DataReceived) for event in streams.events()):
            streams.flush()
        streams.frames.reset_stream(1, ErrorCodes.CANCEL)
        streams.flush()
        server.until(lambda: server.events_about(token))
        streams.ask(3, "GET", "/")
        assert streams.status(3) == "200"
    return "generator " + (server.events_about(token) or ["left open"])[-1].replace(f" {token}", "")
