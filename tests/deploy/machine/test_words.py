"""Words in units and in supervisor's configuration reach the program as they were."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from erlen.deploy.targets.quoting import supervisor_command, systemd_command, systemd_line
from tests.deploy.machine.nspawn import Machine, boot, needs_machine
from tests.deploy.machine.wheels import PYTHON

pytestmark = [pytest.mark.slow, pytest.mark.servers]

ECHO = "import json, os, sys; json.dump([os.getcwd(), *sys.argv[2:]], open(sys.argv[1], 'w'))\n"
CHARACTERS = st.one_of(
    st.sampled_from("%$;#\\\"'{}()[]@!~-+= \t\n:|<>&*?`,"),
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
)
WORDS = st.lists(st.text(CHARACTERS, max_size=10), max_size=4)
# What a line of a unit can hold.
FOLDERS = st.text(CHARACTERS, max_size=8).map(
    lambda text: (
        "".join(each for each in text if each.isprintable() and each != "/").strip().rstrip("\\").strip()
    )
)
AWKWARD = [
    [
        "%n %% $HOME ${HOME} $$ ; # ' \"",
        "\\",
        "\\n",
        "a ;b",
        "a #b",
        ";",
        "#",
        "",
        " ",
        "a\nb",
        "\x1b[1m",
        "é\u2028",
    ],
    ["%(here)s", "%(ENV_HOME)s", "it's", "'; x", " ;", "-", "a b", "\t", "~", "*"],
]
numbers = itertools.count()
usual = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with a program that writes its words to a file."""
    needs_machine("supervisord")
    with boot() as booted:
        booted.write("/srv/echo.py", ECHO)
        booted.run("mkdir", "/srv/out", "/etc/supervisor/tried")
        yield booted


def told(machine: Machine, count: int) -> list[list[str]]:
    """Return what the programs were told, and remove it."""
    files = [machine.path(f"/srv/out/{number}") for number in range(count)]
    found = [json.loads(file.read_text()) for file in files]
    for file in files:
        file.unlink()
    return found


@given(lists=st.lists(WORDS, min_size=1, max_size=10), folder=FOLDERS)
@example(AWKWARD, "100% of 'it'; \"$HOME\"")
@usual
def test_systemd_starts_a_program_with_its_words(
    machine: Machine, lists: list[list[str]], folder: str
) -> None:
    folder = f"/srv/in-{folder}"
    line = systemd_line(folder)
    machine.path(folder).mkdir(exist_ok=True)
    commands = [
        systemd_command((PYTHON, "/srv/echo.py", f"/srv/out/{number}", *words))
        for number, words in enumerate(lists)
    ]
    starts = "".join(f"ExecStart={command}\n" for command in commands)
    machine.write(
        "/etc/systemd/system/tried.service",
        f"[Service]\nType=oneshot\nUser=root\nEnvironment=HOME=wrong\nWorkingDirectory={line}\n{starts}",
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "tried")
    assert told(machine, len(lists)) == [[folder, *words] for words in lists]


@given(lists=st.lists(WORDS, min_size=1, max_size=10))
@example(AWKWARD)
@settings(usual, max_examples=3)
def test_supervisor_starts_a_program_with_its_words(machine: Machine, lists: list[list[str]]) -> None:
    lists = [[word for word in words if word.isprintable()] for words in lists]
    sections = [
        f"[program:p{number}]\nautorestart=false\nstartsecs=0\ndirectory=/srv\nenvironment=HOME=wrong\n"
        f"command={supervisor_command((PYTHON, '/srv/echo.py', f'/srv/out/{number}', *words))}\n"
        for number, words in enumerate(lists)
    ]
    machine.write(
        "/srv/supervisord.conf",
        "[supervisord]\nnodaemon=true\nlogfile=/dev/null\npidfile=/run/tried.pid\n" + "".join(sections),
    )
    running = machine.start("supervisord", "-c", "/srv/supervisord.conf", stdout=-1)
    paths = [machine.path(f"/srv/out/{number}") for number in range(len(lists))]
    try:
        machine.wait_until(
            "each has written",
            lambda: all(path.exists() and path.read_text().endswith("]") for path in paths),
        )
    finally:
        machine.run("kill $(cat /run/tried.pid)")
        running.communicate(timeout=30)
    assert told(machine, len(lists)) == [["/srv", *words] for words in lists]
