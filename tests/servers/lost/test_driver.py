"""A server under test is what the driver says it is, and nothing of it is left."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from .driver import is_gone, serving, until
from .releases import Site

# A child that leaves the group and the session of its parent, as a server's may.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


def test_nothing_is_left_of_a_server_though_its_children_have_left_it(tmp_path: Path) -> None:
    with serving([sys.executable, "-c", PARENT], tmp_path) as served:
        assert until(lambda: served.log.strip().isdigit())
        child = int(served.log)
        assert until(lambda: sorted(served.processes()) == sorted({served.process.pid, child}))
        assert not is_gone(child)
    assert until(lambda: is_gone(child))
    assert served.processes() == []


def test_what_does_not_become_true_is_given_up() -> None:
    start = time.monotonic()
    assert not until(lambda: False, 0.1)
    assert time.monotonic() - start >= 0.1


def test_the_link_leads_to_the_newest_release(tmp_path: Path) -> None:
    site = Site(tmp_path, seconds=0)
    assert (site.current / "version").read_text() == "one"
    site.release("two")
    assert (site.current / "version").read_text() == "two"
    site.change("three")
    assert (tmp_path / "releases" / "two" / "version").read_text() == "three"
    assert (tmp_path / "releases" / "one" / "version").read_text() == "one"


def test_broken_code_is_mended(tmp_path: Path) -> None:
    site = Site(tmp_path, seconds=0)
    whole = (site.current / "hello.py").read_text()
    site.break_code()
    assert "broken on purpose" in (site.current / "hello.py").read_text()
    site.mend_code()
    assert (site.current / "hello.py").read_text() == whole
