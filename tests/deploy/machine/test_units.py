"""Units of each server, started by a real systemd; and a program of supervisor."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from importlib import import_module

import pytest

from erlen.deploy.targets import supervisor, systemd
from erlen.deploy.targets.site import SERVERS, Server, Site
from erlen.deploy.targets.start_command import start_command
from tests.deploy.machine.nspawn import Machine, boot, needs_machine
from tests.deploy.machine.shop import write_project
from tests.deploy.machine.wheels import PYTHON, offline, wheels
from tests.deploy.targets.sites import site

pytestmark = [pytest.mark.slow, pytest.mark.servers]

ASGI = ("uvicorn", "hypercorn")
# Quotes, a dollar, a comment and a backslash: systemd's EnvironmentFile= would make something else of them.
ENVIRONMENT = "SECRET_KEY=for-tests\nexport WORD='it is $HOME and 100%' # not this\nBACKSLASH=a\\b\n"


def site_of(server: Server) -> Site:
    name = f"shop-{server}"
    return site(
        name=name,
        server=server,
        interface="asgi" if server in ASGI else "wsgi",
        user="shop",
        socket=f"/run/{name}/{name}.sock",
        settings=f"/etc/{name}",
    )


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with the project, an environment with all servers, and their units."""
    needs_machine("curl", "supervisord")
    sites = [site_of(server) for server in SERVERS]
    packages = [start_command(each).package for each in sites]
    folder = wheels(*(each for each in packages if not each.startswith("erlen")))
    with boot() as booted:
        booted.copy(folder, "/srv/wheels")
        write_project(booted, "/srv/shop/current")
        booted.run("useradd", "--system", "--no-create-home", "shop")
        booted.run("install -d -o shop -g shop -m 2700 /srv/shop/shared/instance")
        booted.write("/srv/shop/shared/.env", ENVIRONMENT, 0o600)
        booted.run(
            "chown shop: /srv/shop/shared/.env && ln -s ../shared/.env ../shared/instance /srv/shop/current/"
        )
        booted.run(PYTHON, "-m", "venv", "/srv/shop/current/.venv")
        pip = ("/srv/shop/current/.venv/bin/pip", "install", "--quiet", "--disable-pip-version-check")
        booted.run(*pip, "erlen[dotenv]", *packages, env=offline("/srv/wheels"), timeout=200)
        for each in sites:
            _install(booted, each)
        booted.run("systemctl", "daemon-reload")
        yield booted


def _install(machine: Machine, made: Site) -> None:
    for file in systemd.files(made):
        machine.write(f"/etc/systemd/system/{file.path.rpartition('/')[2]}", file.text)
    path = start_command(made).settings
    if path is not None:
        target = import_module(f"erlen.deploy.targets.{made.server}")
        (file,) = target.files(_over_http(made))
        machine.write(path, file.text)


def _over_http(made: Site) -> Site:
    """Return uWSGI's site with a port: over its socket it speaks a protocol that curl does not."""
    return dataclasses.replace(made, socket=None, port=8009) if made.server == "uwsgi" else made


def ask(machine: Machine, server: Server, path: str, user: str = "www-data", check: bool = True) -> str:
    """Ask as the front does."""
    made = _over_http(site_of(server))
    where = ("--unix-socket", made.socket) if made.socket else ()
    url = f"http://127.0.0.1:{made.port}{path}"
    told = machine.run("curl", "-sS", "--fail-with-body", *where, url, user=user, check=False)
    if check:
        assert told.returncode == 0, f"{told.stdout}\n{told.stderr}\n{machine.journal()}"
    return told.stdout


def show(machine: Machine, unit: str, name: str) -> str:
    return machine.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()


def answers(machine: Machine, server: Server) -> bool:
    return ask(machine, server, "/process", check=False).isdigit()


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Server]:
    """A server whose unit runs."""
    unit = f"shop-{request.param}"
    machine.run("systemctl", "start", unit)
    machine.wait_until(f"{unit} answers", lambda: answers(machine, request.param))
    yield request.param
    machine.run("systemctl", "stop", f"{unit}.socket", unit, check=False)


