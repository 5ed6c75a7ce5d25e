"""The tables of pages beside Flask and of templates beside Jinja, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import report

TEMPLATES = {"erlen": "Erlen", "jinja": "Jinja"}
VERSIONS = {"erlen": "Erlen", "flask": "Flask", "jinja2": "Jinja", "markupsafe": "MarkupSafe"}
NOTE = """\
Pages: microseconds of one request inside the application, as above. Templates: microseconds of one rendering
of the same source with the same values by Jinja's own environment and by Erlen's, without a request.
Both: the smallest of many rounds, in turns; × says how many times Erlen's time the other one takes."""


def as_text(result: dict[str, Any]) -> str:
    return "\n\n".join([*tables(result, report.text_table), note(result)])


def as_markdown(result: dict[str, Any]) -> str:
    return "\n\n".join([*tables(result, report.markdown_table), note(result)])


def note(result: dict[str, Any]) -> str:
    return f"{NOTE}\n{report.surroundings(result, VERSIONS)}"


def tables(result: dict[str, Any], form: Callable[[list[list[str]]], str]) -> list[str]:
    """Return the table of pages, and that of templates if there is one."""
    written = [form(report.table(result))]
    if templates := result.get("templates"):
        rows = report.table({"cases": templates}, TEMPLATES)
        written.append(form([["template", *rows[0][1:]], *rows[1:]]))
    return written
