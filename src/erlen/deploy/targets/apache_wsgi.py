"""Apache's mod_wsgi: its daemon process, its directives, and the file that it runs."""

from __future__ import annotations

import typing as t

from .quoting import apache as quoted
from .quoting import python
from .start_command import GRACE, WORKERS

if t.TYPE_CHECKING:
    from .site import Site

_THREADS = 15


def script_file(site: Site) -> str:
    """Return where the file is that mod_wsgi runs."""
    return f"{site.settings}/{site.name}.wsgi"


def wsgi_process(site: Site) -> list[str]:
    """Return the lines that start processes of the site's user."""
    words = [
        f"WSGIDaemonProcess {site.name}",
        f"user={site.user}",
        f"group={site.user}",
        f"processes={site.workers or WORKERS}",
        f"threads={site.threads or _THREADS}",
        f"python-home={quoted(site.environment)}",
        f"home={quoted(site.folder)}",
        "lang=C.UTF-8",
        "locale=C.UTF-8",
        "umask=0027",
        # Time for running requests when the file was touched, or Apache stops.
        f"graceful-timeout={GRACE}",
        f"shutdown-timeout={GRACE}",
        # A full session cookie and more.
        "header-buffer-size=65536",
        "display-name=%{GROUP}",
    ]
    return [" ".join(words), ""]


def wsgi_directives(site: Site) -> list[str]:
    """Return the lines of the virtual host."""
    there = script_file(site)
    folder, _, name = there.rpartition("/")
    return [
        f"WSGIProcessGroup {site.name}",
        "# The main interpreter, which compiled packages and loops of coroutines need.",
        "WSGIApplicationGroup %{GLOBAL}",
        "WSGIPassAuthorization On",
        "# A body without a length, as nginx and the other servers take it.",
        "WSGIChunkedRequest On",
        f"WSGIScriptAlias {quoted(site.prefix or '/')} {quoted(there)}",
        f"<Directory {quoted(folder)}>",
        f"    <Files {quoted(name)}>",
        "        Require all granted",
        "    </Files>",
        "</Directory>",
    ]


def script(site: Site) -> str:
    """Return the file that mod_wsgi runs: it wants an object named `application`."""
    module, _, expression = site.application.partition(":")
    lines = [
        "import os",
        "import sys",
        "",
        f"FOLDER = {python(site.folder)}",
        "os.chdir(FOLDER)",
        "sys.path.insert(0, FOLDER)",
        "",
        "from erlen.config import load_env",
        "",
        "# Apache's SetEnv reaches no os.environ, so variables come from this file.",
        'load_env(os.path.join(FOLDER, ".env"))',
    ]
    if site.needs_alias:
        lines += [
            "",
            "# Something imports Flask: from here on, that is Erlen.",
            "import erlen.as_flask",
            "",
            "erlen.as_flask.install()",
        ]
    if expression.isidentifier():
        lines += ["", f"from {module} import {expression} as application"]
    else:
        lines += ["", f"import {module}", "", f"application = {module}.{expression}"]
    return "\n".join(lines) + "\n"
