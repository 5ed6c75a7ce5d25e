"""The applications: how they are made, what is in them, what is asked of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..machine import ROOT
from ..wsgi import Answer, Request
from .client import Client, Fields

SECRET = "not a secret: it only signs measured cookies"
TEXT = "We will come back in spring, when the <trees> & the meadows are green. "


def nothing(client: Client) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Page:
    """A request that the application's users send often, and what its answer must contain."""

    name: str
    title: str
    path: str
    contained: bytes = b""
    fields: Fields | None = None  # of a form; without it the page is fetched
    headers: Callable[[Client], Mapping[str, str]] = nothing

    def request(self, client: Client) -> Request:
        """Return the request of a visitor. Of a form, the page with its token is asked for before."""
        if self.fields is not None:
            client.get(self.path)
        return client.request(self.path, self.fields, self.headers(client))

    def is_right(self, answer: Answer) -> bool:
        expected = "200" if self.fields is None else "302"
        return answer.status.startswith(expected) and self.contained in answer.body


@dataclass(frozen=True)
class Site:
    """An application."""

    name: str
    title: str
    module: str  # what it imports: its version is told
    make: Callable[[Path], Any]  # takes the folder for its database
    fill: Callable[[Client], None]  # leaves the client logged in
    pages: tuple[Page, ...]  # those that change the database come last


def make_flaskr(folder: Path) -> Any:
    """Make the blog of Flask's tutorial, a copy of which lies in the folder above."""
    sys.path.insert(0, str(folder.parent / "tutorial"))
    from flaskr import create_app
    from flaskr.db import init_db

    database = folder / "flaskr.sqlite"
    is_new = not database.exists()
    app = create_app({"SECRET_KEY": SECRET, "DATABASE": str(database)})
    if is_new:
        with app.app_context():
            init_db()
    return app


def fill_flaskr(client: Client) -> None:
    somebody = {"username": "ada", "password": "countess"}
    client.post("/auth/register", somebody)
    client.post("/auth/login", somebody)
    for number in range(10):
        client.post("/create", {"title": f"Post <{number}>", "body": TEXT * 2})


def make_guestbook(folder: Path) -> Any:
    sys.path.insert(0, str(ROOT / "examples" / "guestbook"))
    os.environ |= {"SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{folder}/guestbook.db"}
    from guestbook import create_app
    from guestbook.extensions import db

    app = create_app("production")
    with app.app_context():
        db.create_all()
    return app


def fill_guestbook(client: Client) -> None:
    for number in range(24):
        client.post("/", {"name": f"Guest <{number}>", "body": TEXT})
    client.get("/")  # the last message's "Thank you" is shown, once


def make_ihatemoney(folder: Path) -> Any:
    from ihatemoney.run import create_app

    settings = {"SECRET_KEY": SECRET, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/ihatemoney.db"}
    return create_app(type("Settings", (), settings), instance_path=str(folder))


def fill_ihatemoney(client: Client) -> None:
    client.get("/demo")
    client.get("/demo/")
    for number in range(17):
        client.post("/demo/add", bill(number))
    client.get("/demo/")


def bill(number: int) -> Fields:
    return {
        "date": "2024-05-01",
        "what": f"Dinner <{number}>",
        "payer": 1 + number % 3,
        "amount": 12.5 + number,
        "payed_for": [1, 2, 3],
        "bill_type": "Expense",
        "original_currency": "XXX",
    }


def bearer(client: Client) -> Mapping[str, str]:
    """Log in to I Hate Money's API."""
    basic = {"HTTP_AUTHORIZATION": "Basic ZGVtbzpkZW1v"}  # demo:demo
    token = json.loads(client.get("/api/projects/demo/token", basic).body)["token"]
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


SITES = (
    Site(
        "flaskr",
        "Flask's tutorial",
        "flask",
        make_flaskr,
        fill_flaskr,
        (
            Page("list", "list of 10 posts", "/", b"Post &lt;9&gt;"),
            Page("item", "a post in its form", "/1/update", b"Post &lt;0&gt;"),
            Page("static", "static file", "/static/style.css", b"font-family"),
            Page("form", "form sent", "/create", b"Redirecting", {"title": "New", "body": TEXT}),
        ),
    ),
    Site(
        "guestbook",
        "guestbook",
        "flask_sqlalchemy",
        make_guestbook,
        fill_guestbook,
        (
            Page("list", "list of 10 messages", "/", b"Guest &lt;23&gt;"),
            Page("item", "a message", "/messages/1", b"Guest &lt;0&gt;"),
            Page("static", "static file", "/static/style.css", b"color-scheme"),
            Page("form", "form sent", "/", b"Redirecting", {"name": "Ada", "body": TEXT}),
        ),
    ),
    Site(
        "ihatemoney",
        "I Hate Money",
        "ihatemoney",
        make_ihatemoney,
        fill_ihatemoney,
        (
            Page("list", "list of 20 bills", "/demo/", b"Dinner &lt;16&gt;"),
            Page("item", "a bill in its form", "/demo/edit/5", b"Dinner &lt;1&gt;"),
            Page("statistics", "statistics", "/demo/statistics", b"Amina"),
            Page("json", "20 bills as JSON", "/api/projects/demo/bills", b"Dinner <16>", headers=bearer),
            Page("static", "static file", "/static/css/main.css", b"@import"),
            Page("form", "form sent", "/demo/add", b"Redirecting", bill(99)),
        ),
    ),
)


def site(name: str) -> Site:
    return next(each for each in SITES if each.name == name)
