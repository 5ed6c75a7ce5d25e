"""The script of `erlen deploy host` on a machine: once, twice, and where something is wrong."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from erlen.deploy.targets import host
from erlen.deploy.targets.files import with_head
from erlen.deploy.targets.site import Folder
from tests.deploy.machine.nspawn import Machine, boot, needs_machine
from tests.deploy.machine.packages import offer_packages
from tests.deploy.machine.shop import CLIENTS, WSGI, Load, write_project
from tests.deploy.machine.wheels import offline, wheels
from tests.deploy.targets.sites import site

pytestmark = [pytest.mark.slow, pytest.mark.servers]

WHEELS = "/srv/wheels"
STEPS = (
    *("packages", "upgrades", "account", "folders", "secrets", "unit", "code", "start"),
    *("ssh", "firewall", "front", "certificate", "backup"),
)
FOLDERS = ("/etc", "/srv/shop", "/root/.ssh", "/run/systemd", "/var/lib/systemd", "/var/lib/dpkg", "/var/www")


class Shop:
    """A machine, and the script for it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def set_up(self, *words: str, status: int = 0, steps: tuple[str, ...] = STEPS) -> str:
        """Run the script, with some of its steps, and return what it said."""
        left_out = [word for step in STEPS if step not in steps for word in ("--without", step)]
        told = self.machine.run(
            "/root/shop.sh", *words, *left_out, env=offline(WHEELS), check=False, timeout=200
        )
        assert told.returncode == status, f"{told.stdout}\n{told.stderr}"
        return told.stdout if status == 0 else told.stderr

    def files(self) -> set[str]:
        """Return all files that the script could write, with their contents' sums, rights and owners."""
        listing = self.machine.run(
            f"find {' '.join(FOLDERS)} -xdev ! -type d -printf '%p %m %u:%g %s %T@ %l\\n'", check=False
        )
        return set(listing.stdout.splitlines())

    def ask(self, path: str, *words: str) -> str:
        """Ask through nginx, by HTTPS."""
        by = ("--insecure", "--connect-to", "::127.0.0.1:", *words)
        return self.machine.run("curl", "-sS", "--fail", *by, f"https://shop.example{path}").stdout

    def state(self, unit: str, *properties: str) -> list[str]:
        words = [f"--property={name}" for name in properties]
        return self.machine.run("systemctl", "show", "--value", *words, unit).stdout.split()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A machine with the script and the project, and nothing set up."""
    needs_machine("nginx", "ufw", "sshd", "curl", "openssl", "apt-get")
    made = site(
        static=(Folder("/static/", "/srv/shop/current/static"),),
        media=(Folder("/media/", "/srv/shop/shared/media"),),
    )
    (script,) = host.files(made)
    folder = wheels()
    with boot() as machine:
        machine.copy(folder, WHEELS)
        offer_packages(machine)
        # Of the machine that lends its files.
        machine.run("rm -rf /root/.ssh /etc/nginx/conf.d/* /etc/ssh/sshd_config.d/*; ssh-keygen -A")
        write_project(machine, "/srv/project")
        # What belongs to another machine, and rights that are too narrow and too wide.
        write_project(
            machine, "/srv/project", **{".env": "SECRET_KEY=theirs\n", "instance/shop.db": "theirs"}
        )
        machine.run("chmod 600 /srv/project/wsgi.py; chmod 666 /srv/project/static/style.css")
        machine.write("/root/shop.sh", with_head(script, "host", made), 0o755)
        yield Shop(machine)


@pytest.fixture(scope="module")
def key(shop: Shop) -> str:
    """A key of root's, which can log in."""
    shop.machine.run("install -d -m 700 /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key")
    shop.machine.run("install -m 600 /root/key.pub /root/.ssh/authorized_keys")
    return "/root/key"


@pytest.fixture(scope="module")
def done(shop: Shop, key: str) -> str:
    """What the script said when it set up everything."""
    return shop.set_up("--from", "/srv/project", "--init", "init-db", "--email", "me@shop.example")


# before anything is set up


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    before = shop.files()
    told = shop.set_up("--dry-run", "--from", "/srv/project", "--email", "me@shop.example")
    assert shop.files() == before
    assert "would add the user shop, who cannot log in" in told
    assert int(told.split("\n")[-2].split()[0]) == told.count("  would ") > 25


def test_passwords_stay_where_there_is_no_key(shop: Shop) -> None:
    told = shop.set_up(steps=("ssh",))
    assert "Passwords can still be used to log in" in told
    assert told.endswith("\n0 changes\n")
    assert "passwordauthentication yes" in shop.machine.run("sshd -T").stdout


