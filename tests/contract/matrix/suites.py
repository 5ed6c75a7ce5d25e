"""Runs the test suites of extensions by WSGI and by ASGI, and makes records of what they tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from .. import sources, suites
from ..environment import CACHE, HERE, Environment
from ..test_compat_suites import COMPAT
from ..test_extensions import SUITES
from .records import Loss, Record

NAMES = {"flask": "Flask", "opentelemetry-flask": "opentelemetry-instrumentation-flask"}
"""The distribution that a shared suite belongs to, where it is not the suite's own name."""
PLUGIN = HERE / "plugin" / "contract_asgi.py"

_REGRESSED = re.compile(r"^REGRESSED (?P<test>.+) \[\w+\] (?P<reason>.*)$")
_NOT_COLLECTED = re.compile(r"^COLLECT-ERROR (?P<test>\S+): (?P<reason>.*)$")
_KEPT = re.compile(r"^\[compat\] kept=(\d+) of (\d+)", re.MULTILINE)
_RAN = re.compile(r"^\[partial\] (\d+) of the (\d+) ids", re.MULTILINE)
_SOURCE = re.compile(
    r"^\[suite\] \S+: (?P<name>\S+) (?P<version>[^\s,]+), tests from (?P<origin>.+), Python", re.M
)


def shared(name: str, environment: Environment) -> Record:
    """Run one of the suites that the project keeps beside its checkout, on both protocols."""
    by_wsgi = _run_shared(name, environment)
    found = _SOURCE.search(by_wsgi)
    record = Record(
        name=found["name"] if found else NAMES.get(name, name),
        version=found["version"] if found else "",
        kind="suite",
        python=_python(),
        date=date.today().isoformat(),
        erlen=_erlen(environment),
        detail=f"its tests, from {_origin(found['origin'] if found else '')}",
    )
    record.by_wsgi, record.on_flask = kept_in(by_wsgi)
    record.losses += losses_in(by_wsgi, "wsgi")
    _give_plugin(name)
    by_asgi = _run_shared(name, environment, "-p", "contract_asgi")
    if said := requests_by_asgi(by_asgi):
        record.by_asgi, _ = kept_in(by_asgi)
        record.losses += losses_in(by_asgi, "asgi")
        record.note = f"{said} requests by ASGI"
    else:
        record.note = "its tests send no request through the test client: there is nothing to send by ASGI"
    return record


def _cache() -> Path:
    return CACHE / "compat"


def _run_shared(name: str, environment: Environment, *options: str) -> str:
    command = ["./run_suite.sh", name, "--python", sys.executable]
    command += ["--target", str(environment.wheel), "--alias-module", "erlen.as_flask"]
    # Longer than the suites' own limit: the matrix may run beside other work.
    command += ["--", "--timeout=240", *options]
    done = subprocess.run(
        command,
        cwd=COMPAT,
        env=os.environ | {"COMPAT_CACHE": str(_cache())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=2400,
    )
    log = re.search(r"^\[log\] (.+)$", done.stdout, re.MULTILINE)
    return done.stdout + (Path(log[1]).read_text(errors="replace") if log else "")


def _give_plugin(name: str) -> None:
    """Put the plugin that makes test clients speak ASGI where the suite's environment finds it."""
    version = "{}.{}".format(*sys.version_info)
    for folder in (_cache() / "venv" / f"{name}-py{version}-target").glob("lib/python*/site-packages"):
        shutil.copy(PLUGIN, folder)


def kept_in(output: str) -> tuple[int, int]:
    """Read how many tests passed, of how many that pass on Flask."""
    found = _KEPT.search(output)
    if found is None or "[end] stopped after" in output:
        raise RuntimeError(f"The suite did not run to its end:\n{output[-3000:]}")
    ran = _RAN.search(output)
    return int(found[1]), int(ran[2] if ran else found[2])


def losses_in(output: str, protocol: str) -> Iterator[Loss]:
    for line in output.splitlines():
        if found := _REGRESSED.match(line) or _NOT_COLLECTED.match(line):
            yield Loss(protocol, found["test"], found["reason"].strip())
        elif line.startswith("MISSING "):
            yield Loss(protocol, line.removeprefix("MISSING "), "did not run")
        elif (ran := _RAN.match(line)) and ran[1] != ran[2]:
            yield Loss(protocol, f"{int(ran[2]) - int(ran[1])} tests", "did not run")


def _origin(told: str) -> str:
    return "its source distribution" if "sdist" in told else "its repository"


def requests_by_asgi(output: str) -> int:
    """Read how many requests the plugin counted."""
    found = re.search(r"requests by ASGI: (\d+)", output)
    return int(found[1]) if found else 0


def own(name: str, environment: Environment) -> Record:
    """Run one of the suites of `test_extensions`, on Flask and on both protocols of Erlen."""
    suite, _ = SUITES[name]
    source = sources.unpacked(suite.source, environment)
    by_asgi = replace(suite, name=f"{suite.name}-asgi", options=(*suite.options, "-p", "contract_asgi"))
    on_flask = suites.run(suite, source, "flask", environment)
    wanted = on_flask.with_outcome("passed")
    record = Record(
        name=name,
        version=source.name.rpartition("==")[2] or source.name,
        kind="suite",
        python=_python(),
        date=date.today().isoformat(),
        erlen=_erlen(environment),
        detail="its tests, from its source distribution",
        on_flask=len(wanted),
    )
    for protocol, each in (("wsgi", suite), ("asgi", by_asgi)):
        run = suites.run(each, source, "erlen", environment)
        missed = sorted(wanted - run.with_outcome("passed"))
        setattr(record, f"by_{protocol}", len(wanted) - len(missed))
        record.losses += [Loss(protocol, test, run.explain([test]).strip()) for test in missed]
        record.note = f"{requests_by_asgi(run.output)} requests by ASGI"
    return record


def _python() -> str:
    return "{}.{}.{}".format(*sys.version_info)


def _erlen(environment: Environment) -> str:
    return environment.wheel.name.split("-")[1]
