"""Asks the application for its pages, and calls a function with arguments of the wrong type."""

from __future__ import annotations

from shopapp import add, create_app

client = create_app().test_client()
print(client.get("/?name=Ada").text, client.get("/items/7").json, client.get("/json").json)
try:
    print(add("1", "2"))
except Exception as error:
    print(type(error).__name__)
