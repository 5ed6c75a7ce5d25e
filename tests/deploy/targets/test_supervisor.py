"""Programs for supervisor. `tests/deploy/machine/test_supervisor.py` starts one."""

from __future__ import annotations

import configparser

import pytest

from erlen.deploy.targets import supervisor
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, Server

from .sites import site


def section(server: Server = "erlen", **changes: object) -> configparser.SectionProxy:
    """Read the section as supervisor does, short of its `%(…)s`."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read_string(supervisor.program(site(server=server, **changes)))
    return parser["program:shop"]


@pytest.mark.parametrize("server", SERVERS)
def test_the_main_process_alone_is_told_to_stop_and_what_is_left_is_killed(server: Server) -> None:
    program = section(server)
    assert program["stopsignal"] == ("INT" if server == "waitress" else "TERM")
    assert program["stopasgroup"] == "false"
    assert program["killasgroup"] == "true"
    assert int(program["stopwaitsecs"]) > 30


def test_the_variable_for_the_alias_is_set() -> None:
    assert section("gunicorn")["environment"] == 'ERLEN_AS_FLASK="1"'
    assert "environment" not in section("gunicorn", needs_alias=False)


def test_percent_signs_and_semicolons_are_texts() -> None:
    program = section(application="wsgi:make(' ;x', ' #y', '%z')", folder="/srv/50%/current")
    assert program["directory"] == "/srv/50%%/current"
    assert program["command"].endswith(" --pid-file /run/shop/shop.pid")
    assert "%%z" in program["command"]


def test_the_folder_of_the_socket_is_the_front_s_too() -> None:
    made = {file.path: file.text for file in supervisor.files(site())}
    assert made["supervisor/shop.tmpfiles"] == "d /run/shop 2750 shop www-data -\n"
    assert [file.path for file in supervisor.files(site(server="gunicorn", socket=None))] == [
        "supervisor/shop.conf"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"folder": "/srv/a\nuser=root"},
        {"folder": "/srv/a ;b"},
        {"folder": "/srv/a "},
        {"user": "shop\nuser=root"},
        {"application": "wsgi:make('\n[program:x]')"},
        {"application": "wsgi:make('\u2028')"},
        {"application": "wsgi:\udcff"},
    ],
)
def test_what_it_cannot_hold_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Unquotable):
        list(supervisor.files(site(**changes)))
