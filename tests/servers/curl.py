"""What is asked of each server with curl, as it is typed into a terminal."""

from __future__ import annotations

import shutil
import subprocess

from .requests import BEYOND, FILE, WITHIN, arrival_of, asked
from .servers import Running

CURL = shutil.which("curl")

# Exit statuses of curl, as its manual lists them.
FAILED_TO_SEND = 55
FAILED_TO_RECEIVE = 56


def curl(server: Running, path: str, *options: str, body: bytes = b"") -> bytes:
    """Return what it prints; raises CalledProcessError where it does not succeed."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *options]
    url = f"http://127.0.0.1:{server.port}{path}"
    return subprocess.run([*command, url], input=body, check=True, capture_output=True).stdout


@asked
def curl_twice(server: Running) -> str:
    first = f"http://127.0.0.1:{server.port}/"
    said = curl(server, "/", first, "--write-out", ", connections: %{num_connects}\n").decode()
    assert said.startswith("hello, connections: 1\n"), said
    return {"0": "one connection", "1": "two connections"}[said.split()[-1]]


@asked
def curl_upload(server: Running) -> str:
    """Curl says `Expect: 100-continue` by itself where a body is long."""
    return _upload(server, BEYOND[: 2 << 20], "--data-binary", "@-")


@asked
def curl_upload_beyond_the_limit(server: Running) -> str:
    """Ask again where the server hung up while curl was sending: curl then ends without reading the answer.

    A server that answers and closes while a body is on its way resets the connection (RFC 9112, section 9.6),
    and which of the two curl notices first is chance. That the answer arrives is what `upload beyond the
    limit` tells, which reads after a failure to send.
    """
    for _ in range(10):
        try:
            return _upload(server, BEYOND, "--data-binary", "@-")
        except subprocess.CalledProcessError as error:
            if error.returncode not in (FAILED_TO_SEND, FAILED_TO_RECEIVE):
                raise
    return "hung up"


@asked
def curl_upload_of_unknown_length(server: Running) -> str:
    return _upload(server, WITHIN, "--request", "POST", "--upload-file", "-")


def _upload(server: Running, body: bytes, *options: str) -> str:
    said = curl(server, "/upload", "--write-out", "\n%{http_code}", *options, body=body)
    answer, _, status = said.rpartition(b"\n")
    return arrival_of(int(status), answer, body)


@asked
def curl_range(server: Running) -> str:
    said = curl(server, "/file", "--range", "1000-1999", "--write-out", "%{http_code}")
    return f"{said[-3:].decode()}, {'these bytes' if said[:-3] == FILE[1000:2000] else 'others'}"


@asked
def curl_http_2(server: Running) -> str:
    try:
        said = curl(
            server, "/", "--http2-prior-knowledge", "--write-out", ": %{http_code} by %{http_version}"
        )
    except subprocess.CalledProcessError:
        return "not spoken"
    return said.decode().removeprefix("hello: ")
