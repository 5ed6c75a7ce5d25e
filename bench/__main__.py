"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import machine, report
from .apps import FRAMEWORKS, load
from .cases import CASES
from .measure import FULL, QUICK, Effort, WrongAnswer, measure

CASE_NAMES = [case.name for case in CASES]
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.show:
        result = json.loads(options.show.read_text())
    else:
        try:
            result = take(options.cases, options.frameworks, QUICK if options.quick else FULL)
        except WrongAnswer as error:
            print(f"Nothing was measured: {error}", file=sys.stderr)
            return 1
        print(f"Written to {keep(result, options.output)}", file=sys.stderr)
    print(written(result, options))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench", description="What one request costs inside the application."
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few rounds only: for a look, not for a figure"
    )
    parser.add_argument(
        "--cases", type=some_of(CASE_NAMES), default=CASE_NAMES, help=f"some of: {', '.join(CASE_NAMES)}"
    )
    parser.add_argument(
        "--frameworks", type=some_of(FRAMEWORKS), default=FRAMEWORKS, help=f"some of: {', '.join(FRAMEWORKS)}"
    )
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument(
        "--output", type=Path, help="where the result is written (default: bench/results/TIME.json)"
    )
    parser.add_argument("--show", type=Path, metavar="FILE", help="print an earlier result, measure nothing")
    return parser


def some_of(known: Sequence[str]) -> Callable[[str], list[str]]:
    """Make the reader of an option that takes names, separated by commas."""

    def names(text: str) -> list[str]:
        wanted = text.replace(" ", "").split(",")
        if unknown := set(wanted) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not one of {', '.join(known)}")
        return wanted

    return names


def take(names: Sequence[str], frameworks: Sequence[str], effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise WrongAnswer when an application does not do what it is measured for.
    """
    cases = [case for case in CASES if case.name in names and set(case.frameworks) & set(frameworks)]
    apps = {name: load(name) for name in frameworks}
    measured = []
    for number, case in enumerate(cases, 1):
        progress = Progress(f"[{number}/{len(cases)}] {case.title}", effort.rounds)
        times = measure(case, apps, effort, progress.show)
        progress.done()
        measured.append({"name": case.name, "title": case.title, "microseconds": times})
    taken_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    effort_used = {"rounds": effort.rounds, "milliseconds": effort.milliseconds}
    return {"taken_at": taken_at, **machine.describe(), "effort": effort_used, "cases": measured}


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


def keep(result: dict[str, Any], output: Path | None) -> Path:
    path = output or RESULTS / f"{result['taken_at'][:19].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return path


def written(result: dict[str, Any], options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps(result, indent=2, ensure_ascii=False)
    return report.as_markdown(result) if options.markdown else report.as_text(result)


if __name__ == "__main__":
    sys.exit(main())
