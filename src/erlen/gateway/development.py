"""The development server: Werkzeug's, with its reloader and debugger."""

from __future__ import annotations

import os
import typing as t

from ..helpers import get_debug_flag, get_load_dotenv
from ..serve.contract import Application

if t.TYPE_CHECKING:
    pass


class DevelopmentServer(Application):
    """The development server of an application. Never in production: see the deployment guide."""

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        **options: t.Any,
    ) -> None:
        """Serve the application until interrupted.

        Host and port are those given, else SERVER_NAME's, else 127.0.0.1 and 5000. *debug* turns
        on reloader and debugger. *options* go to ``werkzeug.serving.run_simple``. Does nothing
        inside ``erlen run``, which serves the application itself.
        """
        import click
        from werkzeug import serving

        from .. import cli

        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            if not serving.is_running_from_reloader():
                click.secho(_IGNORED, fg="red")
            return
        dotenv_is_wanted = get_load_dotenv(load_dotenv)
        if dotenv_is_wanted:
            cli.load_dotenv()
        if debug is None and dotenv_is_wanted and "FLASK_DEBUG" in os.environ:
            debug = get_debug_flag()
        if debug is not None:
            self.debug = bool(debug)
        self.request_planner.current(self)  # what cannot be served is an error now
        options = {"use_reloader": self.debug, "use_debugger": self.debug, "threaded": True, **options}
        cli.show_server_banner(self.debug, self.name)
        application: t.Any = self
        named_host, _, named_port = (self.config.get("SERVER_NAME") or "").partition(":")
        try:
            serving.run_simple(
                host or named_host or "127.0.0.1",
                _port(port, named_port),
                application,
                **options,
            )
        finally:
            # The reloader may end the server and leave the interpreter: set-up is open again.
            self._got_first_request = False


def _port(given: int | None, named: str) -> int:
    if given is not None:
        return int(given)
    return int(named) if named else 5000


_IGNORED = (
    " * 'app.run()' was ignored: the application is being served by the command line already.\n"
    "   Call it below 'if __name__ == \"__main__\"' only."
)
