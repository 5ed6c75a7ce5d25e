from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from erlen import Erlen
from erlen.script import kept
from erlen.script.places import Script
from erlen.script.records import Record, records_of

from .conftest import Database, Project

PATIENCE = 60  # seconds that a process may take on a busy machine

APPLICATION = """
from flask import Flask

app = Flask("shop")
"""


def last_record(project: Project, script: Script) -> Record:
    return records_of(project.kept, script)[-1]


# in this process


def test_a_script_runs_in_the_applications_context(project: Project) -> None:
    text = """
        from flask import current_app
        def main(number: int = 3) -> None:
            '''Print it.'''
            print(current_app.name, current_app.debug, number)
    """
    script = project.write("recycle/a", text.replace("flask", "erlen"))
    project.app.debug = True
    result = project.type("run", "a", "--number", "4")
    assert (result.exit_code, result.stdout) == (0, "shop False 4\n")
    record = last_record(project, script)
    assert (record.status, record.is_dry, record.seconds is not None) == (0, False, True)
    assert "a ended with status 0 after" in (project.kept / "recycle.a.log").read_text()
    assert "Print it." in project.type("run", "a", "--help").stdout


def test_a_coroutine_function_runs_too(project: Project) -> None:
    text = """
        import asyncio
        from erlen import current_app
        async def main() -> None:
            await asyncio.sleep(0)
            print(current_app.name)
    """
    project.write("recycle/a", text)
    assert project.type("run", "a").stdout == "shop\n"


def test_a_factory_sees_that_debug_mode_is_off(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from click.testing import CliRunner

    from erlen.cli import ScriptInfo
    from erlen.script.command import script

    def create_app() -> Erlen:
        app = Erlen("shop", instance_path=str(project.root))
        app.config["SEEN"] = os.environ["FLASK_DEBUG"]
        return app

    monkeypatch.setenv("FLASK_DEBUG", "1")
    project.write("recycle/a", "from erlen import current_app\ndef main(): print(current_app.config['SEEN'])")
    result = CliRunner().invoke(script, ["run", "a"], obj=ScriptInfo(create_app=create_app))
    assert result.stdout == "0\n"


@pytest.mark.parametrize(
    ("body", "status", "printed"),
    [
        ("sys.exit(7)", 7, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit('no orders')", 1, "no orders\n"),
        ("raise KeyboardInterrupt", 130, "\na was stopped with Ctrl-C.\n"),
        ("raise click.ClickException('no orders')", 1, "Error: no orders\n"),
        ("raise click.Abort", 1, "Aborted!\n"),
        ("1 / 0", 1, ""),
        ("raise OSError(28, 'No space left')", 1, "The disk is full: make room first.\n"),
    ],
)
def test_whatever_ends_a_script_is_its_status(project: Project, body: str, status: int, printed: str) -> None:
    script = project.write("recycle/a", f"import sys, click\ndef main():\n    {body}")
    result = project.type("run", "a")
    assert (result.exit_code, result.stderr) == (status, printed)
    assert last_record(project, script).status == status


def test_a_traceback_is_in_the_log(project: Project) -> None:
    project.write("recycle/a", "def main(): 1 / 0")
    assert project.type("run", "a").exit_code == 1
    assert "ZeroDivisionError: division by zero" in (project.kept / "recycle.a.log").read_text()


def test_binary_output_stays_as_it_is(project: Project) -> None:
    project.write("recycle/a", r"import sys; main = lambda: sys.stdout.buffer.write(b'\xff\x00\n') and None")
    assert project.type("run", "a").stdout_bytes == b"\xff\x00\n"


def test_a_script_may_change_the_working_directory(project: Project) -> None:
    script = project.write("recycle/a", "import os\ndef main(): os.chdir('/')")
    assert project.type("run", "a").exit_code == 0
    assert last_record(project, script).status == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no function 'main'"),
        ("def main(x: bytes): ...", "the parameter 'x' of 'main' is a bytes"),
        ("import sys; sys.exit()", "ends the process when it is imported"),
    ],
)
def test_a_script_that_is_none_is_not_run(project: Project, text: str, message: str) -> None:
    project.write("recycle/a", text)
    result = project.type("run", "a")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not project.kept.exists()


# confirmation


