"""The scripts as one types them."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from shop.models import Day, Order, db

PATIENCE = 60  # seconds that a process may take on a busy machine


def test_the_scripts_keep_to_the_convention(type_: Callable[..., str]) -> None:
    # The temporary script is the one of the notes; in a project of one's own it would be gone by now.
    assert type_("check", "--oldest", "99999d") == "5 scripts, nothing to complain about.\n"


def test_they_are_listed(type_: Callable[..., str]) -> None:
    names = [line.split()[0] for line in type_("list").splitlines()]
    assert names[1:4] == ["clear_cache", "export_orders", "flush_calendar"]
    assert names[4:] == ["ts_2024_06_10_export_custom_s", "flush_order_data"]


def test_a_dry_run_leaves_the_file_as_it_is(
    type_: Callable[..., str], fill: Callable[[int], None], tmp_path: Path
) -> None:
    fill(3000)
    db.session.execute(db.update(Order).where(Order.id <= 1500).values(state="broken"))
    db.session.commit()
    db.session.remove()
    before = hashlib.sha256((tmp_path / "shop.db").read_bytes()).hexdigest()
    words = ("run", "flush_order_data", "--first", "1", "--last", "2000")
    assert "  orders: 1500 changed\n" in type_(*words, "--dry-run")
    assert "  day: 10 added\n" in type_(
        "run", "flush_calendar", "--first", "2026-01-01", "--days", "10", "--dry-run"
    )
    assert hashlib.sha256((tmp_path / "shop.db").read_bytes()).hexdigest() == before
    type_(*words, "--confirm", "shop")
    assert db.session.query(Order).filter_by(state="broken").count() == 0
    assert db.session.get_one(Order, 3).cents == 3 * 7 * 100


def test_an_export_that_was_killed_goes_on_to_the_same_file(
    start: Callable[..., subprocess.Popen[str]],
    type_: Callable[..., str],
    fill: Callable[[int], None],
    project: Path,
) -> None:
    fill(100_000)
    type_("run", "export_orders", "--path", "whole.csv")
    process = start("run", "export_orders", "--path", "orders.csv")
    checkpoint = project / "instance" / "script-log" / "recycle.export_orders.resume"
    given_up = time.monotonic() + PATIENCE
    while not checkpoint.exists() or json.loads(checkpoint.read_text())["steps"]["0"]["done"] < 10_000:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < given_up
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    whole = (project / "whole.csv").read_bytes()
    assert len((project / "orders.csv").read_bytes()) < len(whole)
    type_("run", "export_orders", "--path", "orders.csv", "--resume")
    assert (project / "orders.csv").read_bytes() == whole
    assert whole.count(b"\n") == 100_001


def test_the_calendar_is_filled(type_: Callable[..., str]) -> None:
    type_(
        "run",
        "flush_calendar",
        "--first",
        "2026-01-01",
        "--days",
        "7",
        "--closed",
        "2026-01-01",
        "--confirm",
        "shop",
    )
    assert [day.is_open for day in db.session.query(Day).order_by(Day.day)] == [
        *(False, True, False, False, True, True, True),
    ]


def test_a_coroutine_function_runs(type_: Callable[..., str], fill: Callable[[int], None]) -> None:
    fill(3)
    assert type_("run", "ts_2024_06_10_export_custom_s") == "Grace\n"


def test_the_web_process_knows_nothing_of_scripts(project: Path) -> None:
    import sys

    code = "import shop, sys; shop.create_app(); print([m for m in sys.modules if 'script' in m.split('.')])"
    (project / "probe.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "erlen.as_flask", "probe.py"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == "[]\n", done.stderr
