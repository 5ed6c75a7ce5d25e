"""Where a parameter comes from, where its annotation says so: ``Annotated[str, Header("X-Trace")]``."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A part of the request, and the name that the parameter has there; None: its own name."""

    name: str | None = None
    where: t.ClassVar[str] = ""

    def key(self, parameter: str) -> str:
        """Return the name in the request of a parameter."""
        return self.name or parameter


class Query(Source):
    """A value of the query string."""

    where = "query"


class Header(Source):
    """A header; of a parameter without a name, with hyphens for underscores."""

    where = "header"

    def key(self, parameter: str) -> str:
        """Return the name in the request of a parameter."""
        return self.name or parameter.replace("_", "-")


class Cookie(Source):
    """A cookie."""

    where = "cookie"


class Form(Source):
    """A field of a form, by URL encoding or multipart."""

    where = "form"


class Body(Source):
    """The body."""

    where = "body"


def field_name(where: str, key: str) -> str:
    """Return the name in the request of a field of a record that is spread over a part of it."""
    return key.replace("_", "-") if where == "header" else key