def test_passwords_stay_where_sshd_would_not_take_the_key(shop: Shop, key: str) -> None:
    shop.machine.run("chmod", "g+w", "/root/.ssh")
    told = shop.set_up(steps=("ssh",))
    shop.machine.run("chmod", "g-w", "/root/.ssh")
    assert "Passwords can still be used to log in" in told
    shop.machine.write("/root/.ssh/authorized_keys", "no key\n", 0o600)
    told = shop.set_up(steps=("ssh",))
    shop.machine.run("install -m 600 /root/key.pub /root/.ssh/authorized_keys")
    assert "Passwords can still be used to log in" in told


def test_passwords_stay_where_sshd_does_not_read_the_folder(shop: Shop, key: str) -> None:
    before = shop.machine.read("/etc/ssh/sshd_config")
    shop.machine.write("/etc/ssh/sshd_config", before.replace("Include", "# Include"))
    told = shop.set_up(steps=("ssh",), status=1)
    shop.machine.write("/etc/ssh/sshd_config", before)
    assert "needs the line 'Include /etc/ssh/sshd_config.d/*.conf'" in told
    assert shop.machine.run("ls /etc/ssh/sshd_config.d").stdout == ""


def test_a_release_that_cannot_be_installed_is_not_served(shop: Shop) -> None:
    awkward = "/srv/a 'broken' \"one\"; $(touch harm) & -x"
    write_project(shop.machine, awkward, **{"requirements.txt": "there-is-no-such-package\n"})
    steps = ("account", "folders", "secrets", "unit", "code", "start")
    told = shop.set_up("--from", awkward, "--init", "$(touch harm); x", status=1, steps=steps)
    assert "there-is-no-such-package" in told
    assert "the step code failed" in told
    assert not os.path.lexists(shop.machine.path("/srv/shop/current"))
    assert shop.state("shop", "ActiveState", "UnitFileState") == ["inactive", "disabled"]
    assert shop.machine.run("find / /root /srv -maxdepth 1 -name harm").stdout == ""
    # Without code nothing is started that would fail each time.
    told = shop.set_up(steps=steps)
    assert "There is no code yet" in told
    assert told.endswith("\n0 changes\n")


# set up


def test_it_says_each_change_and_counts_them(shop: Shop, done: str) -> None:
    assert "install unattended-upgrades certbot" in done
    assert "check     erlen check --deploy" in done
    assert "run init-db" in done
    changes = re.findall(r"^  \S", done, re.MULTILINE)
    assert done.endswith(f"\n{len(changes)} changes\n")


def test_the_second_time_changes_nothing(shop: Shop, done: str) -> None:
    before = shop.files()
    told = shop.set_up("--from", "/srv/project", "--init", "init-db", "--email", "me@shop.example")
    assert told == "".join(f"{step}\n" for step in STEPS) + "0 changes\n"
    assert shop.set_up("--dry-run").endswith("\n0 changes would be made\n")
    assert shop.files() == before


def test_the_site_is_served_by_https_as_the_user_of_the_site(shop: Shop, done: str) -> None:
    assert shop.ask("/") == "https shop.example 127.0.0.1"
    assert shop.ask("/static/style.css") == "p { color: red }\n"
    first, second = shop.ask("/visits", "--data", ""), shop.ask("/visits", "--data", "")
    assert (int(second), shop.state("shop", "ActiveState")) == (int(first) + 1, ["active"])
    process = shop.ask("/process")
    assert shop.machine.run("ps", "-o", "user=", "-p", process).stdout == "shop\n"


def test_http_leads_to_https_and_to_the_challenges_of_the_certificate(shop: Shop, done: str) -> None:
    words = (
        "curl",
        "-sS",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code} %{redirect_url}",
        "-H",
        "Host: shop.example",
    )
    assert shop.machine.run(*words, "http://127.0.0.1/a?b").stdout == "308 https://shop.example/a?b"
    certbot = shop.machine.read("/root/certbot.words").split()
    assert certbot.count("--domain") == 2
    assert certbot[certbot.index("--email") + 1] == "me@shop.example"


def test_the_application_writes_to_its_data_alone(shop: Shop, done: str) -> None:
    folders = (
        "/srv/shop/shared/instance",
        "/srv/shop/current",
        "/srv/shop",
        "/etc",
        "/var/www",
        "/dev/shm",
        "/tmp",
    )
    told = shop.ask("/writable?" + "&".join(f"folder={folder}" for folder in folders))
    assert set(re.findall(r'"([^"]+)"', told)) == {"/srv/shop/shared/instance", "/dev/shm", "/tmp"}
    # It has a /tmp of its own.
    assert not shop.machine.path("/tmp/made-by-shop").exists()