def test_a_server_serves_reloads_is_restarted_and_stops(machine: Machine, server: Server) -> None:
    unit = f"shop-{server}"
    # The front can connect, nobody else can, and it is not root who serves.
    process = ask(machine, server, "/process")
    assert machine.run("ps", "-o", "user=", "-p", process).stdout == "shop\n"
    if server != "uwsgi":
        assert ask(machine, server, "/process", user="nobody", check=False) == ""
    # .env is read as python-dotenv reads it.
    assert ask(machine, server, "/variable/WORD") == "it is $HOME and 100%"
    assert ask(machine, server, "/variable/BACKSLASH") == "a\\b"
    assert ask(machine, server, "/visits?", check=False) != ""
    # A reload, where there is one, leaves the main process.
    main = show(machine, unit, "MainPID")
    if show(machine, unit, "CanReload") == "yes":
        machine.run("systemctl", "reload", unit)
        assert show(machine, unit, "MainPID") == main
        machine.wait_until(
            "new workers answer",
            lambda: ask(machine, server, "/process", check=False).strip() not in ("", process),
        )
    # The main process dies: systemd starts it again.
    machine.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", unit)
    machine.wait_until("it is restarted", lambda: show(machine, unit, "MainPID") not in ("0", main))
    machine.wait_until("it answers", lambda: answers(machine, server))
    # A request that is under way finishes.
    slow = begin_slow_request(machine, server)
    machine.run("systemctl", "stop", f"{unit}.socket", unit, check=False)
    assert slow.communicate(timeout=30)[0] == "done"
    assert show(machine, unit, "Result") == "success"
    assert machine.run("pgrep", "-u", "shop", check=False).stdout == ""


def begin_slow_request(machine: Machine, server: Server) -> subprocess.Popen[str]:
    begun = machine.path("/srv/shop/shared/instance/slow-has-begun")
    begun.unlink(missing_ok=True)
    made = _over_http(site_of(server))
    where = ("--unix-socket", made.socket) if made.socket else ()
    words = ("curl", "-sS", *where, f"http://127.0.0.1:{made.port}/slow?seconds=2")
    slow = machine.start(*words, user="www-data", stdout=subprocess.PIPE)
    machine.wait_until("the view has begun", begun.exists)
    return slow


@pytest.mark.parametrize("server", ["erlen", "granian", "waitress"])
def test_supervisor_starts_it_again_and_lets_requests_finish(machine: Machine, server: Server) -> None:
    made = site_of(server)
    program, folder = supervisor.files(made)
    machine.write(f"/etc/supervisor/conf.d/{made.name}.conf", program.text)
    machine.write(f"/etc/tmpfiles.d/{made.name}.conf", folder.text)
    machine.run("systemd-tmpfiles", "--create", f"/etc/tmpfiles.d/{made.name}.conf")
    machine.run("systemctl", "start", "supervisor")
    machine.wait_until(
        "supervisor listens", lambda: machine.run("supervisorctl", "update", check=False).returncode == 0
    )
    machine.wait_until("it answers", lambda: answers(machine, server))
    assert ask(machine, server, "/variable/WORD") == "it is $HOME and 100%"
    assert ask(machine, server, "/process", user="nobody", check=False) == ""
    main = machine.run("supervisorctl", "pid", made.name).stdout.strip()
    assert machine.run("ps", "-o", "user=", "-p", main).stdout == "shop\n"

    machine.run("kill", "-KILL", main)
    # granian's workers outlive it, and supervisor does not know them.
    machine.run("pkill", "-KILL", "-u", "shop", "--parent", "1", check=False)
    again = ("supervisorctl", "pid", made.name)
    machine.wait_until(
        "it is started again", lambda: machine.run(*again, check=False).stdout.strip() not in ("0", main)
    )
    machine.wait_until("it answers", lambda: answers(machine, server))
    slow = begin_slow_request(machine, server)
    machine.run("supervisorctl", "stop", made.name)
    assert slow.communicate(timeout=30)[0] == "done"
    machine.run("rm", f"/etc/supervisor/conf.d/{made.name}.conf")
    machine.run("supervisorctl", "update")
    left = ("pgrep", "-u", "shop")
    machine.wait_until("nothing of it is left", lambda: not machine.run(*left, check=False).stdout)
