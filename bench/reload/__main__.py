"""The command line of the benchmark of reloads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .. import command
from ..kinds import RELOAD
from ..machine import describe_imported
from ..measure import CannotMeasure
from .measure import FULL, QUICK, Effort, measure
from .servers import SERVERS, Server

SERVER_NAMES = [server.name for server in SERVERS]


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    effort = QUICK if options.quick else FULL
    return command.carry_out(options, RELOAD, lambda: take(options.servers, effort))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench.reload", "What servers lose while their code is replaced.")
    return command.with_choices(parser, servers=SERVER_NAMES)


def take(names: Sequence[str], effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise CannotMeasure when a server is missing, or does not start.
    """
    chosen = [server for server in SERVERS if server.name in names]
    surroundings = describe(chosen)
    measured = [
        take_one(server, effort, f"[{number}/{len(chosen)}]") for number, server in enumerate(chosen, 1)
    ]
    return {"taken_at": command.now(), **surroundings, "effort": asdict(effort), "trials": measured}


def take_one(server: Server, effort: Effort, number: str) -> dict[str, Any]:
    progress = command.Progress(f"{number} {server.title}", 4)
    runs = measure(server, effort, progress.show)
    progress.done()
    return {"name": server.name, "title": server.title, "command": server.words, "runs": runs}


def describe(servers: Sequence[Server]) -> dict[str, Any]:
    """Describe the machine, and what is compiled of each server, one process for each."""
    described: dict[str, Any] = {}
    for modules in dict.fromkeys(["erlen", *(server.modules for server in servers)]):
        try:
            found = describe_imported([modules])
        except ImportError as error:
            raise CannotMeasure(f"{modules} cannot be imported.\n{error}") from None
        for key, value in found.items():
            described[key] = described.get(key, {}) | value
    return described


if __name__ == "__main__":
    sys.exit(main())
