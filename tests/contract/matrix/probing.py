"""Runs probes on Flask and on both protocols of Erlen, and compares what they tell."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from ..environment import Environment, fresh_folder
from .environments import make
from .packages import Package, packages
from .records import Loss, Record

WORKER = Path(__file__).parent / "worker.py"
WORKERS = 2


def run(names: Sequence[str]) -> Iterator[Record]:
    """Try the packages of the list, or some of them, and give the record of each."""
    every = packages()
    chosen = [every[name] for name in names] if names else list(every.values())
    for group in dict.fromkeys(package.group for package in chosen):
        # All of a group are installed, so that a part of the list sees what the whole list sees.
        environment, refused = make(group, [each for each in every.values() if each.group == group])
        here = [package for package in chosen if package.group == group]
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(partial(record_of, environment=environment, refused=refused), here)


def record_of(package: Package, environment: Environment, refused: dict[str, str]) -> Record:
    """Try one package."""
    record = Record(
        name=package.name,
        version="",
        kind="imports",
        python="{}.{}.{}".format(*sys.version_info),
        date=date.today().isoformat(),
        erlen=importlib.metadata.version("erlen"),
    )
    if package.name in refused:
        record.kind, record.note = "installation", refused[package.name]
        return record
    record.version = version_in(environment, package.name)
    compare_imports(record, package, environment)
    if package.probe is not None:
        compare_answers(record, package.probe, environment)
    return record


def without_paths(text: str) -> str:
    """Leave out where files are on this machine."""
    text = re.sub(r" \((?:unknown location|/[^)\s]*)\)", "", text)
    return re.sub(r"/\S*/(?:site-packages|matrix)/", "", text)


def version_in(environment: Environment, name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return environment.run("-c", code, cwd=environment.folder).stdout.strip()


def compare_imports(record: Record, package: Package, environment: Environment) -> None:
    """Import the modules on both frameworks; what imports on Flask should on Erlen."""
    on_flask, on_erlen = (
        work(environment, framework, "imports", package.name) for framework in ("flask", "erlen")
    )
    before, after = on_flask.get("modules", {}), on_erlen.get("modules", {})
    wanted = [name for name, said in before.items() if said == "imported"]
    missed = [name for name in wanted if after.get(name) != "imported"]
    record.detail = f"the import of its modules: {len(before)}"
    record.on_flask = len(wanted)
    record.by_wsgi = record.by_asgi = len(wanted) - len(missed)
    lost = on_erlen.get("error", "it ended the process").strip().splitlines()[-1]
    record.losses += [Loss("both", f"import {name}", after.get(name, lost)) for name in missed]
    failed = [f"{name}: {said}" for name, said in before.items() if said != "imported"]
    if failed:
        record.note = f"not imported on Flask either: {without_paths('; '.join(failed))[:400]}"
    if "modules" not in on_flask:
        record.note = f"on Flask: {without_paths(on_flask['error']).strip()[-300:]}"


def compare_answers(record: Record, probe: Path, environment: Environment) -> None:
    """Run the probe on Flask twice and on both protocols of Erlen; the answers should be equal."""
    first, second = (work(environment, "flask", "application", probe, "wsgi") for _ in range(2))
    wanted = first.get("answers", [])
    if first.get("error"):
        record.note = f"its application fails on Flask: {without_paths(first['error']).strip()[-300:]}"
        return
    if wanted != second.get("answers"):
        differ = next(a["what"] for a, b in zip(wanted, second["answers"], strict=False) if a != b)
        record.note = f"the answers of its application differ from run to run on Flask: {differ}"
        return
    record.kind, record.detail, record.note = "application", sentence_of(probe), ""
    record.on_flask = len(wanted)
    for protocol in ("wsgi", "asgi"):
        told = work(environment, "erlen", "application", probe, protocol)
        losses = list(differences(wanted, told, protocol))
        setattr(record, f"by_{protocol}", len(wanted) - len(losses))
        record.losses += losses
        if protocol == "asgi":
            record.note = f"{told.get('by_asgi', 0)} requests by ASGI"
            if not told.get("by_asgi") and not told.get("error"):
                raise RuntimeError(f"{probe.name} sends no request through its client: nothing went by ASGI")


def differences(wanted: list[dict[str, Any]], told: dict[str, Any], protocol: str) -> Iterator[Loss]:
    """Say for each answer of Flask's that Erlen's is not the same how it differs."""
    answers = told.get("answers", [])
    for number, answer in enumerate(wanted):
        if number >= len(answers):
            error = (told.get("error") or "it ended the process").strip().splitlines()
            yield Loss(protocol, answer["what"], error[-1][:300])
        elif answers[number] != answer:
            yield Loss(protocol, answer["what"], difference(answer, answers[number]))


def difference(flask: dict[str, Any], erlen: dict[str, Any]) -> str:
    """Say how one answer differs from another."""
    for part in ("what", "status", "value"):
        if flask.get(part) != erlen.get(part):
            return f"{part}: {erlen.get(part)!r}, on Flask {flask.get(part)!r}"[:300]
    if flask["headers"] != erlen["headers"]:
        ours = [header for header in erlen["headers"] if header not in flask["headers"]]
        theirs = [header for header in flask["headers"] if header not in erlen["headers"]]
        return f"headers: {ours}, on Flask {theirs}"[:300]
    here, there = flask["body"], erlen["body"]
    first = next((i for i, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1]), 0)
    at = max(0, first - 20)
    return f"body: …{there[at : at + 100]!r}, on Flask …{here[at : at + 100]!r}"


def work(environment: Environment, framework: str, *arguments: str | Path) -> dict[str, Any]:
    """Run the worker with `flask` meaning a framework, and read what it prints."""
    variables = {"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {}
    about = "-".join([framework, *(Path(word).stem for word in arguments)])
    folder = fresh_folder(f"matrix/{about}")
    try:
        done = environment.run("-B", WORKER, *arguments, cwd=folder, env=variables, timeout=180)
    except subprocess.TimeoutExpired:
        return {"error": "it took more than three minutes"}
    try:
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": f"it ended the process: {done.stdout[-300:]}"}
    if told["identity"]["erlen"] != (framework == "erlen"):
        raise RuntimeError(f"`flask` was not {framework}: {told['identity']}")
    return told


def sentence_of(probe: Path) -> str:
    """Give what a probe does: the first sentence of its docstring."""
    return (ast.get_docstring(ast.parse(probe.read_text(encoding="utf-8"))) or "").partition("\n\n")[0]
