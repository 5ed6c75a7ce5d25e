"""A sample counts for the part whose function works, and the standard library works for its caller."""

from __future__ import annotations

import json
import sqlite3
import sysconfig
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from bench import wsgi
from bench.applications import database, sampling
from bench.applications.sampling import files_of, part_of, part_of_stack, sampled, shares

PACKAGES = "/somewhere/lib/python3.12/site-packages"
STANDARD = sysconfig.get_path("stdlib")
DRIVE = wsgi.__file__


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (f"{PACKAGES}/flask/app.py", "framework"),
        (f"{PACKAGES}/flask/templating.py", "templates"),
        (f"{PACKAGES}/werkzeug/routing/map.py", "framework"),
        (f"{PACKAGES}/erlen/serve/steps.py", "framework"),
        ("/checkout/src/erlen/serve/steps.py", "framework"),
        ("/checkout/src/erlen/templating/loops.py", "templates"),
        (f"{PACKAGES}/jinja2/runtime.py", "templates"),
        ("/checkout/examples/guestbook/guestbook/templates/index.html", "templates"),
        ("<template>", "templates"),
        (f"{PACKAGES}/sqlalchemy/engine/base.py", "database"),
        (f"{PACKAGES}/flask_sqlalchemy/session.py", "database"),
        (database.__file__, "database"),
        (f"{PACKAGES}/flask_wtf/csrf.py", "application"),
        (f"{PACKAGES}/six.py", "application"),
        ("/checkout/examples/guestbook/guestbook/views.py", "application"),
        ("/src/checkout/examples/guestbook/guestbook/views.py", "application"),
        (DRIVE, "driver"),
        (f"{STANDARD}/json/encoder.py", None),
        ("<frozen importlib._bootstrap>", None),
        ("<string>", None),
    ],
)
def test_a_file_belongs_to_a_part(file: str, part: str | None) -> None:
    assert part_of(file) == part


def test_the_innermost_code_that_belongs_to_a_part_counts() -> None:
    stack = [f"{STANDARD}/hmac.py", f"{PACKAGES}/itsdangerous/signer.py", f"{PACKAGES}/flask/app.py", DRIVE]
    assert part_of_stack(iter(stack), {}) == "framework"
    assert part_of_stack(iter([f"{STANDARD}/hmac.py", "/app/views.py", *stack[1:]]), {}) == "application"
    assert part_of_stack(iter([f"{STANDARD}/threading.py"]), {}) == "driver"


def seen(inside: str) -> Counter[str]:
    """Return which files were on the stack inside a call of a template's global."""
    found: Counter[str] = Counter()

    def look() -> str:
        import sys

        found.update(files_of(sys._getframe()))
        return inside

    jinja2.Environment().from_string("{{ look() }}").render(look=look)
    return found


def test_the_stack_is_read_from_the_inside_out() -> None:
    files = list(seen("x"))
    assert files[0] == __file__
    assert "<template>" in files


def test_shares_leave_the_driver_out() -> None:
    counted = Counter(framework=30, templates=10, driver=60)
    assert shares(counted) == {"framework": 0.75, "templates": 0.25, "database": 0.0, "application": 0.0}
    assert set(shares(Counter()).values()) == {0.0}


def test_samples_are_taken_while_something_runs_and_not_after() -> None:
    with sampled() as counted:
        while counted.total() < 20:  # the signal comes in time, however busy the machine is
            json.dumps(list(range(1000)))
    taken = counted.total()
    json.dumps(list(range(100_000)))
    assert counted.total() == taken >= 20
    assert set(counted) == {"application"}  # this file, for which json works


def test_a_sample_from_somebody_elses_turn_on_the_processor_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []

    def switched_meanwhile(who: int) -> SimpleNamespace:
        looked.append(who)
        return SimpleNamespace(ru_nivcsw=len(looked))

    monkeypatch.setattr(sampling, "getrusage", switched_meanwhile)
    with sampled() as counted:
        while len(looked) < 20:
            json.dumps(list(range(1000)))
    assert counted.total() == 0


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite3, sqlite3.dbapi2):
        monkeypatch.setattr(module, "connect", module.connect)
    database.show()


@pytest.mark.usefixtures("shown")
def test_calls_of_sqlite_have_frames_and_do_what_they_did(tmp_path: Path) -> None:
    files: Counter[str] = Counter()

    def look() -> int:
        import sys

        files.update(files_of(sys._getframe()))
        return 41

    connection = sqlite3.connect(tmp_path / "data.db", detect_types=sqlite3.PARSE_DECLTYPES)
    connection.row_factory = sqlite3.Row
    connection.create_function("look", 0, look)
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    connection.cursor().executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,), (3,)])
    connection.commit()
    cursor = connection.execute("SELECT number, look() AS seen FROM numbers WHERE number > ?", (1,))
    assert [*map(tuple, cursor.fetchmany(1)), *map(tuple, cursor.fetchall())] == [(2, 41), (3, 41)]
    assert cursor.fetchone() is None
    assert connection.execute("SELECT number FROM numbers").fetchone()["number"] == 1
    connection.rollback()
    connection.close()
    assert database.__file__ in files
    assert part_of_stack(iter([database.__file__, "/app/views.py"]), {}) == "database"


def test_the_parts_are_those_that_are_shown() -> None:
    from bench.applications.report import TITLES

    assert tuple(TITLES) == sampling.PARTS
