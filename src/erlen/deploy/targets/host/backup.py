"""The units of the backup: what runs it every night."""

from __future__ import annotations

import typing as t

from ..quoting import account, systemd, systemd_command, systemd_line
from ..systemd import hardening

if t.TYPE_CHECKING:
    from ..site import Site


def service(site: Site) -> str:
    """Return the text of the unit that makes one backup."""
    program = f"{site.environment}/bin/python"
    words = (program, "-m", "erlen.deploy.backup", "--to", folder(site), site.shared)
    return f"""\
[Unit]
Description=A backup of the data of {site.name}

[Service]
Type=oneshot
ExecStart={systemd_command(words)}
WorkingDirectory={systemd_line(site.folder)}
User={account(site.user)}
UMask=0077
Nice=10
IOSchedulingClass=idle

{hardening(site)}ReadWritePaths={systemd(folder(site))}
"""


def timer(site: Site) -> str:
    """Return the text of the unit that says when."""
    return f"""\
[Unit]
Description=A backup of the data of {site.name}, every night

[Timer]
OnCalendar=*-*-* 03:00
RandomizedDelaySec=1h
# One that was missed, because the machine was off, is made up for.
Persistent=true

[Install]
WantedBy=timers.target
"""


def folder(site: Site) -> str:
    """Return the folder of the backups."""
    return f"{site.folder.removesuffix('/current')}/backups"
