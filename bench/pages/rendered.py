"""Pages of templates: 20 messages as an application shows them, and tables of objects and of dicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType
from typing import Any

MESSAGES = 20
ROWS = 100


@dataclass
class User:
    id: int
    name: str

    @property
    def picture(self) -> str:
        return f"user{self.id}"


@dataclass
class Message:
    id: int
    author: User
    text: str
    written: date
    tags: list[str]
    likes: int


@dataclass
class Row:
    id: int
    name: str
    email: str
    price: float


USERS = [User(number, f"User <{number}>") for number in range(5)]
TEXT = "Hello & welcome: this is what I have seen today, and it was <much>. "


def messages() -> list[Message]:
    return [
        Message(
            number,
            USERS[number % 5],
            TEXT * (1 + number % 3),
            date(2026, 1, 1) + timedelta(number),
            ["flask", "templates", "python"][: number % 4],
            number % 3,
        )
        for number in range(MESSAGES)
    ]


def rows() -> list[Row]:
    return [Row(number, f"Name <{number}>", f"n{number}@example.org", number * 1.5) for number in range(ROWS)]


def add_site(app: Any, web: ModuleType) -> None:
    """Add what every page needs: the names of the site and of who is logged in, and a filter."""
    session = web.session

    @app.context_processor
    def site():
        user = USERS[3] if session.get("user") == "ada" else None
        return {"site": "Messages & more", "year": 2026, "user": user}

    @app.template_filter("day")
    def day(value):
        return f"{value.day}.{value.month}.{value.year}"


def add_rendered(app: Any, web: ModuleType) -> None:
    render_template = web.render_template
    written, objects = messages(), rows()
    dicts = [vars(row) for row in objects]
    add_site(app, web)

    @app.get("/messages")
    def show_messages():
        return render_template("messages.html", messages=written)

    @app.get("/objects")
    def show_objects():
        return render_template("table.html", rows=objects)

    @app.get("/dicts")
    def show_dicts():
        return render_template("table.html", rows=dicts)
