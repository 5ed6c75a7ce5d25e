"""The tables of pages beside Flask and of templates beside Jinja, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import report
from ..floors import ANY_TEMPLATE, PAGES, TEMPLATES

Rows = list[list[str]]

NAMES = {"erlen": "Erlen", "flask": "Flask"}
BESIDE_JINJA = {"erlen": "Erlen", "jinja": "Jinja"}
VERSIONS = {**NAMES, "jinja2": "Jinja", "markupsafe": "MarkupSafe"}
NOTE = """\
Microseconds of one request inside the application: the smallest of many rounds, the driver's share taken out,
200 further rules registered. × Flask says how many times Erlen's time Flask takes. At least: what is to be
reached."""
NOTE_OF_TEMPLATES = """\
Templates: microseconds of one rendering of the same source with the same values by Jinja's own environment
and by Erlen's, without a request."""


def table(result: dict[str, Any]) -> Rows:
    """Return the heading and the rows as text, with the floor of each case."""
    names = [case["name"] for case in result["cases"]]
    floors = [f"{PAGES[name]:.3g}" if name in PAGES else "–" for name in names]
    return with_floors(report.table(result, NAMES), floors)


def table_of_templates(templates: list[dict[str, Any]]) -> Rows:
    """Return the same for templates alone."""
    heading, *rows = report.table({"cases": templates}, BESIDE_JINJA)
    floors = [f"{TEMPLATES.get(template['name'], ANY_TEMPLATE):.3g}" for template in templates]
    return with_floors([["template", *heading[1:]], *rows], floors)


def with_floors(rows: Rows, floors: list[str]) -> Rows:
    return [[*row, floor] for row, floor in zip(rows, ["at least", *floors], strict=True)]


def as_text(result: dict[str, Any]) -> str:
    return written(result, report.text_table)


def as_markdown(result: dict[str, Any]) -> str:
    return written(result, report.markdown_table)


def written(result: dict[str, Any], form: Callable[[Rows], str]) -> str:
    templates = result.get("templates")
    parts, note = [form(table(result))], NOTE
    if templates:
        parts.append(form(table_of_templates(templates)))
        note += f"\n{NOTE_OF_TEMPLATES}"
    return "\n\n".join([*parts, f"{note}\n{report.surroundings(result, VERSIONS)}"])