@pytest.fixture
def changing(project: Project) -> Script:
    return project.write("recycle/a", "changes_data = True\ndef main(): print('done')")


@pytest.mark.usefixtures("changing")
def test_a_script_that_changes_data_is_confirmed_in_production(project: Project) -> None:
    result = project.type("run", "a")
    assert result.exit_code == 5
    assert "there is no terminal to ask at: give --confirm shop." in result.stderr
    result = project.type("run", "a", "--confirm", "blog")
    assert result.exit_code == 5
    assert "'blog' is not the name of the application ('shop'): nothing was done." in result.stderr
    assert project.type("run", "a", "--confirm", "shop").stdout == "done\n"


@pytest.mark.usefixtures("changing")
@pytest.mark.parametrize(("typed", "status"), [("shop\n", 0), ("yes\n", 5), ("", 1)])
def test_at_a_terminal_it_is_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    result = project.type("run", "a", stdin=typed)
    assert "a changes data in production. The name of the application: " in result.stderr
    assert result.exit_code == status


@pytest.mark.usefixtures("changing")
def test_elsewhere_nothing_is_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert project.type("run", "a").stdout == "done\n"
    monkeypatch.setenv("FLASK_DEBUG", "0")
    project.app.testing = True
    assert project.type("run", "a").stdout == "done\n"


# dry runs


def test_a_dry_run_undoes_and_says_what_it_was(project: Project, database: Database) -> None:
    project.app.extensions["sqlalchemy"] = database
    text = """
        from erlen import current_app
        changes_data = True
        def main(count: int = 2) -> None:
            session = current_app.extensions['sqlalchemy'].session
            from sqlalchemy import text
            session.execute(text('INSERT INTO orders (cents) VALUES (1)'))
            session.commit()
    """
    script = project.write("recycle/a", text)
    before = database.path.read_bytes()
    result = project.type("run", "a", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "A dry run: nothing was kept. It would have changed:\n  orders: 1 added\n"
    assert database.path.read_bytes() == before
    assert last_record(project, script).is_dry
    assert project.type("run", "a", "--confirm", "shop").exit_code == 0
    assert database.path.read_bytes() != before


def test_a_script_may_see_to_its_dry_runs_itself(project: Project) -> None:
    project.write("recycle/a", "def main(dry_run: bool): print(dry_run)")
    assert project.type("run", "a").stdout == "False\n"
    assert project.type("run", "a", "--dry-run").stdout == "True\nA dry run: no changes.\n"


def test_without_either_there_is_no_dry_run(project: Project) -> None:
    project.write("recycle/a", "def main(): print('done')")
    result = project.type("run", "a", "--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Nothing here can undo what a script changes" in result.stderr


def test_a_dry_run_is_not_resumed(project: Project) -> None:
    project.write("recycle/a", "def main(dry_run: bool): ...")
    result = project.type("run", "a", "--dry-run", "--resume")
    assert result.exit_code == 2
    assert "does not go with --resume" in result.stderr


# going on


COUNTING = """
    from pathlib import Path
    from erlen.script import progress
    def main(cut: bool = False, upto: int = 25) -> None:
        with progress(range(upto), batch=10) as rows:
            file = rows.open("numbers.txt")
            for number in rows:
                file.write(f"{number}\\n")
                if number == 17:
                    tries = Path("tries")
                    if not tries.exists():
                        tries.touch()
                        raise RuntimeError("cut off")
"""


def test_a_run_that_failed_is_gone_on_with(project: Project) -> None:
    project.write("recycle/a", COUNTING)
    result = project.type("run", "a")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "'--resume' with the same options goes on behind the last finished batch.\n"
    )
    other = project.type("run", "a", "--upto", "30", "--resume")
    assert "The run that was cut off had other options" in other.stderr
    result = project.type("run", "a", "--resume")
    assert (result.exit_code, result.stderr) == (0, "Going on behind 10 rows.\n")
    assert Path("numbers.txt").read_text() == "".join(f"{number}\n" for number in range(25))
    result = project.type("run", "a", "--resume")
    assert (result.exit_code, "nothing to resume" in result.stderr) == (2, True)


def test_a_run_from_the_beginning_forgets_the_one_before(project: Project) -> None:
    project.write("recycle/a", COUNTING)
    assert project.type("run", "a").exit_code == 1
    assert project.type("run", "a").exit_code == 0
    assert Path("numbers.txt").read_text() == "".join(f"{number}\n" for number in range(25))


def test_where_nothing_can_be_kept_nothing_is_run(project: Project) -> None:
    (project.root / "instance").write_text("a file")
    project.write("recycle/a", "def main(): print('done')")
    result = project.type("run", "a")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be made" in result.stderr


# as processes


@pytest.fixture
def application(project: Project) -> Project:
    """Give the project a file with an application that is written for Flask."""
    (project.root / "app.py").write_text(APPLICATION)
    return project


WAITING = """
    import time
    from pathlib import Path
    def main() -> None:
        try:
            Path("begun").touch()
            while True:
                time.sleep(0.02)
        finally:
            Path("ended").touch()
"""


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    given_up = time.monotonic() + PATIENCE
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < given_up
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_properly(application: Project, number: signal.Signals, status: int) -> None:
    script = application.write("recycle/a", WAITING)
    with application.start("run", "a") as process:
        wait_for(application.root / "begun", process)
        process.send_signal(number)
        _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, printed
    assert (application.root / "ended").exists()
    assert last_record(application, script).status == status
    assert "Traceback" not in printed


@pytest.mark.slow
def test_two_at_once_and_the_second_says_who_runs_it(application: Project) -> None:
    script = application.write("recycle/a", WAITING)
    with application.start("run", "a") as first:
        wait_for(application.root / "begun", first)
        with application.start("run", "a") as second:
            _, printed = second.communicate(timeout=PATIENCE)
        assert second.returncode == 4
        assert f"as process {first.pid}, since" in printed
        first.kill()
    record = last_record(application, script)
    assert (record.status, record.seconds) == (None, None)


def test_a_script_for_flask_runs_with_the_alias(application: Project) -> None:
    text = """
        from flask import Flask, current_app
        from erlen import Erlen
        def main() -> None:
            print(Flask is Erlen, isinstance(current_app._get_current_object(), Erlen))
    """
    application.write("recycle/a", text)
    with application.start("run", "a") as process:
        printed, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed) == (0, "True True\n"), errors
    lines = (application.kept / "recycle.a.log").read_text()
    assert errors == lines
    assert "INFO in erlen.script: a begins" in lines


