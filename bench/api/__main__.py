"""The command line of the benchmark of typed views."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from .. import command, machine
from ..asgi.server import Server
from ..measure import FULL, QUICK, Effort
from .apps import ASGI, WSGI, load
from .cases import cases


def take(wsgi: list[str], asgi: list[str], effort: Effort) -> dict[str, Any]:
    """Measure by WSGI, then by ASGI."""
    by_wsgi = command.take_cases(cases(tuple(wsgi)), {name: load(name) for name in wsgi}, effort)
    apps = {name: load(name) for name in asgi}
    with Server() as server:
        for app in apps.values():
            server.start(app)
        by_asgi = command.take_cases(cases(tuple(asgi)), apps, effort, server)
    return {
        "taken_at": command.now(),
        **machine.describe(),
        "effort": asdict(effort),
        "wsgi": by_wsgi,
        "asgi": by_asgi,
    }


if __name__ == "__main__":
    result = take(list(WSGI), list(ASGI), QUICK if "--quick" in sys.argv else FULL)
    for protocol, own in (("wsgi", "erlen"), ("asgi", "erlen_async")):
        for case in result[protocol]:
            times = case["microseconds"]
            print(
                protocol,
                case["name"],
                {name: round(time, 1) for name, time in times.items()},
                {name: round(time / times[own], 2) for name, time in times.items()},
            )
