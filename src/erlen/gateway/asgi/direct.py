"""Answers for exact paths, which the gateway calls by itself: ``app.direct_answers``, by ASGI."""

from __future__ import annotations

import typing as t

from .environ import MalformedScope, path_of

if t.TYPE_CHECKING:
    from ... import typing as ft
    from ...serve.contract import Application
    from .types import Scope


def find_direct_answer(app: Application, scope: Scope) -> ft.DirectAnswer | None:
    """Return the direct answer for the path of a request, or None where it goes the usual way.

    That is also the way through WSGI middleware: it sees the request first, as under a WSGI server.
    """
    try:
        found = app.direct_answers.get(path_of(scope))
    except (MalformedScope, AttributeError, KeyError, TypeError):
        return None  # the usual way says what is wrong with it
    if found is None or app.request_planner.own(app).proxies is None:
        return None
    return found
