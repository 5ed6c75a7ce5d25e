"""Put published results where people read them: tables in pages, a chart beside the result.

`python -m bench.publish` does it again from the files in bench/results.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import overview
from .kinds import KINDS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = (README, ROOT / "docs" / "explanation" / "performance.md")
# What is said first about speed, and where, in which language.
SPEED = "speed"
SENTENCES = {README: overview.ENGLISH, ROOT / "README.zh-CN.md": overview.CHINESE}


def marks(kind: str) -> tuple[str, str]:
    """Return the lines between which a page has the table of one kind of result."""
    name = f"bench-{kind}" if kind else "bench"
    return f"<!-- {name}:begin -->\n", f"\n<!-- {name}:end -->"


def between(text: str, kind: str) -> re.Match[str] | None:
    begin, end = marks(kind)
    return re.search(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", text, re.DOTALL)


def fill_pages(kind: str, table: str, pages: Iterable[Path] = PAGES) -> list[Path]:
    """Write a table into every page that has marks for it. Return the pages that changed."""
    changed = []
    for page in pages:
        text = page.read_text()
        if (found := between(text, kind)) and found[0] != table:
            page.write_text(text[: found.start()] + table + text[found.end() :])
            changed.append(page)
    return changed


def draw(result: dict[str, Any], path: Path) -> list[Path]:
    """Draw the chart of a result that has one, if matplotlib is installed. Return the files written."""
    both = any({"erlen", "flask"} <= case["microseconds"].keys() for case in result.get("cases", ()))
    if not (both or "applications" in result) or not can_draw():
        return []
    if "applications" in result:
        from .applications import chart as drawer
    else:
        from . import chart as drawer  # takes a second, and only a chart needs it
    drawer.draw(result, path)
    return [path]


def can_draw() -> bool:
    found = find_spec("matplotlib") is not None
    if not found:
        print("No chart was drawn: matplotlib is missing. It is in the group `bench`.", file=sys.stderr)
    return found


def publish_overview() -> list[Path]:
    """Write what is said and shown of all results at once. Return the files that changed."""
    if (results := overview.published()) is None:
        return []
    changed = []
    for page, words in SENTENCES.items():
        changed += fill_pages(SPEED, overview.sentence(results, words), [page])
    if can_draw():
        from . import chart

        title = "Erlen: how many times as fast as Flask (the dashed line)"
        chart.draw_groups(overview.groups(results), title, overview.CHART)
        changed.append(overview.CHART)
    return changed


def main() -> int:
    for kind in KINDS:
        if kind.published.exists():
            result = json.loads(kind.published.read_text())
            written = draw(result, kind.published.with_suffix(".svg"))
            written += fill_pages(kind.name, kind.as_markdown(result))
            for path in written:
                print(f"Written to {path}")
    for path in publish_overview():
        print(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