def test_uploads_are_written_by_the_application_and_sent_by_the_front(shop: Shop, done: str) -> None:
    assert "/srv/shop/shared/media" in shop.ask("/writable?folder=/srv/shop/shared/media")
    assert shop.ask("/media/made-by-shop") == ""
    assert shop.machine.run("stat -c '%a %U:%G' /srv/shop/shared/media/*").stdout == "640 shop:www-data\n"


def test_the_secret_is_new_and_for_the_user_alone(shop: Shop, done: str) -> None:
    file = shop.machine.path("/srv/shop/shared/.env")
    assert re.fullmatch(r"SECRET_KEY=[0-9a-f]{64}\n", file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert shop.machine.run("stat -c %U /srv/shop/shared/.env").stdout == "shop\n"
    assert "SECRET_KEY=" not in done
    for user in ("nobody", "www-data"):
        assert shop.machine.run("cat /srv/shop/shared/.env", user=user, check=False).returncode != 0


def test_what_belongs_to_other_machines_is_not_copied(shop: Shop, done: str) -> None:
    listed = shop.machine.run("ls -A --ignore=.erlen-release.json /srv/shop/current/")
    assert listed.stdout.split() == [
        ".env", ".venv", "instance", "media", "requirements.txt", "static", "wsgi.py",
    ]  # fmt: skip
    assert shop.machine.run("readlink /srv/shop/current/.env").stdout == "../../shared/.env\n"
    assert shop.machine.run("stat -c '%a %U' /srv/shop/current/static/style.css").stdout == "644 root\n"


def test_only_the_front_can_connect_to_the_socket(shop: Shop, done: str) -> None:
    words = ("curl", "-sS", "--unix-socket", "/run/shop/shop.sock", "http://shop.example/process")
    assert shop.machine.run(*words, user="www-data").stdout.isdigit()
    told = shop.machine.run(*words, user="nobody", check=False)
    assert (told.returncode, told.stdout) == (7, "")  # curl's for a connection that cannot be made


def test_the_user_cannot_log_in(shop: Shop, done: str) -> None:
    assert shop.machine.run("getent passwd shop | cut -d: -f7").stdout.strip().endswith("/nologin")
    assert shop.machine.run("su", "shop", "-c", "id", check=False).returncode != 0


def test_keys_log_in_and_passwords_do_not(shop: Shop, key: str, done: str) -> None:
    shop.machine.run("systemctl", "start", "ssh")
    words = ("ssh", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes", "root@127.0.0.1", "id", "-un")
    assert shop.machine.run("ssh", "-i", key, *words[1:]).stdout == "root\n"
    told = shop.machine.run(*words, check=False)
    assert told.returncode == 255
    assert "Permission denied (publickey)" in told.stderr


def test_the_firewall_passes_ssh_and_the_site_alone(shop: Shop, done: str) -> None:
    lines = shop.machine.run("ufw", "status", "verbose").stdout.splitlines()
    assert "Status: active" in lines
    assert any(line.startswith("Default: deny (incoming)") for line in lines)
    allowed = {line.split()[0] for line in lines if " ALLOW IN " in line}
    assert allowed == {"22/tcp", "80/tcp", "443/tcp"}


def test_the_backup_can_be_opened(shop: Shop, done: str) -> None:
    shop.ask("/visits", "--data", "")
    shop.machine.run("systemctl", "start", "shop-backup")
    (folder,) = shop.machine.run("ls /srv/shop/backups").stdout.split()
    program = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select * from visits').fetchone())"
    )
    file = f"/srv/shop/backups/{folder}/0-shop.db"
    assert shop.machine.run("/usr/bin/python3", "-c", program, file).stdout == "('127.0.0.1',)\n"
    assert shop.state("shop-backup.timer", "ActiveState", "UnitFileState") == ["active", "enabled"]


# when something happens to it


def test_nothing_is_lost_by_a_reload_and_a_restart(shop: Shop, done: str) -> None:
    with Load(shop.machine) as load:
        before = shop.state("shop", "MainPID")
        shop.machine.run("systemctl", "reload", "shop")
        assert shop.state("shop", "MainPID") == before
        shop.machine.run("systemctl", "restart", "shop")
        assert shop.state("shop", "MainPID") != before
    assert load.lost == {}
    assert load.answers["200"] > 50


def test_the_next_release_loses_nothing_and_is_none_of_the_script_s_business(shop: Shop, done: str) -> None:
    new = WSGI.replace('f"{request.scheme} {request.host}', 'f"new {request.scheme} {request.host}')
    write_project(shop.machine, "/srv/new", **{"wsgi.py": new})
    words = ("--app", "wsgi:app", "deploy", "release", "--root", "/srv/shop")
    more = ("--with", "erlen[serve]", "--with", "erlen[dotenv]", "/srv/new")
    with Load(shop.machine) as load:
        shop.machine.run("/opt/erlen/bin/erlen", *words, *more, env=offline(WHEELS), timeout=200)
        assert shop.ask("/").startswith("new https ")
        assert shop.set_up().endswith("\n0 changes\n")
        shop.machine.run("/opt/erlen/bin/erlen", *words, "--rollback", timeout=200)
        assert shop.ask("/").startswith("https ")
    assert load.lost == {}


def test_a_worker_that_is_killed_is_replaced(shop: Shop, done: str) -> None:
    before = shop.state("shop", "MainPID")
    worker = shop.ask("/process")
    shop.machine.run("kill", "-KILL", worker)
    asked = [shop.ask("/process") for _ in range(20)]
    assert worker not in asked
    assert shop.state("shop", "MainPID") == before


def test_a_main_process_that_is_killed_costs_what_was_under_way(shop: Shop, done: str) -> None:
    before = shop.state("shop", "MainPID")
    with Load(shop.machine) as load:
        shop.machine.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", "shop")
        shop.machine.wait_until(
            "it serves again", lambda: shop.state("shop", "MainPID")[0] not in ("0", *before)
        )
        assert shop.ask("/process").isdigit()
    assert sum(load.lost.values()) <= CLIENTS
    assert load.answers["200"] > 0


def test_requests_finish_before_it_stops(shop: Shop, done: str) -> None:
    begun = shop.machine.path("/srv/shop/shared/instance/slow-has-begun")
    begun.unlink(missing_ok=True)
    words = ("curl", "-sS", "--unix-socket", "/run/shop/shop.sock", "http://shop.example/slow?seconds=3")
    slow = shop.machine.start(*words, stdout=-1)
    shop.machine.wait_until("the view has begun", begun.exists)
    shop.machine.run("systemctl", "restart", "shop")
    assert slow.communicate(timeout=30)[0] == "done"


def test_a_file_that_somebody_changed_is_kept_beside(shop: Shop, done: str) -> None:
    unit = "/etc/systemd/system/shop.service"
    before = shop.machine.read(unit)
    shop.machine.write(unit, before.replace("Nice=", "#") + "# by hand\n")
    told = shop.set_up()
    assert f"write {unit} (as it was: {unit}.old)" in told
    assert "restart shop" in told
    assert shop.machine.read(unit) == before
    assert shop.machine.read(f"{unit}.old").endswith("# by hand\n")
    assert shop.ask("/process").isdigit()
    shop.machine.run("rm", f"{unit}.old")


def test_what_nginx_refuses_is_taken_back(shop: Shop, done: str) -> None:
    front = "/etc/nginx/conf.d/shop.conf"
    by_hand = shop.machine.read(front) + "# by hand\n"
    shop.machine.write(front, by_hand)
    shop.machine.write("/etc/nginx/conf.d/zzz.conf", "no_such_directive;\n")
    told = shop.set_up(status=1)
    assert "nginx refuses what was written" in told
    assert shop.machine.read(front) == by_hand
    assert shop.ask("/process").isdigit()
    shop.machine.run("rm", "/etc/nginx/conf.d/zzz.conf")
    assert shop.set_up().endswith("\n2 changes\n")


def test_links_in_the_place_of_what_it_writes_are_refused(shop: Shop, done: str) -> None:
    shop.machine.run(
        "mv /srv/shop/shared/.env /srv/shop/shared/kept && ln -s /etc/shadow /srv/shop/shared/.env"
    )
    told = shop.set_up(status=1)
    shop.machine.run("mv -fT /srv/shop/shared/kept /srv/shop/shared/.env")
    assert "/srv/shop/shared/.env is a link" in told


def test_nothing_of_it_is_left_for_others_to_write(shop: Shop, done: str) -> None:
    found = shop.machine.run(
        "find /srv/shop /etc/nginx/conf.d /etc/systemd/system ! -type l -perm /022 2>/dev/null"
    )
    assert found.stdout == ""
    assert Path("/srv/shop").exists() is False
