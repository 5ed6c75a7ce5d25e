"""The command line: finding the application, the groups and commands, the options and their environment.

==================  =============================================================================
`discovery`         finds the application for `module:name`, for a path, or without either
`script_info`       the application of a command, and the application context around it
`environment`       environment files; `ERLEN_…` variables beside `FLASK_…`
`options`           `--app`, `--debug`, `--env-file`, `--version`
`plugins`           commands of other distributions
`app_group`         the group of an application's own commands
`groups`            the group that puts all of this together
`certificates`      the values of `--cert` and `--key`
`commands`          `run`, `shell`, `routes`
==================  =============================================================================

COMPAT: in Flask all of this is one module, and a name patched in it takes effect wherever the module
uses that name. So the modules here call each other through this package: they import it as `cli` and
write `cli.locate_app(…)`, which looks the name up at the time of the call. Only what a class or a
decorator needs at definition time is imported directly.
"""

from __future__ import annotations

# COMPAT: modules and helpers that are used (and patched) as attributes of `flask.cli`. All of them are
# loaded by Erlen's dependencies in any case; `importlib.metadata` is not, and waits until it is needed.
import ast as ast
import collections.abc as cabc  # noqa: F401
import importlib as importlib
import inspect as inspect
import os as os
import platform as platform
import re as re
import sys as sys
import traceback as traceback
import typing as t  # noqa: F401
from functools import update_wrapper as update_wrapper
from operator import itemgetter as itemgetter
from types import ModuleType as ModuleType

import click as click
from click.core import ParameterSource as ParameterSource
from werkzeug.serving import is_running_from_reloader as is_running_from_reloader
from werkzeug.serving import run_simple as run_simple
from werkzeug.utils import import_string as import_string

from ..globals import current_app as current_app
from ..helpers import get_debug_flag as get_debug_flag
from ..helpers import get_load_dotenv as get_load_dotenv
from .app_group import AppGroup as AppGroup
from .certificates import CertParamType as CertParamType
from .certificates import _validate_key as _validate_key
from .commands import SeparatedPathType as SeparatedPathType
from .commands import routes_command as routes_command
from .commands import run_command as run_command
from .commands import shell_command as shell_command
from .commands import show_server_banner as show_server_banner
from .discovery import NoAppException as NoAppException
from .discovery import _called_with_wrong_args as _called_with_wrong_args
from .discovery import _path_is_ancestor as _path_is_ancestor
from .discovery import find_app_by_string as find_app_by_string
from .discovery import find_best_app as find_best_app
from .discovery import invoke_factory as invoke_factory
from .discovery import locate_app as locate_app
from .discovery import prepare_import as prepare_import
from .environment import load_dotenv as load_dotenv
from .groups import FlaskGroup as FlaskGroup
from .options import _app_option as _app_option
from .options import _debug_option as _debug_option
from .options import _env_file_callback as _env_file_callback
from .options import _env_file_option as _env_file_option
from .options import _set_app as _set_app
from .options import _set_debug as _set_debug
from .options import get_version as get_version
from .options import version_option as version_option
from .script_info import F as F
from .script_info import ScriptInfo as ScriptInfo
from .script_info import pass_script_info as pass_script_info
from .script_info import with_appcontext as with_appcontext

cli = FlaskGroup(
    name="erlen",
    help="""\
Run, inspect and manage an Erlen or Flask application.

The application is found by itself in 'wsgi.py' or 'app.py' of the folder you are in. Anywhere else,
say where it is: with '--app', or with FLASK_APP (or ERLEN_APP) in the environment.

Commands that the application and installed extensions define are listed below too.
""",
)


def main() -> None:
    """Run the command line with the arguments of the process, and exit.

    `python -m erlen` and the `erlen` script make `import flask` mean Erlen first, then come here.
    """
    cli.main()
