"""A unit for systemd, and the unit of its socket where the server can take one."""

from __future__ import annotations

import typing as t

from .files import File
from .quoting import account, systemd, systemd_command, systemd_line
from .site import Impossible
from .start_command import GRACE, SOCKET_ACTIVATED, start_command

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site
    from .start_command import StartCommand

SECONDS_TO_STOP = GRACE + 15
"""How long a server has until it is killed: more than the requests have that are under way."""

# What an application for the web needs nothing of. `systemd-analyze security` judges it.
# Not MemoryDenyWriteExecute: cffi, numba and other compilers write code and run it.
_HARDENING = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
{home}
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Servers give their Unix sockets to a group, and set the priority of their workers.
SystemCallFilter=@chown setpriority sched_setaffinity
SystemCallErrorNumber=EPERM
"""


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    _check_folder(site.folder)
    with_socket = has_socket_unit(site)
    yield File(
        f"systemd/{site.name}.service",
        service(site),
        (
            "Copy it to /etc/systemd/system, then:",
            f"systemctl daemon-reload && systemctl enable --now {site.name}",
            f"The variables of the application are in {site.shared}/.env, which {site.user} can read.",
        ),
    )
    if with_socket:
        yield File(
            f"systemd/{site.name}.socket",
            socket(site),
            (f"Copy it to /etc/systemd/system, beside {site.name}.service, which needs it.",),
        )


def has_socket_unit(site: Site) -> bool:
    """Tell whether systemd opens the socket, so that nobody is refused during a restart."""
    return site.server in SOCKET_ACTIVATED


def service(site: Site) -> str:
    """Return the text of the unit."""
    command = start_command(site, inherits_socket=has_socket_unit(site))
    return f"""\
[Unit]
Description={site.name}, served by {site.server}
After=network-online.target
Wants=network-online.target
{_needs_socket(site)}\
# It tries again for ever, where systemd would give up, and close the socket, after five times.
StartLimitIntervalSec=0

[Service]
{_start(site, command)}
WorkingDirectory={systemd_line(site.folder)}
User={account(site.user)}
# With the group of the front it can connect to the socket. Nobody else gets into the folder of that.
Group={account(site.front_group)}
RuntimeDirectory={_runtime_directory(site)}
RuntimeDirectoryMode=2750
{_preserve(site)}UMask=0027
{_stop(site, command)}
{hardening(site)}
[Install]
WantedBy=multi-user.target
"""


def socket(site: Site) -> str:
    """Return the text of the unit of the socket."""
    if site.socket is None:
        return f"""\
[Unit]
Description=The socket of {site.name}

[Socket]
ListenStream={site.host}:{site.port}

[Install]
WantedBy=sockets.target
"""
    return f"""\
[Unit]
Description=The socket of {site.name}

[Socket]
ListenStream={systemd_line(site.socket)}
SocketUser={account(site.user)}
SocketGroup={account(site.front_group)}
SocketMode=0660

[Install]
WantedBy=sockets.target
"""


def hardening(site: Site) -> str:
    """Return what a unit of the site may not do, and where it may write."""
    is_below_home = site.folder.startswith(("/home/", "/root/"))
    home = "ProtectHome=read-only" if is_below_home else "ProtectHome=yes"
    writable = (f"{site.shared}/instance", *(folder.path for folder in site.media))
    return _HARDENING.format(home=home) + f"ReadWritePaths={' '.join(map(systemd, writable))}\n"


def with_environment_file(site: Site, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that has the variables of `.env`.

    `erlen serve` reads the file by itself, and gunicorn's configuration does. For other servers,
    python-dotenv reads it and becomes the server; systemd's own EnvironmentFile= means something else by
    `$`, `#`, backslashes and `export`.
    """
    if site.server in ("erlen", "gunicorn"):
        return words
    dotenv = (f"{site.environment}/bin/dotenv", "-f", f"{site.folder}/.env", "run", "--no-override", "--")
    return (*dotenv, *words)


def _runtime_directory(site: Site) -> str:
    """Return the folder of the socket as systemd takes it: from `/run` on."""
    name = site.run_folder.removeprefix("/run/")
    if name == site.run_folder:
        raise Impossible(
            f"systemd makes the folder of the socket, and only below /run: use another '--socket' than"
            f" {site.socket!r}, such as /run/{site.name}/{site.name}.sock."
        )
    return systemd(name)


def _preserve(site: Site) -> str:
    # Otherwise the folder goes when the service stops or dies, with the file of its socket: granian refuses
    # to listen at one that is there.
    if not has_socket_unit(site):
        return ""
    return "# What systemd listens on is in there, and stays.\nRuntimeDirectoryPreserve=yes\n"


def _needs_socket(site: Site) -> str:
    if not has_socket_unit(site):
        return ""
    return f"Requires={site.name}.socket\nAfter={site.name}.socket\n"


def _start(site: Site, command: StartCommand) -> str:
    lines = [f"Type={'notify' if command.notifies else 'exec'}"]
    lines += [f"Environment={name}={systemd(value)}" for name, value in command.environment.items()]
    lines += [
        "# .env is read by the server, or by what runs before it. EnvironmentFile= would take '$', '#' and",
        "# backslashes for something else.",
    ]
    lines.append(f"ExecStart={systemd_command(with_environment_file(site, command.words))}")
    if command.reload is not None:
        lines.append("# It waits until the new code serves.")
        lines.append(f"ExecReload={systemd_command(command.reload)}")
    elif command.reload_signal is not None:
        lines.append(f"ExecReload=/bin/kill -{command.reload_signal.removeprefix('SIG')} $MAINPID")
    if site.server == "erlen":
        lines.append("WatchdogSec=30")
    lines.append("TimeoutStartSec=120")
    return "\n".join(lines)


def _stop(site: Site, command: StartCommand) -> str:
    # hypercorn may end with status 0 when one of its workers has died.
    restart = "always" if site.server == "hypercorn" else "on-failure"
    return f"""\
# Requests finish: the main process alone is told to stop.
KillMode=mixed
KillSignal={command.stop_signal}
TimeoutStopSec={SECONDS_TO_STOP}
Restart={restart}
RestartSec=1
# A worker that the kernel kills for its memory is replaced; the others go on.
OOMPolicy=continue
"""


def _check_folder(folder: str) -> None:
    if f"{folder}/".startswith(("/tmp/", "/var/tmp/")):
        raise Impossible(
            f"The unit has a /tmp of its own, so that it would not find the code in {folder!r}: use another"
            " '--folder', such as /srv/NAME/current."
        )
    if not folder.startswith("/"):
        raise Impossible(f"'--folder' is a whole path, such as /srv/NAME/current, not {folder!r}.")
