"""Each server answers each request as the table says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .curl import CURL
from .matrix import REQUESTS
from .requests import get
from .servers import SERVERS, Running, Server, running
from .table import EXPECTED, OTHERWISE, expected

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

CELLS = [
    pytest.param(server, request, id=f"{server.name}-{request.replace(' ', '_')}")
    for server in SERVERS
    for request in EXPECTED
    if expected(server, request) is not None
]


class House:
    """Keeps the server that was asked last: each is started once, as long as it is not stopped."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.folders = folders
        self.current: Running | None = None
        self.stack = contextlib.ExitStack()

    @contextlib.contextmanager
    def serving(self, server: Server) -> Iterator[Running]:
        """Have the server run; one that fails is not asked again, so that each cell stands for itself."""
        if self.current is None or self.current.server is not server or self.current.ended:
            self.close()
            folder: Path = self.folders.mktemp(server.name)
            self.current = self.stack.enter_context(running(server, folder))
        try:
            yield self.current
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.current = None
        self.stack.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory)
    try:
        yield house
    finally:
        house.close()


@pytest.mark.parametrize(("server", "request_name"), CELLS)
def test_a_server_answers_as_the_table_says(house: House, server: Server, request_name: str) -> None:
    if request_name.startswith("curl") and CURL is None:
        pytest.skip("curl is not installed")
    with house.serving(server) as serving:
        came = REQUESTS[request_name](serving)
        assert came == expected(server, request_name), serving.log[-2000:]
        requests, teardowns = serving.settled()
        assert requests == teardowns, "A request was not torn down, or twice."
        if not serving.ended:
            assert get(serving, "/").body == b"hello", "It does not answer any more."


def test_the_table_has_a_row_for_each_request() -> None:
    assert set(EXPECTED) == set(REQUESTS)


def test_deviations_are_of_servers_and_requests_and_deviate() -> None:
    for name, deviations in OTHERWISE.items():
        server = next(each for each in SERVERS if each.name == name)
        for request, deviation in deviations.items():
            usual = EXPECTED[request]
            assert deviation.answer != (usual if isinstance(usual, str) else usual[server.protocol == "asgi"])
            assert deviation.reason
