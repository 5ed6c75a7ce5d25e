"""Records of extensions of Flask 1.1's time: with the legacy layer, beside the Flask they were made for."""

from __future__ import annotations

import datetime
import importlib.metadata
import re
from collections.abc import Iterator

from ..environment import prepare
from ..legacy_extensions import sides
from ..legacy_extensions.test_legacy_extensions import WITH_LAYER
from .records import Loss, Record

LEVEL = sides.LEGACY["ERLEN_LEGACY"]
_REQUIREMENTS = sides.HERE.parent / "requirements" / "legacy-extensions.txt"


def run() -> Iterator[Record]:
    """Run the application of each old extension on both sides, and give its record."""
    python = sides.python_3_10()
    if python is None:
        raise RuntimeError("There is no Python 3.10, on which Flask 1.1.4's libraries and today's both run.")
    then = sides.then(python)
    now = sides.now(python, wheel_of=prepare())
    for name, older in WITH_LAYER.items():
        on_flask, on_erlen = sides.run_both(name, (then, sides.paths(then, older)), (now, {**sides.LEGACY}))
        distribution, version = _release(name)
        equal = sum(a == b for a, b in zip(on_flask.entries, on_erlen.entries, strict=False))
        losses = [
            Loss("wsgi", str(a[0]), "the answers differ")
            for a, b in zip(on_flask.entries, on_erlen.entries, strict=False)
            if a != b
        ]
        yield Record(
            name=distribution,
            version=version,
            kind="application",
            python="3.10",
            date=datetime.date.today().isoformat(),
            flask="0.12.5" if "flask-0.12" in older else "1.1.4",
            erlen=importlib.metadata.version("erlen"),
            legacy=LEVEL,
            detail="an application",
            on_flask=len(on_flask.entries),
            by_wsgi=equal,
            losses=losses,
            note=_note(older),
        )


def _release(name: str) -> tuple[str, str]:
    """Give the distribution that an application is for, and its version."""
    pattern = rf"^(flask[-_.]{re.escape(name)})==(\S+)"
    found = re.search(pattern, _REQUIREMENTS.read_text(encoding="utf-8"), re.IGNORECASE | re.MULTILINE)
    if found is None:
        raise LookupError(f"{_REQUIREMENTS.name} has no release of Flask-{name}.")
    return found[1], found[2]


def _note(older: tuple[str, ...]) -> str:
    needed = {
        "werkzeug-0.16": "Werkzeug 0.16.1",
        "python39": "names of Python 3.9",
        "flask-0.12": "Flask 0.12.5",
    }
    return f"On Flask with {' and '.join(needed[name] for name in older)}." if older else ""
