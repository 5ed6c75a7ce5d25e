"""The table of what a process costs, for the terminal and for Markdown."""

from __future__ import annotations

from typing import Any

from ..report import markdown_table, surroundings, text_table

NOTE = """\
Import: `import erlen` and `import flask` in turns, each {imports} times in a fresh interpreter.
Modules: all that this imports. Memory: resident, in a worker that has answered {requests} requests to the
same application; the median of {workers}.
Growth: Erlen's over {growing} requests, hardly two the same, after {warm_up} that fill the caches."""
ANSWERS_NOTE = """\
Peak: the most memory that a process had which imports, Python included. First answer: from the start of a
process to the answer of the application of Flask's tutorial, {answers} times each."""
TITLES = (
    ("imports", "smallest_milliseconds", "import, ms, smallest", "{:.1f}"),
    ("imports", "smallest_cpu_milliseconds", "import, ms of the processor, smallest", "{:.1f}"),
    ("imports", "median_milliseconds", "import, ms, median", "{:.1f}"),
    ("imports", "median_cpu_milliseconds", "import, ms of the processor, median", "{:.1f}"),
    ("imports", "modules", "modules imported", "{:.0f}"),
    ("imports", "peak_kilobytes", "peak memory of the import, MB", "{:.1f}"),
    ("memory", "kilobytes", "memory of a worker, MB", "{:.1f}"),
)


def tables(result: dict[str, Any]) -> tuple[list[list[str]], list[list[str]]]:
    """Return headings and rows as text: Erlen beside Flask, and Erlen's growth."""
    beside = [["", "Erlen", "Flask", "Erlen / Flask"]]
    for part, key, title, form in TITLES:
        if key in result[part]["erlen"]:  # results of earlier benchmarks have less
            scale = 1024 if key.endswith("kilobytes") else 1
            beside.append(_row(title, form, result[part], key, scale))
    for page, taken in result.get("first_answers", {}).items():
        for key, what in (("median_milliseconds", ""), ("median_cpu_milliseconds", "of the processor, ")):
            beside.append(_row(f"first answer to `{page}`, ms, {what}median", "{:.1f}", taken, key, 1))
    growth = [["growth", "first half", "second half"]]
    for key, title, scale in (("kilobytes", "resident, kB", 1), ("traced_bytes", "tracemalloc, kB", 1024)):
        halves = (f"{result['growth'][key][half] / scale:.1f}" for half in ("first_half", "second_half"))
        growth.append([title, *halves])
    return beside, growth


def _row(title: str, form: str, by_framework: dict[str, Any], key: str, scale: int) -> list[str]:
    erlen, flask = (by_framework[name][key] / scale for name in ("erlen", "flask"))
    return [title, form.format(erlen), form.format(flask), f"{erlen / flask:.2f}"]


def as_text(result: dict[str, Any]) -> str:
    return "\n\n".join([*map(text_table, tables(result)), notes(result)])


def as_markdown(result: dict[str, Any]) -> str:
    return "\n\n".join([*map(markdown_table, tables(result)), notes(result)])


def notes(result: dict[str, Any]) -> str:
    effort = {key: f"{value:,}" for key, value in result["effort"].items()}
    # Results of earlier benchmarks have no first answers.
    parts = [NOTE, *([ANSWERS_NOTE] if "answers" in effort else [])]
    return "\n".join([*(part.format(**effort) for part in parts), surroundings(result)])
