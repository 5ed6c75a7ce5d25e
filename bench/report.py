"""The table, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NAMES = {"erlen": "Erlen", "flask": "Flask", "falcon": "Falcon", "bottle": "Bottle", "bare": "bare"}
NOTE = """\
Microseconds of one request inside the application: the smallest of many rounds, the driver's share taken out,
200 further rules registered. × says how many times Erlen's time the other one takes.
bare: a WSGI function without a framework; for templates, Jinja2 alone."""


def table(result: dict[str, Any], names: Mapping[str, str] = NAMES) -> list[list[str]]:
    """Return the heading and the rows as text: microseconds of each framework, then ratios to Erlen."""
    frameworks = [name for name in names if any(name in case["microseconds"] for case in result["cases"])]
    peers = [name for name in frameworks if name != "erlen"] if "erlen" in frameworks else []
    heading = ["case", *(names[name] for name in frameworks), *(f"× {names[name]}" for name in peers)]
    return [heading, *(row(case, frameworks, peers) for case in result["cases"])]


def row(case: dict[str, Any], frameworks: Iterable[str], peers: Iterable[str]) -> list[str]:
    times = case["microseconds"]
    cells = [case["title"], *(microseconds(times.get(name)) for name in frameworks)]
    return cells + [ratio(times.get(peer), times.get("erlen")) for peer in peers]


def microseconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio(peer: float | None, erlen: float | None) -> str:
    if peer is None or not erlen:
        return "–"
    times = peer / erlen
    return f"{times:.0f}" if times >= 10 else f"{times:.1f}" if times >= 1 else f"{times:.2f}"


def as_text(result: dict[str, Any]) -> str:
    return "\n".join([text_table(table(result)), "", NOTE, surroundings(result)])


def as_markdown(result: dict[str, Any]) -> str:
    return f"{markdown_table(table(result))}\n\n{NOTE}\n{surroundings(result)}"


def text_table(rows: list[list[str]], words: int = 1) -> str:
    """Align a heading and rows; the first columns are words, the others figures."""
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(padded(line, widths, words)).rstrip() for line in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def padded(line: list[str], widths: list[int], words: int) -> list[str]:
    return [
        cell.ljust(width) if column < words else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def markdown_table(rows: list[list[str]], words: int = 1) -> str:
    heading, *others = rows
    rule = ["---" if column < words else "--:" for column in range(len(heading))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heading, rule, *others]).replace("<", "&lt;")


def surroundings(result: dict[str, Any], names: Mapping[str, str] = NAMES) -> str:
    """Say in one line with what, where and when the figures were taken."""
    versions = ", ".join(
        f"{names[name]} {version}" for name, version in result["versions"].items() if name in names
    )
    compiled = ", ".join(f"{name} ({len(modules)} modules)" for name, modules in result["compiled"].items())
    return (
        f"{versions}; {result['python']['implementation']} {result['python']['version']};"
        f" {result['machine']['processor']}; compiled: {compiled or 'nothing'}; {result['taken_at']}."
    )
