"""What stays out of the image: secrets first, then what it has no use for."""

from __future__ import annotations

import re
import typing as t

from ..quoting import Unquotable

if t.TYPE_CHECKING:
    from ..site import Site

_SECRETS = (
    *("**/.env*", "!**/.env.example", "**/.flaskenv", "**/*.pem", "**/*.key"),
    *("**/*.sqlite", "**/*.sqlite3", "**/*.db"),
)
_HISTORY = (".git", ".gitignore", ".github")
_TOOLS = (
    *(".venv", "venv", "**/__pycache__", "**/*.pyc", ".pytest_cache", ".mypy_cache", ".ruff_cache"),
    *(".cache", ".coverage", "*.egg-info", "build", "dist", "node_modules", "tests"),
)
_DEPLOYMENT = ("Dockerfile", ".dockerignore", "compose.yaml", "deploy", "kubernetes")


def ignored(site: Site) -> str:
    """Return the text of .dockerignore."""
    parts = {
        "Secrets and data: they are given to the container.": (*_SECRETS, *_instance(site)),
        "The history.": _HISTORY,
        "What is made anew, and tests.": _TOOLS,
        "What stands around the application.": _DEPLOYMENT,
    }
    return "\n".join(f"# {why}\n" + "\n".join(patterns) + "\n" for why, patterns in parts.items())


def _instance(site: Site) -> tuple[str, ...]:
    folder = site.project.instance
    if folder is None:
        return ("instance",)
    # SECURITY: a pattern that does not match would leave the data in the image.
    if folder != folder.strip() or not folder.isprintable():
        raise Unquotable(f"The instance folder {folder!r} has a name that .dockerignore cannot hold.")
    return (re.sub(r"([][\\*?!#])", r"\\\1", folder),)
