"""What is made of the records: the page, the README's sentence, the chart, what `erlen doctor` reads."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from ..environment import CHECKOUT
from .records import Record, normalized, read_all

PAGE = CHECKOUT / "docs" / "reference" / "extensions.md"
CHART = PAGE.with_suffix(".svg")
DATA = CHECKOUT / "src" / "erlen" / "doctor" / "matrix.json"
README = CHECKOUT / "README.md"
TEMPLATE = Path(__file__).with_name("template.md")
MARKED = re.compile(r"(?<=<!-- matrix:begin -->\n).*?(?=\n<!-- matrix:end -->)", re.DOTALL)

Bar = tuple[str, int, int]
"""Title, what is right on Erlen, and what is right on Flask."""
TITLES = {
    "suite": ("Their own tests", "tests"),
    "application": ("An application", "answers"),
    "imports": ("Imported only", "modules"),
}


def write() -> Iterator[Path]:
    """Write everything, and give the files."""
    records = read_all()
    text = README.read_text(encoding="utf-8")
    made = {PAGE: page(records), DATA: data(records), README: MARKED.sub(lambda _: sentence(records), text)}
    for path, content in made.items():
        path.write_text(content, encoding="utf-8")
        yield path
    if find_spec("matplotlib") is None:
        print("No chart was drawn: matplotlib is missing. It is in the group `bench`.", file=sys.stderr)
        return
    from . import chart  # takes a second, and only a chart needs it

    chart.draw(records, CHART)
    yield CHART


def data(records: Sequence[Record]) -> str:
    """Give what `erlen doctor` reads: the runs of each extension, the most telling first."""
    found: dict[str, list[dict[str, object]]] = {}
    for record in records:
        run = {
            "version": record.version,
            "python": record.python,
            "what": record.kind,
            "flask": record.on_flask,
            "wsgi": record.by_wsgi,
            "asgi": record.by_asgi,
            "legacy": record.legacy,
            "date": record.date,
            "losses": [f"by {shown(loss.protocol)}: {loss.what}: {loss.reason}" for loss in record.losses],
        }
        found.setdefault(normalized(record.name), []).append(run)
    lines = [f"{json.dumps(name)}: {json.dumps(runs, ensure_ascii=False)}" for name, runs in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def sentence(records: Sequence[Record]) -> str:
    """Say in one sentence what was tried and what came of it."""
    suites = len(of_kind(records, "suite"))
    (_, wsgi, every), (_, asgi, sent), (_, equal, programs), (_, imported, only) = bars(records)
    return " ".join(
        (
            f"Of {every:,} tests in the suites of {suites} extensions that pass on Flask",
            f"(Flask's own suite is one of them), {wsgi:,} pass on Erlen by WSGI,",
            f"and {asgi:,} of {sent:,} by ASGI; of {programs} applications, each with another extension,",
            f"{equal} give the same answers on Flask and on Erlen, by both protocols;",
            f"{only} more packages were only imported, {imported} of them without a difference.",
        )
    )


def bars(records: Sequence[Record]) -> list[Bar]:
    """Give the bars of the chart."""
    suites = of_kind(records, "suite")
    by_asgi = [record for record in suites if record.by_asgi is not None]
    programs, only = of_kind(records, "application"), of_kind(records, "imports")
    return [
        (f"tests of {len(suites)} suites, by WSGI", total(suites, "by_wsgi"), total(suites, "on_flask")),
        (f"tests of {len(by_asgi)} suites, by ASGI", total(by_asgi, "by_asgi"), total(by_asgi, "on_flask")),
        ("applications, by both", as_on_flask(programs), len(programs)),
        ("packages, only imported", as_on_flask(only), len(only)),
    ]


def total(records: Sequence[Record], field: str) -> int:
    """Add up what passed in several runs."""
    return sum(getattr(record, field) or 0 for record in records)


def as_on_flask(records: Sequence[Record]) -> int:
    """Count the runs without a loss."""
    return sum(not record.losses for record in records)


def of_kind(records: Sequence[Record], kind: str) -> list[Record]:
    """Give the records of one kind, without those of the legacy layer and of what is all wrong on Flask."""
    return [record for record in records if record.kind == kind and not record.legacy and record.on_flask]


def page(records: Sequence[Record]) -> str:
    """Give the page."""
    tables = [line for kind in TITLES for line in table(kind, of_kind(records, kind))]
    tables += legacy([record for record in records if record.legacy])
    tables += losses(records)
    tables += listed(
        "Not on Flask either",
        "None of the modules of these can be imported with Flask 3.1.3.",
        [record for record in records if record.kind != "installation" and not record.on_flask],
    )
    tables += listed(
        "Not installed",
        "pip could not install these on the machine of the runs, mostly for want of a library of C.",
        [record for record in records if record.kind == "installation"],
    )
    template = TEMPLATE.read_text(encoding="utf-8")
    return template.replace("{sentence}", sentence(records)).replace("{tables}", "\n".join(tables))


def table(kind: str, records: Sequence[Record]) -> Iterator[str]:
    """Give the heading and the table of one kind of runs."""
    if not records:
        return
    title, unit = TITLES[kind]
    yield f"## {title}\n"
    right = f"{unit} right on Flask {records[0].flask}"
    yield f"| extension | version | Python | {right} | by WSGI | by ASGI | what | date |"
    yield "|---|---|---|--:|--:|--:|---|---|"
    for record in records:
        yield row(record)
    yield ""


def row(record: Record) -> str:
    cells = [
        record.name,
        record.version,
        record.python,
        record.on_flask,
        number(record.by_wsgi),
        number(record.by_asgi),
        record.detail,
        record.date,
    ]
    return f"| {' | '.join(escaped(str(cell)) for cell in cells)} |"


def number(passed: int | None) -> str:
    return "–" if passed is None else str(passed)


def legacy(records: Sequence[Record]) -> Iterator[str]:
    """Give the table of what ran with the legacy layer, beside an old Flask."""
    if not records:
        return
    yield "## With the legacy layer\n"
    yield "Releases for older versions of Flask, beside that Flask. Erlen has the level that is named.\n"
    columns = "extension, version, Python, level, Flask, right on Flask, by WSGI, by ASGI, what, date"
    yield f"| {columns.replace(', ', ' | ')} |"
    yield "|---|---|---|---|---|--:|--:|--:|---|---|"
    for record in records:
        start, _, rest = row(record).partition(f" {record.python} |")
        yield f"{start} {record.python} | {record.legacy} | {record.flask} |{rest}"
    yield ""


def losses(records: Sequence[Record]) -> Iterator[str]:
    """List what holds on Flask and not on Erlen, with the reasons; and what could not be tried by ASGI."""
    lossy = [record for record in records if record.losses]
    yield "## Losses\n"
    if not lossy:
        yield "None."
    for record in lossy:
        for loss in record.losses:
            where = f"**{record.name}** {record.version}, {shown(loss.protocol)}"
            yield f"- {where}: `{code(loss.what)}`: `{code(loss.reason)}`"
    yield ""
    noted = [
        record for record in records if record.note and record.kind == "suite" and record.by_asgi is None
    ]
    for record in noted:
        yield f"- **{record.name}**: {escaped(record.note)}."
    if noted:
        yield ""


def listed(title: str, sentence: str, records: Sequence[Record]) -> Iterator[str]:
    """List what was tried and told nothing, with the reasons."""
    if records:
        yield f"## {title}\n"
        yield f"{sentence}\n"
        for record in records:
            yield f"- {named(record)}: `{code(record.note)}`"
        yield ""


def named(record: Record) -> str:
    return f"**{record.name}** {record.version}".rstrip()


def shown(protocol: str) -> str:
    return "both protocols" if protocol == "both" else protocol.upper()


def escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*")


def code(text: str) -> str:
    """Make text fit between backquotes, on one line."""
    return " ".join(text.replace("`", "'").split())
