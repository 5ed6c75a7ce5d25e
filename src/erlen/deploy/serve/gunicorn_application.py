"""The application as gunicorn's workers load it, found and checked as by `erlen serve` itself."""

from __future__ import annotations

import sys
import typing as t

from .errors import ServeError


def application(path: str | None, root_path: str, access_log: bool) -> t.Any:
    """Return the application; end the worker with one line and the exit status where it does not load.

    SECURITY: the access log is Erlen's, since gunicorn's writes quotes in headers as they came.
    """
    from .root_path import Under
    from .settings import Settings
    from .worker.application import compile_plan, load, set_up_logs

    # The environment (ERLEN_AS_FLASK) makes `import flask` mean Erlen in these processes.
    try:
        app = load(path)
        set_up_logs(app, Settings(access_log=access_log))
        compile_plan(app)
    except ServeError as error:
        print(f"erlen serve: {error.message}", file=sys.stderr, flush=True)
        sys.exit(error.status)
    return Under(root_path, app) if root_path else app
