"""A program for supervisor, and the folder of its socket."""

from __future__ import annotations

import typing as t

from .files import File
from .quoting import account, supervisor_command, supervisor_line
from .start_command import start_command
from .systemd import SECONDS_TO_STOP, with_environment_file

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    yield File(
        f"supervisor/{site.name}.conf",
        program(site),
        ("Copy it to /etc/supervisor/conf.d, then: supervisorctl update",),
    )
    if site.socket is not None or site.server == "erlen":
        yield File(
            f"supervisor/{site.name}.tmpfiles",
            f"d {site.run_folder} 2750 {account(site.user)} {account(site.front_group)} -\n",
            (
                f"Copy it to /etc/tmpfiles.d/{site.name}.conf, then: systemd-tmpfiles --create",
                "Without systemd, after each start of the machine:",
                f"install -d -o {site.user} -g {site.front_group} -m 2750 {site.run_folder}",
            ),
        )


def program(site: Site) -> str:
    """Return the section of the program."""
    command = start_command(site)
    variables = ",".join(f'{name}="{value}"' for name, value in command.environment.items())
    environment = f"environment={variables}\n" if variables else ""
    # hypercorn may end with status 0 when one of its workers has died.
    restart = "true" if site.server == "hypercorn" else "unexpected"
    return f"""\
[program:{site.name}]
command={supervisor_command(_without_old_socket(site, with_environment_file(site, command.words)))}
directory={supervisor_line(site.folder)}
user={account(site.user)}
{environment}umask=027
autostart=true
autorestart={restart}
startsecs=3
; Requests finish: the main process alone is told to stop. What is left after the time is killed.
stopsignal={command.stop_signal.removeprefix("SIG")}
stopasgroup=false
stopwaitsecs={SECONDS_TO_STOP}
killasgroup=true
redirect_stderr=true
stdout_logfile=/var/log/supervisor/{site.name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5
"""


def _without_old_socket(site: Site, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that removes the socket of a granian that was killed: it would not start beside it."""
    if site.server != "granian" or site.socket is None:
        return words
    return ("/bin/sh", "-c", 'rm -f -- "$0"; exec "$@"', site.socket, *words)
