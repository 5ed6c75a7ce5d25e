"""Units for systemd: its own tools find nothing to say against them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from erlen.deploy.targets import systemd
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, Folder, Impossible, Server
from erlen.deploy.targets.start_command import SOCKET_ACTIVATED
from tests.deploy.machine.nspawn import needs_program

from .sites import site


def service(server: Server = "erlen", **changes: object) -> str:
    return systemd.service(site(server=server, **changes))


def settings(text: str, name: str) -> list[str]:
    """Return the values that a unit gives a setting, in their order."""
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units of each server and of a port, with programs that are there."""
    programs = tmp_path / "environment" / "bin"
    programs.mkdir(parents=True)
    for name in ("erlen", "gunicorn", "dotenv"):
        shutil.copy("/bin/true", programs / name)
    paths = []
    for server in SERVERS:
        for name, socket in ((server, f"/run/{server}/{server}.sock"), (f"{server}-port", None)):
            made = site(name=name, server=server, socket=socket, environment=str(programs.parent))
            for file in systemd.files(made):
                path = tmp_path / file.path
                path.parent.mkdir(exist_ok=True)
                path.write_text(file.text)
                paths.append(str(path))
    return paths


def test_systemd_has_nothing_to_say_against_them(units: list[str]) -> None:
    needs_program("systemd-analyze")
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    # Its exit status is 0 for names of settings that it does not know, too.
    assert (told.stdout, told.stderr) == ("", "")


def test_the_check_by_systemd_would_say_something(tmp_path: Path) -> None:
    needs_program("systemd-analyze")
    (tmp_path / "wrong.service").write_text("[Service]\nExecStart=/bin/true\nNoNewPrivilege=yes\n")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "wrong.service"], capture_output=True, text=True
    )
    assert "NoNewPrivilege" in told.stderr


def test_what_is_exposed_is_below_three(units: list[str]) -> None:
    needs_program("systemd-analyze")
    services = [path for path in units if path.endswith(".service")]
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", *services]
    told = subprocess.run(words, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-3000:]


@pytest.mark.parametrize("server", SERVERS)
def test_python_dotenv_reads_the_environment_file_for_servers_that_do_not(server: Server) -> None:
    text = service(server)
    assert settings(text, "EnvironmentFile") == []
    (start,) = settings(text, "ExecStart")
    assert ("/dotenv -f /srv/shop/current/.env run --no-override -- " in start) is (
        server not in ("erlen", "gunicorn")
    )


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_that_can_is_given_the_socket_by_systemd(server: Server) -> None:
    made = {file.path: file.text for file in systemd.files(site(server=server))}
    if server in SOCKET_ACTIVATED:
        assert settings(made["systemd/shop.socket"], "ListenStream") == ["/run/shop/shop.sock"]
        assert settings(made["systemd/shop.socket"], "SocketGroup") == ["www-data"]
        assert settings(made["systemd/shop.service"], "Requires") == ["shop.socket"]
        # Otherwise the socket would go with the folder when the service stops.
        assert settings(made["systemd/shop.service"], "RuntimeDirectoryPreserve") == ["yes"]
        assert "/run/shop/shop.sock" not in settings(made["systemd/shop.service"], "ExecStart")[0]
    else:
        assert list(made) == ["systemd/shop.service"]


def test_a_port_is_listened_on_for_the_server() -> None:
    made = {file.path: file.text for file in systemd.files(site(socket=None))}
    assert settings(made["systemd/shop.socket"], "ListenStream") == ["127.0.0.1:8000"]
    assert "SocketGroup" not in made["systemd/shop.socket"]


@pytest.mark.parametrize("server", SERVERS)
def test_the_main_process_alone_is_told_to_stop_and_has_time_for_it(server: Server) -> None:
    text = service(server)
    assert settings(text, "KillMode") == ["mixed"]
    assert settings(text, "KillSignal") == ["SIGINT" if server == "waitress" else "SIGTERM"]
    assert int(settings(text, "TimeoutStopSec")[0]) > 30


def test_a_reload_of_erlen_waits_for_the_new_code_and_others_get_a_signal() -> None:
    assert settings(service(), "ExecReload") == [
        "/srv/shop/current/.venv/bin/erlen serve --reload --pid-file /run/shop/shop.pid"
    ]
    assert settings(service("gunicorn"), "ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert settings(service("waitress"), "ExecReload") == []


def test_uploads_that_the_front_sends_can_be_written() -> None:
    text = service(media=(Folder("/media/", "/srv/shop/shared/my media"),))
    assert settings(text, "ReadWritePaths") == ['/srv/shop/shared/instance "/srv/shop/shared/my media"']


def test_code_in_a_home_can_be_read() -> None:
    assert settings(service(folder="/home/ann/shop"), "ProtectHome") == ["read-only"]
    assert settings(service(), "ProtectHome") == ["yes"]


@pytest.mark.parametrize("folder", ["/tmp/shop", "/var/tmp/shop", "shop"])
def test_code_that_the_unit_would_not_find_is_refused(folder: str) -> None:
    with pytest.raises(Impossible, match="--folder"):
        list(systemd.files(site(folder=folder)))


@pytest.mark.parametrize(
    "changes",
    [
        {"folder": "/srv/a\nExecStartPre=/bin/sh"},
        {"folder": "/srv/shop/current\\"},
        {"folder": "/srv/shop "},
        {"user": "shop\nUser=root"},
        {"user": "%u"},
        {"front_group": "www data"},
        {"environment": '/srv/"shop"/.venv'},
        {"environment": "/srv/a\nb/.venv"},
        {"application": "wsgi:\0"},
        {"application": "wsgi:\udcff"},
    ],
)
def test_what_a_unit_cannot_hold_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Unquotable):
        list(systemd.files(site(**changes)))


def test_specifiers_and_variables_are_texts() -> None:
    text = service(application="wsgi:make('100%n $HOME')", folder="/srv/100%/current")
    assert settings(text, "WorkingDirectory") == ["/srv/100%%/current"]
    (start,) = settings(text, "ExecStart")
    # The colon: no variable is expanded.
    assert start.startswith(":/srv/shop/current/.venv/bin/erlen ")
    assert "\"wsgi:make('100%%n $HOME')\"" in start


@pytest.mark.parametrize("path", ["/run/shop.sock", "/srv/shop/run/shop.sock"])
def test_a_socket_in_a_folder_that_systemd_does_not_make_is_refused(path: str) -> None:
    with pytest.raises(Impossible, match="--socket"):
        service(socket=path)


def test_the_folder_of_another_socket_is_made() -> None:
    assert settings(service(socket="/run/sites/shop/s.sock"), "RuntimeDirectory") == ["sites/shop"]
