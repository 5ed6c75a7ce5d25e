"""The agent comes from the command that starts this; nothing here speaks of it."""

from __future__ import annotations

from shop import create_app

app = create_app()
