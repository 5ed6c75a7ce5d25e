"""The application of a command, and the application context that the command runs in."""

from __future__ import annotations

import inspect
import os
import re
import typing as t
from functools import update_wrapper

import click

import erlen.cli as cli

from .discovery import refuse_other_flask

if t.TYPE_CHECKING:
    from ..globals import Erlen

F = t.TypeVar("F", bound=t.Callable[..., t.Any])

# A colon before a slash belongs to a Windows drive: `C:\site\app.py:app`.
_COLON = re.compile(r":(?![\\/])")

# COMPAT: Flask looks into `wsgi.py` first.
_DEFAULT_FILES = ("wsgi.py", "app.py")


class ScriptInfo:
    """The application of a command line, as Click's contexts carry it; it is loaded when it is asked for.

    `create_app` is called without arguments and goes before `app_import_path`; with neither, the usual
    files are tried. `load_dotenv_defaults` only records the choice; `FLASK_SKIP_DOTENV` goes before it.
    """

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: t.Callable[..., Erlen] | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        self.data: dict[t.Any, t.Any] = {}
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults = cli.get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: Erlen | None = None

    def load_app(self) -> Erlen:
        """Return the application; import or make it at the first call.

        Its debug mode is set from the environment, unless `set_debug_flag` is off. Raises
        `NoAppException` when there is no application.
        """
        if self._loaded_app is None:
            app = self._find_app()
            if self.set_debug_flag:
                app.debug = cli.get_debug_flag()
            self._loaded_app = app
        return self._loaded_app

    def _find_app(self) -> Erlen:
        if self.create_app is not None:
            app: Erlen | None = cli.invoke_factory(self.create_app)
            problem = f"The factory {self.create_app!r} returned None in place of an application."
            refuse_other_flask(app, f"{self.create_app!r}()")
        elif self.app_import_path:
            path, *name = _COLON.split(self.app_import_path, maxsplit=1)
            app = cli.locate_app(cli.prepare_import(path), name[0] if name else None)
            problem = f"{self.app_import_path!r} gave no application."
        else:
            app = _find_default_app()
            problem = (
                f"There is no application here: no 'wsgi.py' or 'app.py' in {os.getcwd()!r}. Go to the"
                " application's folder, or say where it is: 'erlen --app module:name …', or FLASK_APP in the"
                " environment."
            )
        if app is None:
            raise cli.NoAppException(problem)
        return app


def _find_default_app() -> Erlen | None:
    for path in _DEFAULT_FILES:
        app = cli.locate_app(cli.prepare_import(path), None, raise_if_not_found=False)
        if app is not None:
            return app
    return None


pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)


def with_appcontext(f: F) -> F:
    """Run a command with the application context of the command line's application.

    A context that is active already is used as it is. A coroutine function runs to its end.
    Commands under `app.cli` and `blueprint.cli` do not need this.
    """

    @click.pass_context
    def in_context(ctx: click.Context, /, *args: t.Any, **kwargs: t.Any) -> t.Any:
        if not cli.current_app:
            ctx.with_resource(ctx.ensure_object(ScriptInfo).load_app().app_context())
        callback = cli.current_app.ensure_sync(f) if inspect.iscoroutinefunction(f) else f
        return ctx.invoke(callback, *args, **kwargs)

    return t.cast(F, update_wrapper(in_context, f))  # a function of the same signature
