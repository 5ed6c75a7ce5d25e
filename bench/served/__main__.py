"""The command line of the served benchmark."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from .. import command
from ..kinds import SERVE, SERVED
from ..machine import describe_imported
from ..measure import CannotMeasure
from . import wrk
from .measure import FULL, QUICK, Effort, measure
from .servers import BESIDE_GRANIAN, SERVERS, Server

ALL = (*SERVERS, *BESIDE_GRANIAN)


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    kind = SERVE if options.beside_granian else SERVED
    known = BESIDE_GRANIAN if options.beside_granian else SERVERS
    servers = [name for name in options.servers if name in [server.name for server in known]]
    effort = QUICK if options.quick else FULL
    return command.carry_out(options, kind, lambda: take(servers, options.apps, effort))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench.served", "What a server with one worker on one core answers.")
    parser.add_argument("--beside-granian", action="store_true", help="measure erlen serve beside granian")
    apps = list(dict.fromkeys(app for server in ALL for app in server.apps))
    return command.with_choices(parser, servers=[server.name for server in ALL], apps=apps)


def take(servers: Sequence[str], apps: Sequence[str], effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise CannotMeasure when something is missing, or does not do what it is measured for.
    """
    client = {
        "wrk": wrk.version(),
    }
    chosen = [server for server in ALL if server.name in servers and set(server.apps) & set(apps)]
    surroundings = describe(chosen, apps)
    measured = [
        take_one(server, [app for app in server.apps if app in apps], effort, f"[{number}/{len(chosen)}]")
        for number, server in enumerate(chosen, 1)
    ]
    return {
        "taken_at": command.now(),
        **surroundings,
        "effort": {**asdict(effort), **client},
        "servers": measured,
    }


def take_one(server: Server, apps: Sequence[str], effort: Effort, number: str) -> dict[str, Any]:
    if server.rounds and effort == FULL:
        effort = replace(effort, rounds=server.rounds)
    progress = command.Progress(
        f"{number} {server.title}, {server.connections} connections: {', '.join(apps)}", effort.rounds
    )
    figures = measure(server, apps, effort, progress.show)
    progress.done()
    known: dict[str, Any] = {
        "name": server.name,
        "title": server.title,
        "bare": server.bare,
        "command": server.words or server.ways,
    }
    known |= {"connections": server.connections, "rounds": effort.rounds}
    return {**known, "apps": figures}


def describe(servers: Sequence[Server], apps: Sequence[str]) -> dict[str, Any]:
    """Describe the machine, and what is compiled of each server and application, one process for each."""
    imports = [server.modules for server in servers]
    imports += [server.module(app) for app in apps for server in servers if app in server.apps]
    described: dict[str, Any] = {}
    for modules in dict.fromkeys(imports):
        try:
            found = describe_imported([modules])
        except ImportError as error:
            raise CannotMeasure(
                f"{modules} cannot be imported. `make bench-served` installs it.\n{error}"
            ) from None
        for key, value in found.items():
            described[key] = described.get(key, {}) | value
    return described


if __name__ == "__main__":
    sys.exit(main())