@pytest.mark.slow
def test_the_log_names_the_environment_files_and_no_values(application: Project) -> None:
    (application.root / ".env").write_text("SHOP_KEY=hunter2\nOFFLINE_SCRIPTS=tools\n")
    application.folder = application.root / "tools"
    application.write("recycle/a", "import os\ndef main() -> None: print(os.environ['SHOP_KEY'])")
    with application.start("run", "a") as process:
        printed, errors = process.communicate(timeout=PATIENCE)
    assert printed == "hunter2\n", errors
    assert "Environment: .env (SHOP_KEY, OFFLINE_SCRIPTS)" in errors
    assert "hunter2" not in errors


KILLED = """
    import os, signal
    from erlen.script import progress
    def main() -> None:
        with progress(range(1000), batch=10) as rows:
            file = rows.open("numbers.txt")
            for number in rows:
                file.write(f"{number}\\n")
                if number == 507 and not rows.is_resumed:
                    file.flush()
                    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_what_was_killed_goes_on_to_the_same_file(application: Project) -> None:
    script = application.write("recycle/a", KILLED)
    with application.start("run", "a") as process:
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    assert len((application.root / "numbers.txt").read_text().splitlines()) == 508
    assert last_record(application, script).status is None
    with application.start("run", "a", "--resume") as process:
        _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed
    assert "Going on behind 500 rows." in printed
    assert (application.root / "numbers.txt").read_text() == "".join(f"{n}\n" for n in range(1000))


@pytest.mark.slow
def test_no_script_is_imported_by_the_application(application: Project) -> None:
    application.write("recycle/a", "print('imported')\ndef main(): ...")
    done = subprocess.run(
        [sys.executable, "-m", "erlen", "routes"],
        cwd=application.root,
        env=application.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "imported" not in done.stdout


def test_a_log_on_a_full_disk_does_not_end_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write", full)
    project.write("recycle/a", "def main(): print('done')")
    result = project.type("run", "a")
    assert (result.exit_code, result.stdout) == (0, "done\n")
    assert result.stderr.count("could not be recorded: No space left on device") == 2
