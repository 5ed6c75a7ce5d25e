"""The group of the command line, which finds the application."""

from __future__ import annotations

import os
import traceback
import typing as t

import click

import erlen.cli as cli

from .app_group import AppGroup as AppGroup
from .environment import adopt_erlen_variables, variable_behind
from .plugins import own_command, plugin_commands

if t.TYPE_CHECKING:
    from ..globals import Erlen


class FlaskGroup(AppGroup):
    """A group that finds an application and offers its commands, the plugins' and Erlen's own.

    `create_app` makes the application in place of `--app`. `load_dotenv` reads `.env` and `.flaskenv`.
    `set_debug_flag` sets the application's debug mode from the environment. Everything else goes to Click.
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: t.Callable[..., Erlen] | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: t.Any,
    ) -> None:
        params = [*(extra.pop("params", None) or ()), *_own_options(add_version_option)]
        extra.setdefault("context_settings", {}).setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(params=params, **extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        self._loaded_plugin_commands = False
        if add_default_commands:
            for command in (cli.run_command, cli.shell_command, cli.routes_command):
                self.add_command(command)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: t.Any
    ) -> click.Context:
        """Make Click's context with a script info in it; from here on, `app.run()` does nothing."""
        # A module that calls `app.run()` as it is imported would start a server and never return.
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in self.context_settings:
            extra.setdefault("obj", self._script_info())
        return super().make_context(info_name, args, parent=parent, **extra)

    def _script_info(self) -> cli.ScriptInfo:
        return cli.ScriptInfo(
            create_app=self.create_app,
            set_debug_flag=self.set_debug_flag,
            load_dotenv_defaults=self.load_dotenv,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options, those from the environment even when only the help text is wanted."""
        only_help = len(args) == 1 and args[0] in self.get_help_option_names(ctx)
        try:
            if only_help or (self.no_args_is_help and not args):
                # Click would show the help before it has read the environment, and so without the
                # application's commands.
                for option in (cli._env_file_option, cli._app_option):
                    option.handle_parse_result(ctx, {}, [])
            return super().parse_args(ctx, args)
        except Exception:
            # Click drops a context that it could not fill; an application's may be pushed in it.
            ctx.close()
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command as Click does, and let it see its `ERLEN_` variables."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            prefix = f"{name.upper().replace('-', '_')}_"
            adopt_erlen_variables(ctx, lambda variable: variable.startswith(prefix))
        return name, command, rest

    def invoke(self, ctx: click.Context) -> t.Any:
        """Run the command as Click does; a wrong value from the environment is reported with its variable."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            variable = variable_behind(error)
            if variable is None:
                raise
            message = f"{error.message} It comes from the environment variable {variable}."
            raise click.BadParameter(message, error.ctx, error.param, error.param_hint) from error

    # COMPAT: Flask calls the argument `name`, Click `cmd_name`.
    def get_command(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, ctx: click.Context, name: str
    ) -> click.Command | None:
        """Return a command by name; one of the application's comes with its application context pushed.

        Where the application cannot be found, the error is printed, and the command is None.
        """
        own = None if self._loaded_plugin_commands or name in self.commands else own_command(name)
        if own is not None:
            return own
        self._load_plugin_commands()
        # These must work when the application is broken or does not exist yet.
        command = super().get_command(ctx, name)
        if command is not None:
            return command
        try:
            app = ctx.ensure_object(cli.ScriptInfo).load_app()
        except cli.NoAppException as error:
            _say_error(error)
            return None
        # Callbacks of parameters, too, may use `current_app`.
        if not cli.current_app or cli.current_app._get_current_object() is not app:
            ctx.with_resource(app.app_context())
        return app.cli.get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted; an application that fails to load is only reported."""
        self._load_plugin_commands()
        names = set(super().list_commands(ctx))
        try:
            names |= set(ctx.ensure_object(cli.ScriptInfo).load_app().cli.list_commands(ctx))
        except cli.NoAppException as error:
            _say_error(error)
        except Exception:
            cli.click.secho(f"{traceback.format_exc()}\n", err=True, fg="red")
        return sorted(names)

    def _load_plugin_commands(self) -> None:
        if not self._loaded_plugin_commands:
            for name, command in plugin_commands():
                self.add_command(command, name)
            self._loaded_plugin_commands = True


def _own_options(with_version: bool) -> list[click.Option]:
    options = [cli._env_file_option, cli._app_option, cli._debug_option]
    return [*options, cli.version_option] if with_version else options


def _say_error(error: click.ClickException) -> None:
    cli.click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
