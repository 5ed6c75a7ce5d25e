"""A browser of few words: keeps cookies, and sends the token of the form that it saw last."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ..measure import CannotMeasure
from ..wsgi import Answer, Request

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, Any]  # a list is sent as several fields of one name


@dataclass
class Client:
    """Somebody who visits one application."""

    ask: Callable[[Request], Answer]
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send(self.request(path, headers=headers))

    def post(self, path: str, fields: Fields) -> Answer:
        """Fill in the form at a path and send it."""
        self.get(path)
        return self.send(self.request(path, fields))

    def request(
        self, path: str, fields: Fields | None = None, headers: Mapping[str, str] | None = None
    ) -> Request:
        """Return the request that this visitor would send."""
        path, _, query = path.partition("?")
        sent = dict(headers or {})
        if self.cookies:
            sent["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if fields is None:
            return Request("GET", path, query, headers=sent)
        filled = {**fields, "csrf_token": self.token} if self.token else fields
        return Request("POST", path, query, urlencode(filled, doseq=True).encode(), FORM, sent)

    def send(self, request: Request) -> Answer:
        """Send a request, and keep what its answer says for later ones.

        Raise CannotMeasure when the application refuses it.
        """
        answer = self.ask(request)
        if answer.status >= "400":
            raise CannotMeasure(f"{request.method} {request.path} is answered with {answer.status}")
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if found := TOKEN.search(answer.body.decode("utf-8", "replace")):
            self.token = found[1]
        return answer
