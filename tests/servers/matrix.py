"""Every request, of every kind of client. Importing the modules fills the table of requests."""

from __future__ import annotations

from . import curl, http2, stopping, streams, websocket
from .requests import REQUESTS, Request

__all__ = ["CLIENTS", "REQUESTS", "Request"]

CLIENTS = (websocket, http2, streams, curl, stopping)
