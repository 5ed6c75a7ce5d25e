"""Both frameworks answer any request alike: status, headers, body, order of hooks, contexts left behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.amounts import part_of

from . import strategies
from .application import VARIANTS
from .comparison import assert_same, searching
from .peers import Peers

# Inside of these tests it is Hypothesis that asks.
pytestmark = [pytest.mark.timeout(600), pytest.mark.hypothesis]


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_request_is_answered_alike(variant: str, peers: Peers) -> None:
    @searching(part_of(60), variant)
    @given(requests=st.lists(strategies.requests(), min_size=1, max_size=4))
    def search(requests: list[dict[str, Any]]) -> None:
        assert_same(peers, [{"do": "use", "variant": variant}, *requests])

    search()


@pytest.mark.parametrize("variant", ["bare", "limited"])
def test_any_query_form_and_cookie_is_read_alike(variant: str, peers: Peers) -> None:
    @searching(part_of(150), variant)
    @given(requests=st.lists(strategies.READING, min_size=1, max_size=5))
    def search(requests: list[dict[str, Any]]) -> None:
        assert_same(peers, [{"do": "use", "variant": variant}, *requests])

    search()
