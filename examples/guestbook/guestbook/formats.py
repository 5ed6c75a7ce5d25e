"""How values are shown in templates."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from .models import now

STEPS = [("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3600), ("minute", 60)]


def init_app(app: Flask) -> None:
    app.add_template_filter(ago)
    app.add_template_filter(hue)


def ago(moment: datetime) -> str:
    """Say how long ago something was, in its largest unit: "3 hours ago"."""
    seconds = (now() - moment).total_seconds()
    for unit, length in STEPS:
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def hue(name: str) -> int:
    """Return a colour for a name, as an angle of the colour wheel; the same name has the same one always."""
    return sum(ord(letter) * 47 for letter in name.casefold()) % 360
