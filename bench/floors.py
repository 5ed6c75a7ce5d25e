"""What Erlen must reach, and whether a result reaches it.

`python -m bench.floors FILE...` says it of results that were written; without files, of the published ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .report import text_table

RESULTS = Path(__file__).parent / "results"
# Case: how many times faster than Flask; how many times Falcon's time it may take.
CASES: dict[str, tuple[float, float | None]] = {
    "hello": (20, 1.0),
    "json": (15, 1.0),
    "path": (20, 1.0),
    "query": (10, 1.25),
    "form": (8, 1.5),
    "json-in-out": (8, 1.0),
    "404": (8, 1.0),
    "hooks": (15, None),
    "session": (3, None),
    "template-string": (20, None),
    "static": (6, 1.0),
    "static-304": (8, None),
}
# What real applications do all day: how many times faster than Flask.
PAGES: dict[str, float] = {
    "paths": 5,
    "queries": 4,
    "redirect": 8,
    "post": 6,
    "session-read": 10,
    "session-written": 8,
    "own-404": 10,
    "405": 8,
    "410": 10,
    "messages": 2.8,
    "objects": 4.5,
    "dicts": 5,
    "static": 6,
    "static-304": 8,
}
# Templates alone: how many times faster than Jinja.
TEMPLATES: dict[str, float] = {
    "objects": 2.5,
    "dicts": 4.5,
    "macros": 1.8,
    "inheritance": 1.5,
    "filters": 1.4,
}
ANY_TEMPLATE = 1.0
# Coroutine views on ASGI: how much of a peer's time Erlen may take, how many times as fast it must be.
ASGI_SHARES = {"blacksheep": ("BlackSheep", 1.0), "falcon": ("Falcon", 1.0)}
ASGI_FASTER = {"quart": ("Quart", 15), "starlette": ("Starlette", 15)}
ASGI_PAGES = {"messages": 2.8}
# Plain views on ASGI, in threads: of Starlette's cost one at a time, and of its throughput with many clients.
PLAIN_SHARE = 1.3
PLAIN_THROUGHPUT = 1.0
# Typed views: how many times Erlen's time its peers must take, with a query, a body, faults and a list.
_TYPED_CASES = ("typed-query", "typed-body", "typed-faults", "typed-list")


def _typed(*times: float | None) -> dict[str, float | None]:
    return dict(zip(_TYPED_CASES, times, strict=True))


TYPED: dict[str, dict[str, dict[str, float | None]]] = {
    "wsgi": {
        "flask_pydantic": _typed(10, 10, 2, 6),
        "apiflask": _typed(12, 14, 2.5, 19),
        "falcon": _typed(1.5, 2.4, None, 6.5),
    },
    "asgi": {
        "fastapi_alone": _typed(9, 9, 2.5, 6),
        "litestar": _typed(3.3, 3.2, 1.3, 1.9),
        "blacksheep": _typed(2.8, 3.5, 0.8, 11),
    },
    # Erlen with models of pydantic's.
    "pydantic": {"fastapi_alone": _typed(7.5, 5.5, 3, 1.6)},
}
# 300 typed routes: how much of FastAPI's Erlen may take.
ROUTES = {
    "set_up_milliseconds": ("set-up", 0.8),
    "document_milliseconds": ("document", 0.3),
    "kilobytes": ("memory", 1.0),
}
# What is not Jinja's own rendering: Erlen's share of Flask's.
TEMPLATE_SHARE = 1 / 8
SERVED_SHARE = 0.85
# `erlen serve` of granian itself.
SERVE_SHARE = 0.95
# A server that is asked without a pause uses its whole core, unless somebody else does.
BUSY = 0.9
# Of Flask's: the time and the memory of the import, the time from the start of a process to its first answer.
IMPORT_SHARE = 0.78
PEAK_SHARE = 0.9
FIRST_ANSWER_SHARE = 0.85
MEMORY_SHARE = 1.1
# What is kept up to a number (hosts, compiled templates) is dropped and fills again: some 20 kB come and go.
# One object for each request would be megabytes.
GROWTH_BYTES = 65_536


@dataclass(frozen=True)
class Finding:
    """A floor, and what was measured there."""

    title: str
    needed: str
    measured: str
    reached: bool


def findings(result: dict[str, Any]) -> list[Finding]:
    """Return the floors that a result says something of, in its order."""
    found: list[Finding] = []
    for case in result.get("cases", ()):
        if "plain" in result:
            found += of_asgi_case(case["name"], case["title"], case["microseconds"])
        else:
            found += of_case(case["name"], case["title"], case["microseconds"])
    for template in result.get("templates", ()):
        found += of_template(template["name"], template["title"], template["microseconds"])
    for case in result.get("plain", ()):
        found += of_plain(case)
    if "servers" in result:
        found += of_servers(result["servers"])
    for trial in result.get("trials", ()):
        if trial["name"].startswith("erlen"):
            found += of_trial(trial["title"], trial["runs"])
    if "growth" in result:
        found += of_footprint(result)
    if "typed" in result:
        found += [*of_typed(result["typed"]), *of_routes(result["routes"])]
    return found


def of_case(name: str, title: str, microseconds: dict[str, float]) -> Iterator[Finding]:
    erlen, flask = microseconds.get("erlen"), microseconds.get("flask")
    falcon, bare = microseconds.get("falcon"), microseconds.get("bare")
    if not erlen:
        return
    faster, share = CASES.get(name, (PAGES.get(name), None))
    if faster and flask:
        yield at_least(title, "{:.3g}× as fast as Flask", faster, flask / erlen)
    if share and falcon:
        yield at_most(title, "{:.3g}× Falcon's time", share, erlen / falcon)
    if name == "template" and flask and bare:
        own = (erlen - bare) / (flask - bare)
        yield at_most(f"{title}, without Jinja's part", "{:.3g}× Flask's time", TEMPLATE_SHARE, own)


def of_template(name: str, title: str, microseconds: dict[str, float]) -> Iterator[Finding]:
    faster = TEMPLATES.get(name, ANY_TEMPLATE)
    times = microseconds["jinja"] / microseconds["erlen"]
    yield at_least(f"template, {title}", "{:.3g}× as fast as Jinja", faster, times)


def of_asgi_case(case: str, title: str, microseconds: dict[str, float]) -> Iterator[Finding]:
    if not (erlen := microseconds.get("erlen")):
        return
    for peer, (name, share) in ASGI_SHARES.items():
        if peer in microseconds:
            yield at_most(f"ASGI, {title}", f"{{:.3g}}× {name}'s time", share, erlen / microseconds[peer])
    for peer, (name, faster) in ASGI_FASTER.items():
        if peer in microseconds:
            faster = ASGI_PAGES.get(case, faster)
            form = f"{{:.3g}}× as fast as {name}"
            yield at_least(f"ASGI, {title}", form, faster, microseconds[peer] / erlen)


def of_plain(case: dict[str, Any]) -> Iterator[Finding]:
    if (ratio := case["of_starlette"]) is None:
        return
    title = f"ASGI, {case['title']}"
    if case["clients"] == 1:
        yield at_most(title, "{:.3g}× Starlette's time", PLAIN_SHARE, ratio)
    else:
        yield at_least(title, "{:.3g}× Starlette's throughput", PLAIN_THROUGHPUT, 1 / ratio)


def of_servers(servers: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    for server in servers:
        title = f"{server['title']}, {server['connections']} connections"
        if server["name"].startswith("granian"):
            form, needed, app = "{:.3g} of the bare function's requests", SERVED_SHARE, "erlen"
        elif server["name"].startswith("serve"):
            form, needed, app = "{:.3g} of granian's requests", SERVE_SHARE, "by_erlen"
        else:
            continue
        share = server["apps"].get(app, {}).get("share_of_bare")
        if share:
            found = at_least(title, form, needed, share)
            yield found if all(map(was_busy, server["apps"].values())) else disturbed(found)


def was_busy(figures: dict[str, Any]) -> bool:
    """Whether the server had its core, so that it was the limit and nobody else."""
    return bool(figures["server_busy"] > BUSY)


def disturbed(found: Finding) -> Finding:
    """Take a finding back: who else used the core is in it."""
    return replace(found, measured=f"{found.measured}, disturbed", reached=False)


def of_trial(title: str, runs: dict[str, Any]) -> Iterator[Finding]:
    """Read what was lost: nothing may be, but in a worker that was killed."""
    lost = {
        "lost in reloads": runs["reload"]["lost"],
        "idle connections closed in reloads": runs["reload"]["closed_while_idle"],
        "lost in a reload to broken code": runs["broken"]["lost"],
        "taken at the stop and not answered": runs["stop"]["taken_not_answered"],
    }
    for name, count in lost.items():
        yield at_most(f"{title}: {name}", "{:,.0f}", 0, count)


def of_typed(typed: dict[str, list[dict[str, Any]]]) -> Iterator[Finding]:
    for table, peers in TYPED.items():
        own = "erlen_pydantic" if table == "pydantic" else "erlen"
        for case in typed["asgi" if table == "pydantic" else table]:
            times = case["microseconds"]
            for peer, floors in peers.items():
                needed = floors.get(case["name"])
                if needed and own in times and peer in times:
                    title = f"typed, {table}, {case['title']}"
                    yield at_least(title, f"{{:.3g}}× by {peer}", needed, times[peer] / times[own])


def of_routes(routes: dict[str, dict[str, float]]) -> Iterator[Finding]:
    for key, (title, share) in ROUTES.items() if routes else ():
        yield at_most(
            f"typed routes, {title}",
            "{:.3g}× FastAPI's",
            share,
            routes["erlen"][key] / routes["fastapi"][key],
        )


def of_footprint(result: dict[str, Any]) -> Iterator[Finding]:
    imports, memory = result["imports"], result["memory"]
    took = {name: imports[name]["smallest_cpu_milliseconds"] for name in imports}
    yield at_most("import", "{:.3g}× Flask's time", IMPORT_SHARE, took["erlen"] / took["flask"])
    if "peak_kilobytes" in imports["erlen"]:
        peak = imports["erlen"]["peak_kilobytes"] / imports["flask"]["peak_kilobytes"]
        yield at_most("peak memory of the import", "{:.3g}× Flask's", PEAK_SHARE, peak)
    for page, taken in result.get("first_answers", {}).items():
        share = taken["erlen"]["median_cpu_milliseconds"] / taken["flask"]["median_cpu_milliseconds"]
        yield at_most(f"first answer to {page}", "{:.3g}× Flask's time", FIRST_ANSWER_SHARE, share)
    held = {name: memory[name]["kilobytes"] for name in memory}
    yield at_most("memory of a worker", "{:.3g}× Flask's", MEMORY_SHARE, held["erlen"] / held["flask"])
    grown = result["growth"]["traced_bytes"]["second_half"]
    title = f"growth, second half of {result['growth']['requests']:,} requests"
    yield at_most(title, "{:,.0f} bytes", GROWTH_BYTES, grown)


def at_least(title: str, form: str, needed: float, measured: float) -> Finding:
    return Finding(title, f"≥ {form.format(needed)}", form.format(measured).split()[0], measured >= needed)


def at_most(title: str, form: str, needed: float, measured: float) -> Finding:
    return Finding(title, f"≤ {form.format(needed)}", form.format(measured).split()[0], measured <= needed)


def as_text(found: list[Finding]) -> str:
    """Return a table of the floors, or nothing when there are none."""
    if not found:
        return ""
    rows = [[each.title, each.needed, each.measured, "yes" if each.reached else "NO"] for each in found]
    return text_table([["floor", "needed", "measured", "reached"], *rows], words=2)


def main(files: list[str] | None = None) -> int:
    """Print the floors. Return 1 when one is not reached."""
    paths = [Path(name) for name in files or sys.argv[1:]] or sorted(RESULTS.glob("published*.json"))
    found = [finding for path in paths for finding in findings(json.loads(path.read_text()))]
    print(as_text(found))
    return 0 if all(finding.reached for finding in found) else 1


if __name__ == "__main__":
    sys.exit(main())
