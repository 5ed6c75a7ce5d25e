"""What the plan needs of an application, besides what ``declare`` does."""

from __future__ import annotations

import typing as t

from ..declare import contract

if t.TYPE_CHECKING:
    from ..json.provider import JSONProvider
    from ..sessions import SessionInterface
    from ..wrappers import Request, Response
    from .planner import Planner


class Application(contract.Application):
    """An application whose plan is worked out: its planner, and what is the application's own to choose.

    The plan also looks up the seams (``overrides``) by their names: are they Erlen's own?
    """

    request_planner: Planner
    is_to_be_started: t.Callable[[], bool]

    # the folder of static files
    static_folder: str | None

    # classes and collaborators that somebody may replace
    json: JSONProvider
    request_class: type[Request]
    response_class: type[Response]
    session_interface: SessionInterface
    app_ctx_globals_class: type[t.Any]
    subdomain_matching: bool

    # seams
    ensure_sync: t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]
    async_to_sync: t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]


if t.TYPE_CHECKING:
    from ..declare.contract import AnyApplication as AnyApplication
