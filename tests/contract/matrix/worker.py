"""The program that runs inside a matrix environment, where `flask` means one framework: prints JSON.

`worker.py imports DISTRIBUTION` imports every module of a distribution.
`worker.py application PROBE PROTOCOL` loads a probe and sends its requests, by `wsgi` or `asgi`.

A probe may define `HIDE`, patterns of what differs from run to run. The current folder is empty, and the
probe may write to it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import sys
import traceback
import types
import typing as t
import warnings
from contextlib import redirect_stdout
from pathlib import Path

SIGNED = re.compile(r"(?<==)(\.?[\w-]+)\.[\w-]{5,8}\.[\w-]{20,}")
"""A cookie that was signed at some time: its content, then time and signature."""
EXPIRES = re.compile(r"(?i)(?<=expires=)[^;]+")
DROPPED = {"date", "content-length"}
"""Headers that are not compared: the time, and a length that hidden patterns may change."""
NOT_MODULES = re.compile(r"(^|\.)(__main__|tests?|testing_?app|conftest|examples?)($|\.)")


class Talk:
    """The client that a probe speaks through: it notes what comes back."""

    def __init__(self, client: t.Any, hide: t.Iterable[str]) -> None:
        self.client = client
        self.answers: list[dict[str, t.Any]] = []
        self._hide = [re.compile(pattern) for pattern in hide]

    def open(self, path: str, *, method: str = "GET", **options: t.Any) -> t.Any:
        """Send a request, note the answer, and return it."""
        response = self.client.open(path, method=method, **options)
        headers = sorted(
            (name.lower(), self._shown(EXPIRES.sub("…", SIGNED.sub(r"\1.…", value))))
            for name, value in response.headers.items()
            if name.lower() not in DROPPED
        )
        body = self._shown(response.get_data().decode("utf-8", "backslashreplace"))
        self.answers.append(
            {"what": f"{method} {path}", "status": response.status, "headers": headers, "body": body}
        )
        return response

    def get(self, path: str, **options: t.Any) -> t.Any:
        return self.open(path, method="GET", **options)

    def post(self, path: str, **options: t.Any) -> t.Any:
        return self.open(path, method="POST", **options)

    def note(self, what: str, value: t.Any) -> None:
        """Note something else that should be the same on both frameworks."""
        self.answers.append({"what": what, "value": self._shown(repr(value))})

    def _shown(self, text: str) -> str:
        for pattern in self._hide:
            text = pattern.sub("…", text)
        return text


def load(path: Path) -> types.ModuleType:
    """Import a probe from its file, under the name `probe`."""
    spec = importlib.util.spec_from_file_location("probe", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["probe"] = module
    spec.loader.exec_module(module)
    return module


def application(path: Path, protocol: str) -> dict[str, t.Any]:
    """Load a probe, and note the answers to its requests."""
    counted = count_requests() if protocol == "asgi" else None
    probe = load(path)
    options = {"protocol": "asgi"} if protocol == "asgi" else {}
    talk = Talk(probe.app.test_client(**options), getattr(probe, "HIDE", ()))
    error = ""
    try:
        probe.talk(talk)
    except Exception:
        error = traceback.format_exc()
    return {"answers": talk.answers, "error": error, "by_asgi": counted() if counted else 0}


def count_requests() -> t.Callable[[], int]:
    """Count the requests that reach the ASGI gateway, and give a function that tells how many."""
    gateway = importlib.import_module("erlen.gateway.asgi")
    answer, number = gateway.answers["http"], 0

    async def counting(*args: t.Any) -> None:
        nonlocal number
        number += 1
        await answer(*args)

    gateway.answers["http"] = counting
    return lambda: number


def imports(distribution: str) -> dict[str, t.Any]:
    """Import every module that a distribution brought, and note what each import said."""
    said: dict[str, str] = {}
    for name in sorted(modules_of(distribution)):
        try:
            importlib.import_module(name)
            said[name] = "imported"
        except (Exception, SystemExit) as error:
            said[name] = f"{type(error).__name__}: {error}"
    return {"modules": said}


def modules_of(distribution: str) -> set[str]:
    """Give the dotted names of a distribution's modules, from its list of files."""
    found = set()
    for file in importlib.metadata.files(distribution) or ():
        if file.suffix == ".py" and ".." not in file.parts and "site-packages" not in file.parts:
            parts = file.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if all(part.isidentifier() for part in name.split(".")) and not NOT_MODULES.search(name):
                found.add(name)
    return found


def identity() -> dict[str, t.Any]:
    """Tell what `flask` is."""
    flask = importlib.import_module("flask")
    return {"class": f"{flask.Flask.__module__}.{flask.Flask.__qualname__}", "erlen": "erlen" in sys.modules}


def main(arguments: list[str]) -> None:
    # The folder of this file has modules of its own, which no extension should find.
    sys.path.remove(str(Path(__file__).parent))
    warnings.simplefilter("ignore")
    printed = io.StringIO()
    told: dict[str, t.Any] = {}
    with redirect_stdout(printed):
        try:
            if arguments[0] == "imports":
                told = imports(arguments[1])
            else:
                told = application(Path(arguments[1]), arguments[2])
        except (Exception, SystemExit):
            told = {"error": traceback.format_exc()}
        told["identity"] = identity()
    print("\n" + json.dumps(told), flush=True)
    # Some extensions start threads that are not daemons.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
