"""`python -m erlen` and the `erlen` script: the command line, where `import flask` means Erlen.

`python -m flask` and `python -m flask.cli` run it too.
"""

from __future__ import annotations

import os

import click

# Not by relative imports: it may run as a module of Flask's.
from erlen import as_flask, cli


def _turn_legacy_on(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Turn the legacy layer on, in processes started from here too."""
    if value:
        if os.environ.get(as_flask.LEGACY_VARIABLE, "0") in ("", "0"):
            os.environ[as_flask.LEGACY_VARIABLE] = "1.1"
        as_flask.install()


# Eager: the application is imported after it, also where only the help text is wanted.
legacy_option = click.Option(
    ["--legacy", "legacy_layer"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    allow_from_autoenv=False,
    callback=_turn_legacy_on,
    help=(
        "Bring back the names and the behaviour of Flask 1.1; ERLEN_LEGACY=2.2 in the environment says which"
        " Flask's otherwise."
    ),
)


def main() -> None:
    """Run the command line; `import flask` means Erlen from here on, in processes started from it too."""
    as_flask.install()
    os.environ[as_flask.VARIABLE] = "1"
    if legacy_option not in cli.cli.params:
        cli.cli.params.append(legacy_option)
    cli.main()


if __name__ == "__main__":
    main()
