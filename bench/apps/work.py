"""What every application works with, so that all of them do the same."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"

HELLO = "Hello, World!"
ITEM = {"id": 7, "name": "Erlenmeyer", "tags": ["glass", "conical"], "price": 12.5}
ROWS = [{"id": number, "name": f"Flask <{number}>", "price": number * 1.25} for number in range(10)]
GREETING = "<h1>Hello, {{ name }}!</h1>{% if friends %}<p>{{ friends|join(', ') }}</p>{% endif %}"
FRIENDS = ["Ada", "Grace"]

# Rules that nobody asks for, because a real application has more than the one that is measured.
FURTHER_RULES = 200
