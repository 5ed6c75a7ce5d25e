"""Say what changed between two results of the same kind: python bench/compare.py OLD.json NEW.json

A machine is never twice the same. So each change is told twice: as it was measured, and beside the yardstick,
a framework that nobody has changed (Flask, or the bare function). If the yardstick moved, the machine did.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Figures = dict[tuple[str, str], float]  # (what was measured, who): how much
YARDSTICKS = ("flask", "flask_pydantic", "fastapi", "jinja", "bare", "bare_asgi")


def figures(result: dict[str, Any]) -> tuple[Figures, bool]:
    """Return the figures of a result, and whether more is better.

    Raise ValueError when it is no result of the benchmark.
    """
    if "cases" in result:
        return dict(times(result)), False
    if "servers" in result:
        return dict(rates(result)), True
    if "applications" in result:
        return dict(pages(result)), True
    if "growth" in result:
        return dict(costs(result)), False
    if "typed" in result:
        return dict(of_typed_views(result)), False
    raise ValueError(
        "This is no result of the benchmark: it has no cases, servers, applications, growth or typed views."
    )


def times(result: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for case in [*result["cases"], *result.get("templates", ()), *result.get("plain", ())]:
        for who, microseconds in case["microseconds"].items():
            yield (case["title"], who), microseconds


def of_typed_views(result: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for protocol, cases in result["typed"].items():
        for (title, who), microseconds in times({"cases": cases}):
            yield (f"{protocol}, {title}", who), microseconds
    for who, figures in result["routes"].items():
        for what, value in figures.items():
            yield (f"routes, {what}", who), value


def rates(result: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for server in result["servers"]:
        for who, taken in server["apps"].items():
            yield (f"{server['title']}, {server['connections']}", who), taken["requests_per_second"]


def pages(result: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for application in result["applications"]:
        for page in application["pages"]:
            for who, taken in page["served"].items():
                yield (f"{application['title']}, {page['title']}", who), taken["requests_per_cpu_second"]


def costs(result: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for who, taken in result["imports"].items():
        yield ("import, ms", who), taken["smallest_cpu_milliseconds"]
    for who, taken in result["memory"].items():
        yield ("memory, kB", who), taken["kilobytes"]


def rows(old: dict[str, Any], new: dict[str, Any], yardstick: str | None = None) -> list[list[str]]:
    """Return a row for each figure in both results: old, new, the change, the change beside the yardstick.

    A change above 1 is an improvement, whatever was measured. Without *yardstick* each case takes the first
    of Flask, FastAPI, Jinja, the bare function and the bare ASGI function that it has.
    """
    before, more_is_better = figures(old)
    after, _ = figures(new)
    both = {key: (before[key], after[key]) for key in before if before[key] and after.get(key)}
    if not both:
        raise ValueError("These results have nothing in common. Are they of the same kind?")
    changes = {key: b / a if more_is_better else a / b for key, (a, b) in both.items()}
    yardsticks = (yardstick,) if yardstick else YARDSTICKS
    return [
        [*key, short(a), short(b), f"{changes[key]:.2f}", beside(key, changes, yardsticks)]
        for key, (a, b) in both.items()
    ]


def beside(key: tuple[str, str], changes: Figures, yardsticks: tuple[str, ...]) -> str:
    """Return what is left of a change when the yardstick's own is taken out."""
    what, who = key
    yardstick = next((name for name in yardsticks if (what, name) in changes), None)
    if yardstick is None:
        return "–"
    return "yardstick" if yardstick == who else f"{changes[key] / changes[what, yardstick]:.2f}"


def short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:.0f}"


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Name what else differs: changes cannot be told from those of machine, Python and versions."""
    named = [("processor", old["machine"]["processor"], new["machine"]["processor"])]
    named.append(("Python", old["python"]["version"], new["python"]["version"]))
    packages = sorted(old["versions"].keys() | new["versions"].keys())
    named += [(name, old["versions"].get(name), new["versions"].get(name)) for name in packages]
    return [f"{name}: {a or 'absent'}, now {b or 'absent'}" for name, a, b in named if a != b]


def as_text(found: list[list[str]]) -> str:
    heading = ["what", "who", "old", "new", "× better", "beside the yardstick"]
    widths = [max(len(row[column]) for row in [heading, *found]) for column in range(len(heading))]
    lines = []
    for row in [heading, ["-" * width for width in widths], *found]:
        cells = zip(row, widths, strict=True)
        lines.append(
            "  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(cells))
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="What changed between two results of the benchmark.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--yardstick", help="who did not change (default: flask, else bare)")
    options = parser.parse_args(arguments)
    old, new = (json.loads(path.read_text()) for path in (options.old, options.new))
    try:
        print(as_text(rows(old, new, options.yardstick)))
    except ValueError as error:
        parser.error(str(error))
    for difference in differences(old, new):
        print(f"Not the same in both: {difference}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
