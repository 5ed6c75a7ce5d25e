"""The command line of the benchmark of whole applications."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.contract import sources
from tests.contract.environment import Environment

from .. import command
from ..kinds import APPLICATIONS
from ..measure import CannotMeasure
from ..served import wrk
from .measure import FULL, PYTHON, QUICK, SERVER, Effort, fill, measure_inside, measure_served, room, workers
from .sites import SITES, Site

NAMES = [site.name for site in SITES]


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser("bench.applications", "What whole applications answer, and where the time goes.")
    options = command.with_choices(parser, sites=NAMES).parse_args(arguments)
    effort = QUICK if options.quick else FULL
    return command.carry_out(options, APPLICATIONS, lambda: take(options.sites, effort))


def take(names: Sequence[str], effort: Effort, python: Path = PYTHON) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise CannotMeasure when something is missing, or an application does not answer alike on both.
    """
    if not python.exists():
        raise CannotMeasure(f"{python} is missing. `make bench-applications` installs it.")
    client = {"wrk": wrk.version()}
    chosen = [site for site in SITES if site.name in names]
    found: list[dict[str, Any]] = []
    described: dict[str, Any] = {}
    with room() as root:
        if "flaskr" in names:
            copy_tutorial(root)
        for number, site in enumerate(chosen, 1):
            found.append(take_site(site, root, effort, python, f"[{number}/{len(chosen)}] {site.title}"))
            for key, value in found[-1].pop("described").items():
                described[key] = described.get(key, {}) | value
    told = {"command": SERVER.words, "connections": SERVER.connections}
    effort_taken = {**asdict(effort), **client, **told}
    return {"taken_at": command.now(), **described, "effort": effort_taken, "applications": found}


def take_site(site: Site, root: Path, effort: Effort, python: Path, title: str) -> dict[str, Any]:
    folder, requests = fill(python, site, root)
    with workers(python, site, dict.fromkeys(("flask", "erlen"), folder)) as made:
        known = [each.do("describe") for each in made.values()]
    described = {key: known[0][key] | known[1][key] for key in known[0]}
    progress = command.Progress(f"{title}, inside", len(site.pages))
    inside = measure_inside(python, site, folder, requests, effort, progress.show)
    progress.done()
    progress = command.Progress(f"{title}, served", effort.rounds)
    served = measure_served(python, site, folder, requests, effort, progress.show)
    progress.done()
    pages = [
        {"name": page.name, "title": page.title, "method": request["method"], "path": request["path"]}
        | within
        | without
        for page, request, within, without in zip(site.pages, requests, inside, served, strict=True)
    ]
    return {"name": site.name, "title": site.title, "pages": pages, "described": described}


def copy_tutorial(root: Path) -> None:
    """Put a copy of Flask's tutorial where the worker looks for it: it makes a folder beside itself."""
    tutorial = sources.unpacked("flask", Environment(Path(sys.prefix))) / "examples" / "tutorial" / "flaskr"
    shutil.copytree(tutorial, root / "tutorial" / "flaskr")


if __name__ == "__main__":
    sys.exit(main())
