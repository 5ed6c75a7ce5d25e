"""`python -m tests.contract.matrix`: run the matrix, or parts of it, and make the pages of the records.

======================  ========================================================================
nothing                 everything, then the pages: half an hour and more
`suites [NAME…]`        the test suites of extensions
`applications [NAME…]`  the probes, and the import of what has none
`old`                   extensions of Flask 1.1's time, with the legacy layer
`pages`                 the pages, the chart and the data of `erlen doctor`, from the records
======================  ========================================================================
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable

from ..environment import Environment, prepare
from ..test_compat_suites import NAMES as SHARED
from ..test_extensions import SUITES
from .records import Record


def run_suites(names: Iterable[str]) -> None:
    """Run suites and write their records."""
    from . import suites

    environment = prepare()
    for name in names or sorted({*SHARED, *SUITES}):
        run = suites.shared if name in SHARED else suites.own
        report(name, run, environment)


def report(name: str, run: Callable[[str, Environment], Record], environment: Environment) -> None:
    try:
        record = run(name, environment)
    except Exception:
        print(f"{name}: no record\n{traceback.format_exc()}", flush=True)
        return
    record.save()
    print(summary(record), flush=True)


def summary(record: Record) -> str:
    """Say in a line what a run told."""
    passed = f"Flask {record.on_flask}, WSGI {record.by_wsgi}, ASGI {record.by_asgi}"
    lost = "".join(f"\n    {loss.protocol}: {loss.what}: {loss.reason}" for loss in record.losses)
    return f"{record.name} {record.version} ({record.kind}): {passed} {record.note}{lost}"


def run_applications(names: Iterable[str]) -> None:
    """Run the probes and write their records."""
    from . import probing

    for record in probing.run(list(names)):
        record.save()
        print(summary(record), flush=True)


def run_old_extensions() -> None:
    """Run the applications with extensions of Flask 1.1's time and write their records."""
    from . import old_extensions

    for record in old_extensions.run():
        record.save()
        print(summary(record), flush=True)


def make_pages() -> None:
    """Write what is made from the records."""
    from . import pages

    for path in pages.write():
        print(f"Written to {path}")


def main(arguments: list[str]) -> int:
    part, names = (arguments[0], arguments[1:]) if arguments else ("", [])
    if part in ("", "suites"):
        run_suites(names)
    if part in ("", "applications"):
        run_applications(names)
    if part in ("", "old"):
        run_old_extensions()
    if part in ("", "pages", "suites", "applications", "old"):
        make_pages()
        return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
