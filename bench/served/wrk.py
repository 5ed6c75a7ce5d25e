"""wrk, the client: asks as fast as it can over some connections, and tells how long answers took."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..measure import CannotMeasure
from ..wsgi import Request, headers_of

MISSING = "wrk is missing. On Debian and Ubuntu: apt install wrk; elsewhere: https://github.com/wg/wrk"
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Told:
    """What wrk says of one run."""

    requests: int
    requests_per_second: float
    p99_milliseconds: float
    failed: str  # empty when every answer came, with a status below 400


def version() -> str:
    """Return wrk's version.

    Raise CannotMeasure when it is not installed.
    """
    if shutil.which("wrk") is None:
        raise CannotMeasure(MISSING)
    words = subprocess.run(["wrk", "--version"], capture_output=True, text=True).stdout.split()
    return words[1] if len(words) > 1 else "unknown"


def options_of(request: Request, folder: Path) -> list[str]:
    """Return the options that let wrk send this request. Its script is written into a folder."""
    headers = headers_of(request)
    options = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    if request.method == "GET":
        return options
    script = folder / "request.lua"
    body = "".join(f"\\{byte:03d}" for byte in request.body)
    script.write_text(f'wrk.method = "{request.method}"\nwrk.body = "{body}"\n')
    return [*options, "--script", str(script)]


def ask(url: str, connections: int, seconds: int, core: int, options: Sequence[str] = ()) -> Told:
    """Ask for a URL on one core, over connections that are kept."""
    pinned = f"taskset --cpu-list {core} wrk"
    words = f"--threads 1 --connections {connections} --duration {seconds}s --latency"
    ran = subprocess.run([*pinned.split(), *words.split(), *options, url], capture_output=True, text=True)
    if ran.returncode:
        raise CannotMeasure(f"wrk fails: {ran.stderr.strip() or ran.stdout.strip()}")
    return read(ran.stdout)


def read(text: str) -> Told:
    """Read what wrk prints."""
    rate = re.search(r"^Requests/sec:\s*([\d.]+)", text, re.MULTILINE)
    count = re.search(r"^\s*(\d+) requests in ", text, re.MULTILINE)
    slowest = re.search(r"^\s*99%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    if not rate or not slowest or not count:
        raise CannotMeasure(f"wrk says something unknown:\n{text}")
    failed = re.search(r"^\s*(Socket errors:.*|Non-2xx or 3xx responses:.*)$", text, re.MULTILINE)
    return Told(
        int(count[1]),
        float(rate[1]),
        float(slowest[1]) * MILLISECONDS[slowest[2]],
        failed[1].strip() if failed else "",
    )
