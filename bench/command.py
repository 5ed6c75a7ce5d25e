"""What the commands of the benchmark have in common: options, progress, where results go, what is printed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import floors, publish, wsgi
from .cases import Case
from .kinds import Kind, Result
from .measure import CannotMeasure, Driver, Effort, measure


def parser(program: str, description: str) -> argparse.ArgumentParser:
    """Make a parser with the options that every command has."""
    parser = argparse.ArgumentParser(f"python -m {program}", description=description)
    parser.add_argument("--quick", action="store_true", help="a short run: for a look, not for a figure")
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument(
        "--output", type=Path, help="where the result is written (default: bench/results/TIME.json)"
    )
    parser.add_argument("--show", type=Path, metavar="FILE", help="print an earlier result, measure nothing")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="write bench/results/published….json, and fill the tables of the pages with it",
    )
    return parser


def with_choices(parser: argparse.ArgumentParser, **known: Sequence[str]) -> argparse.ArgumentParser:
    """Add options that take some of the known names, and all of them when nobody says which."""
    for option, names in known.items():
        parser.add_argument(
            f"--{option}", type=some_of(names), default=names, help=f"some of: {', '.join(names)}"
        )
    return parser


def some_of(known: Sequence[str]) -> Callable[[str], list[str]]:
    """Make the reader of an option that takes names, separated by commas."""

    def names(text: str) -> list[str]:
        wanted = text.replace(" ", "").split(",")
        if unknown := set(wanted) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not one of {', '.join(known)}")
        return wanted

    return names


def take_cases(
    cases: Sequence[Case], apps: Mapping[str, Any], effort: Effort, driver: Driver = wsgi
) -> list[dict[str, Any]]:
    """Measure one case after the other, with a line on stderr for each."""
    measured = []
    for number, case in enumerate(cases, 1):
        progress = Progress(f"[{number}/{len(cases)}] {case.title}", effort.rounds)
        times = measure(case, apps, effort, progress.show, driver)
        progress.done()
        measured.append({"name": case.name, "title": case.title, "microseconds": times})
    return measured


def carry_out(options: argparse.Namespace, kind: Kind, take: Callable[[], Result]) -> int:
    """Measure, or read what was measured, and print it. Return the exit status."""
    if options.show:
        result = json.loads(options.show.read_text())
    else:
        try:
            result = take()
        except CannotMeasure as error:
            print(f"Nothing was measured: {error}", file=sys.stderr)
            return 1
        for path in keep(result, options, kind):
            print(f"Written to {path}", file=sys.stderr)
    print(written(result, options, kind))
    return 0


def keep(result: Result, options: argparse.Namespace, kind: Kind) -> list[Path]:
    """Write the result, its chart if it has one, and with `--publish` the pages. Return what was written."""
    path = options.output or (kind.published if options.publish else kind.path(result["taken_at"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(result) + "\n")
    chart = publish.draw(result, path.with_suffix(".svg"))
    if not options.publish:
        return [path, *chart]
    pages = publish.fill_pages(kind.name, kind.as_markdown(result))
    return [path, *chart, *pages, *publish.publish_overview()]


def written(result: Result, options: argparse.Namespace, kind: Kind) -> str:
    """Return the result in the form that was asked for; for people with the floors that it reaches or not."""
    if options.json:
        return as_json(result)
    if options.markdown:
        return kind.as_markdown(result)
    return "\n\n".join(filter(None, [kind.as_text(result), floors.as_text(floors.findings(result))]))


def as_json(result: Result) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False)


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


class Progress:
    """One line on stderr: overwritten on a terminal, written once elsewhere."""

    def __init__(self, title: str, rounds: int) -> None:
        self.title = title
        self.rounds = rounds
        self.live = sys.stderr.isatty()

    def show(self, number: int) -> None:
        if self.live:
            print(
                f"\r\033[K{self.title}: round {number} of {self.rounds}", end="", file=sys.stderr, flush=True
            )

    def done(self) -> None:
        print("\r\033[K" if self.live else f"{self.title}\n", end="", file=sys.stderr, flush=True)
