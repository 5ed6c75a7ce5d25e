"""What is asked inside of a release: whether the application loads, and what it has.

This text is sent to the interpreter of the release by standard input. The release may have another Erlen, and
nothing is imported here that is not public.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import typing as t

MARK = "erlen-release-facts "


def facts_of(app: t.Any) -> dict[str, t.Any]:
    """Return what a release has to know of its application."""
    return {
        "instance": app.instance_path,
        "python": platform.python_version(),
        "migrations": _has_migrations(app),
    }


def _has_migrations(app: t.Any) -> bool:
    """Tell whether `erlen db upgrade` has something to do: of Flask-Migrate, or of the application."""
    migrate = app.extensions.get("migrate")
    if migrate is not None:
        folder = os.path.join(app.root_path, str(migrate.directory))
        return any(os.path.isdir(os.path.join(each, "versions")) for each in (str(migrate.directory), folder))
    group = app.cli.commands.get("db")
    return "upgrade" in getattr(group, "commands", {})


def main() -> None:
    """Load the application that the command line names, and print its facts."""
    from erlen import as_flask

    as_flask.install()
    from erlen.cli import ScriptInfo, load_dotenv

    load_dotenv()
    name = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ERLEN_APP") or os.environ.get("FLASK_APP")
    app = ScriptInfo(name).load_app()
    print(f"\n{MARK}{json.dumps(facts_of(app))}", flush=True)


if __name__ == "__main__":
    main()
