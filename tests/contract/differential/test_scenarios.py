"""Stories of more than one request go the same way on both frameworks."""

from __future__ import annotations

import pytest

from . import scenarios
from .comparison import assert_same
from .peers import Peers

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("name", scenarios.ALL)
def test_scenario(name: str, peers: Peers) -> None:
    assert_same(peers, [{"do": "scenario", "name": name}])
