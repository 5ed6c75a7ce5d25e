"""The Redis server of the channels' tests."""

from __future__ import annotations

from tests.channels.conftest import redis_server

__all__ = ["redis_server"]
