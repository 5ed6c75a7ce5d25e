"""How each server is started, so that a front can connect and nothing that was met goes wrong again."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.site import SERVERS, Impossible, Server
from erlen.deploy.targets.start_command import SOCKET_ACTIVATED, start_command

from .sites import site

SOCKET = "/run/shop/shop.sock"


def words(server: Server, **changes: object) -> str:
    return " ".join(start_command(site(server=server, **changes)).words)


@pytest.mark.parametrize("server", SERVERS)
def test_the_program_is_that_of_the_virtual_environment(server: Server) -> None:
    assert words(server).startswith("/srv/shop/current/.venv/bin/")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("erlen", f"--unix {SOCKET} --mode 660 --group www-data"),
        ("waitress", f"--unix-socket {SOCKET} --unix-socket-perms 660"),
        ("granian", f"--uds {SOCKET} --uds-permissions 0660"),
        ("uvicorn", f"--uds {SOCKET}"),
        ("hypercorn", f"--bind unix:{SOCKET} --umask 7"),
    ],
)
def test_owner_and_group_may_connect_to_the_socket(server: Server, said: str) -> None:
    assert said in words(server)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("erlen", "--host 127.0.0.1 --port 8000"),
        ("waitress", "--listen 127.0.0.1:8000"),
        ("granian", "--host 127.0.0.1 --port 8000"),
        ("uvicorn", "--host 127.0.0.1 --port 8000"),
        ("hypercorn", "--bind 127.0.0.1:8000"),
    ],
)
def test_without_a_socket_it_is_a_port_of_this_machine(server: Server, said: str) -> None:
    assert said in words(server, socket=None)
    assert SOCKET not in words(server, socket=None)


@pytest.mark.parametrize("server", [server for server in SERVERS if server != "uwsgi"])
def test_a_platform_says_the_port_in_a_variable(server: Server) -> None:
    said = " ".join(start_command(site(server=server), port="$PORT").words)
    assert "$PORT" in said
    assert "0.0.0.0" in said
    assert SOCKET not in said


@pytest.mark.parametrize("server", SOCKET_ACTIVATED)
def test_a_socket_of_systemd_takes_the_place_of_an_address(server: Server) -> None:
    said = " ".join(start_command(site(server=server), inherits_socket=True).words)
    assert SOCKET not in said
    assert "8000" not in said


def test_uwsgi_takes_no_port_from_a_variable() -> None:
    with pytest.raises(Impossible, match="--server"):
        start_command(site(server="uwsgi"), port="$PORT")


@pytest.mark.parametrize("server", SERVERS)
def test_all_but_erlen_itself_need_the_variable_for_the_alias(server: Server) -> None:
    expected = {} if server == "erlen" else {"ERLEN_AS_FLASK": "1"}
    assert start_command(site(server=server)).environment == expected
    assert start_command(site(server=server, needs_alias=False)).environment == {}


def test_what_servers_believe_or_remove_by_themselves_is_turned_off() -> None:
    assert "--no-proxy-headers" in words("uvicorn")
    assert "--no-clear-untrusted-proxy-headers" in words("waitress")


def test_a_worker_of_granian_that_dies_does_not_end_all() -> None:
    assert "--respawn-failed-workers" in words("granian")


def test_waitress_lets_requests_finish_for_another_signal_than_the_others() -> None:
    signals = {server: start_command(site(server=server)).stop_signal for server in SERVERS}
    assert signals == dict.fromkeys(SERVERS, "SIGTERM") | {"waitress": "SIGINT"}


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("erlen", "--app wsgi:create_app() serve"),
        ("waitress", "--call wsgi:create_app"),
        ("granian", "--factory wsgi:create_app"),
        ("uvicorn", "--factory wsgi:create_app"),
        ("hypercorn", "wsgi:create_app()"),
    ],
)
def test_a_function_that_makes_the_application_is_named_as_the_server_wants_it(
    server: Server, said: str
) -> None:
    assert said in words(server, application="wsgi:create_app()")


@pytest.mark.parametrize("server", ["waitress", "granian", "uvicorn"])
def test_arguments_of_such_a_function_are_an_error_where_nobody_can_say_them(server: Server) -> None:
    with pytest.raises(Impossible, match=r"wsgi\.py"):
        start_command(site(server=server, application="shop:create_app('production')"))


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("erlen", "--root-path /app"),
        ("waitress", "--url-prefix /app"),
        ("granian", "--url-path-prefix /app"),
        ("uvicorn", "--root-path /app"),
        ("hypercorn", "--root-path /app"),
    ],
)
def test_a_prefix_is_told_to_servers_that_have_a_word_for_it(server: Server, said: str) -> None:
    assert said in words(server, prefix="/app")


@pytest.mark.parametrize(("server", "name"), [("gunicorn", "gunicorn.conf.py"), ("uwsgi", "uwsgi.ini")])
def test_a_server_with_a_file_of_settings_names_it(server: Server, name: str) -> None:
    command = start_command(site(server=server))
    assert command.settings == f"/etc/shop/{name}"
    assert command.words[-1] == command.settings
    assert start_command(site()).settings is None


def test_numbers_of_workers_and_threads_reach_the_server() -> None:
    assert "--workers 3 --threads 5" in words("erlen", workers=3, threads=5)
    assert "--workers" not in words("erlen")
    assert "--workers 3" in words("granian", workers=3)
    assert "--threads 5" in words("waitress", threads=5)


def test_erlen_reloads_by_a_command_that_waits_for_the_new_code() -> None:
    assert start_command(site()).reload == (
        *("/srv/shop/current/.venv/bin/erlen", "serve"),
        *("--reload", "--pid-file", "/run/shop/shop.pid"),
    )


def test_a_large_limit_of_uploads_is_told_to_waitress_which_has_one_of_its_own() -> None:
    assert "--max-request-body-size 2147483649" in words("waitress", largest_body=2**31)
    assert "--max-request-body-size" not in words("waitress", largest_body=1000)
