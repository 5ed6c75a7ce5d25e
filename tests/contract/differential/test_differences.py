"""The differences that are meant are there, and are what `differences` says."""

from __future__ import annotations

from typing import Any

import pytest

from .peers import Peers

USE = {"do": "use", "variant": "plain"}
STREAMS = ["/stream/context", "/result/template-stream", "/result/template-stream-text"]
DISCARDED = [("X-Break", "after-this")]


@pytest.mark.parametrize(
    "path", ["/stream/context", "/result/template-stream", "/result/template-stream-text"]
)
@pytest.mark.parametrize(("method", "headers"), [("GET", []), ("HEAD", []), ("GET", DISCARDED)])
def test_a_stream_that_keeps_its_context_is_torn_down_once(
    path: str, method: str, headers: list[Any], peers: Peers
) -> None:
    request = {"do": "request", "path": path, "method": method, "headers": headers}
    on_flask, on_erlen = ([told["events"] for told in each] for each in peers.ask([USE, request]))
    assert on_erlen[1].count("teardown-app") == 1
    assert sum(event.startswith("teardown-appcontext ") for event in on_erlen[1]) == 1
    twice_on_flask = method == "GET" and not headers
    assert on_flask[1].count("teardown-app") == (2 if twice_on_flask else 1)
