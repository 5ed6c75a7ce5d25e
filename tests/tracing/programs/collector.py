"""Takes what agents send, on a port of its own, and gives it back as JSON: GET /recorded.

    python collector.py

prints its address. Datadog's traces come as msgpack, OpenTelemetry's as protobuf, Elastic's as lines of JSON,
Sentry's as envelopes, Rollbar's as JSON, and Scout's as JSON behind a length on a connection of its own.
"""

from __future__ import annotations

import gzip
import json
import socketserver
import struct
import threading
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RECORDED: list[Any] = []
LOCK = threading.Lock()


def of_datadog(body: bytes) -> list[Any]:
    import msgpack

    return [span for trace in msgpack.unpackb(body, strict_map_key=False) for span in trace]


def of_opentelemetry(body: bytes) -> list[Any]:
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    told = MessageToDict(ExportTraceServiceRequest.FromString(body))
    scopes = [scope for resource in told["resourceSpans"] for scope in resource["scopeSpans"]]
    return [{**span, "scope": scope["scope"]["name"]} for scope in scopes for span in scope["spans"]]


def of_elastic(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines() if line]


def of_sentry(body: bytes) -> list[Any]:
    """Split an envelope: https://develop.sentry.dev/sdk/data-model/envelopes/."""
    _, rest = body.split(b"\n", 1)
    told = []
    while rest.strip():
        head, rest = rest.lstrip(b"\n").split(b"\n", 1)
        header = json.loads(head)
        length = header.get("length", rest.find(b"\n") if b"\n" in rest else len(rest))
        told.append({"header": header, "payload": json.loads(rest[:length])})
        rest = rest[length:]
    return told


def of_rollbar(body: bytes) -> list[Any]:
    return [json.loads(body)]


FORMATS: dict[str, Callable[[bytes], list[Any]]] = {
    "/v0.4/traces": of_datadog,
    "/v1/traces": of_opentelemetry,
    "/intake/v2/events": of_elastic,
    "/api/1/envelope/": of_sentry,
    "/api/1/item/": of_rollbar,
}
# What each expects to read.
ANSWERS = {"/v0.4/traces": b'{"rate_by_service": {}}', "/api/1/item/": b'{"err": 0, "result": {}}'}


class Agents(BaseHTTPRequestHandler):
    """What agents ask for by HTTP."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/recorded":
            with LOCK:
                self.answer(json.dumps(RECORDED).encode())
        elif self.path == "/info":
            self.answer(b'{"version": "7.60.0", "endpoints": ["/v0.4/traces"], "client_drop_p0s": false}')
        else:
            self.answer(b"{}", 404)

    def do_POST(self) -> None:
        body = self.body()
        path = self.path.partition("?")[0]
        if path in FORMATS and body:
            with LOCK:
                RECORDED.extend(FORMATS[path](body))
        self.answer(ANSWERS.get(path, b"{}"), 202 if path.startswith("/intake") else 200)

    do_PUT = do_POST

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self.chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        coding = self.headers.get("Content-Encoding")
        if coding == "deflate":
            return zlib.decompress(body)
        return gzip.decompress(body) if coding == "gzip" else body

    def chunk(self) -> bytes:
        body = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return body

    def answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: Any) -> None:
        """Be silent."""


class Core(socketserver.BaseRequestHandler):
    """What Scout's library tells the program that it expects beside it."""

    def handle(self) -> None:
        while length := self.request.recv(4, 0x100):  # all four bytes: MSG_WAITALL
            (size,) = struct.unpack(">I", length)
            told = json.loads(self.request.recv(size, 0x100))
            with LOCK:
                RECORDED.append(told)
            answer = json.dumps({kind: {"result": "Success"} for kind in told}).encode()
            self.request.sendall(struct.pack(">I", len(answer)) + answer)


def main() -> None:
    socketserver.ThreadingTCPServer.daemon_threads = True
    core = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Core)
    threading.Thread(target=core.serve_forever, daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agents)
    print(server.server_port, core.server_address[1], flush=True)
    server.serve_forever()


main()
