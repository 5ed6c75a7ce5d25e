"""What is active, and how contexts end."""

from __future__ import annotations

import typing as t

from tests.serve.beside import Framework


def noting_ends(framework: Framework, app: t.Any, log: list[t.Any]) -> None:
    """Note the end of each context of *app*, and what still answers then."""

    def note(name: str) -> t.Callable[..., None]:
        def teardown(error: BaseException | None) -> None:
            path = framework.request.path if framework.has_request_context() else None
            user = framework.g.get("user") if framework.has_app_context() else None
            log.append((name, app.name, repr(error), path, user))

        return teardown

    app.teardown_request(note("request"))
    app.teardown_appcontext(note("app"))


def active(framework: Framework) -> tuple[object, ...]:
    """Return what is active: the application, the path of the request, the user in g."""
    return (
        framework.has_app_context() and framework.current_app.name,
        framework.has_request_context() and framework.request.path,
        framework.has_app_context() and framework.g.get("user"),
    )
