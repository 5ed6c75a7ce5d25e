"""A front and a server that run as `erlen deploy` has written it."""

from __future__ import annotations

import contextlib
import grp
import http.client
import json
import os
import pwd
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from tests.contract.environment import Environment
from tests.docs.proxies import APACHE_MODULES, environment_of_mod_wsgi

from .cells import Cell

HERE = Path(__file__).parent
PATIENCE = 30  # seconds
DOMAIN = "shop.example"
FRONT_USER = "www-data"
# Whom the server runs as: nobody that the front is, so that the socket's group has to be right.
SERVER_USER = "nobody"

NGINX = """\
user {user};
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/front.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/out/nginx/*.conf;
}}
"""
APACHE = """\
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/front.log
{modules}
TypesConfig /etc/mime.types
User {user}
Group {user}
WSGISocketPrefix {folder}/wsgi
Listen 80
Listen 443
Include {folder}/out/apache/*.conf
"""
_APACHE_MODULES = (
    *(
        "mpm_event",
        "authz_core",
        "alias",
        "headers",
        "reqtimeout",
        "mime",
        "dir",
        "socache_shmcb",
        "ssl",
        "http2",
    ),
    *("proxy", "proxy_http", "proxy_wstunnel", "wsgi"),
)


def apache_modules() -> str:
    """Return the lines that load what `erlen deploy apache` names, and what Debian has by default."""
    lines = [f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in _APACHE_MODULES]
    return "\n".join(lines)


class Answer:
    """An answer of the front, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def is_of_the_application(self) -> bool:
        return "X-Application" in self.headers


class Stack:
    """A cell that runs."""

    def __init__(self, cell: Cell, folder: Path, environment: Path) -> None:
        self.cell = cell
        self.folder = folder
        # That of the Python which runs the application.
        self.environment = environment
        self.prefix = cell.prefix
        self.code = folder / cell.folder
        self._processes: list[subprocess.Popen[bytes]] = []

    # requests

    def connected(self, *, tls: bool = True, port: int | None = None) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", port or (443 if tls else 80)), PATIENCE)
        if not tls:
            return sock
        return ssl._create_unverified_context().wrap_socket(sock, server_hostname=DOMAIN)

    def websocket(self, uri: str) -> ClientConnection:
        sock = self.connected(port=443, tls=False)
        context = ssl._create_unverified_context()
        return connect(uri, sock=sock, ssl=context, proxy=None, open_timeout=PATIENCE)

    @contextlib.contextmanager
    def client(self, *, tls: bool = True) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection(DOMAIN)
        connection.sock = self.connected(tls=tls)
        with contextlib.closing(connection):
            yield connection

    def ask(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        method: str = "GET",
        body: object = None,
        tls: bool = True,
        host: str = DOMAIN,
        chunked: bool = False,
    ) -> Answer:
        """Ask for a path below the prefix, exactly as it is written."""
        with self.client(tls=tls) as connection:
            sent = {"Host": host} | (headers or {})
            connection.request(method, self.prefix + path, body, sent, encode_chunked=chunked)  # type: ignore[arg-type]
            return Answer(connection.getresponse())

    def open_gate(self, name: str) -> None:
        (self.code / "gates" / name).touch()

    @staticmethod
    def until(condition: t.Callable[[], object]) -> None:
        """Wait until something is so that must be."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.02)

    # processes

    def start(self) -> None:
        """Write the files, and start the server and the front from them."""
        command = self._write()
        if self.cell.server:
            self._start_server(command)
        self._start_front()
        self._wait(lambda: self.ask("/").status == 200)

    def _start_front(self) -> None:
        front = self._nginx() if self.cell.front == "nginx" else self._apache()
        self._run(front, os.environ | {"LANG": "C.UTF-8"}, "front-output.log")

    def restart_front(self, condition: t.Callable[[], bool]) -> None:
        """Start the front anew with what its files say now, and wait until something is so."""
        _kill(self._processes.pop())
        self._start_front()
        self._wait(condition)

    def signal_server(self, number: signal.Signals) -> None:
        """Send a signal to the server's first process."""
        os.kill(self._processes[0].pid, number)

    @property
    def server_has_ended(self) -> bool:
        return self._processes[0].poll() is not None

    def _write(self) -> dict[str, t.Any]:
        options = [
            *("--out", str(self.folder / "out"), "--name", "shop", "--folder", str(self.code)),
            *("--domain", DOMAIN, "--domain", f"www.{DOMAIN}", "--user", self.user),
            *("--environment", str(self.environment), "--settings", str(self.folder / "out")),
            *("--cert", str(self.folder / "cert.pem"), "--key", str(self.folder / "key.pem")),
            *("--challenges", str(self.folder / "challenges"), "--workers", "1"),
            *("--media", "/media/", str(self.code / "media")),
            *([] if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") else ["--no-ipv6"]),
            *([] if self.cell.port else ["--socket", str(self.folder / "run/shop.sock")]),
            *self.cell.options,
        ]
        done = subprocess.run(
            [sys.executable, HERE / "write.py", ",".join(self.cell.targets), *options],
            cwd=self.code,
            env=Environment(Path(sys.prefix)).variables(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if self.cell.server is None:
            # That is where the other files of settings are, and where its path says that it is.
            shutil.copy(self.folder / "out/apache/shop.wsgi", self.folder / "out/shop.wsgi")
        command: dict[str, t.Any] = json.loads(done.stdout.splitlines()[-1])
        return command

    @property
    def user(self) -> str:
        """The user that runs the application."""
        return FRONT_USER if self.cell.server is None else SERVER_USER

    def _start_server(self, command: dict[str, t.Any]) -> None:
        environment = Environment(Path(sys.prefix)).variables({"HOME": str(self.folder)})
        words = [*_as_user(self.user), *command["words"]]
        self._run(words, environment | command["environment"], "server.log")

    def _nginx(self) -> list[str]:
        shutil.copy("/etc/nginx/uwsgi_params", self.folder)
        text = NGINX.format(user=FRONT_USER, folder=self.folder)
        (self.folder / "nginx.conf").write_text(text)
        return [program("nginx"), "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/front.log"]

    def _apache(self) -> list[str]:
        text = APACHE.format(user=FRONT_USER, folder=self.folder, modules=apache_modules())
        (self.folder / "apache.conf").write_text(text)
        return [program("apache2"), "-DFOREGROUND", "-f", f"{self.folder}/apache.conf"]

    def _run(self, words: list[str], environment: dict[str, str], log: str) -> None:
        with open(self.folder / log, "wb") as output:
            process = subprocess.Popen(
                words,
                cwd=self.code,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._processes.append(process)

    def _wait(self, condition: t.Callable[[], bool]) -> None:
        """Wait until the front answers as it must."""
        end = time.monotonic() + PATIENCE
        while True:
            for process in self._processes:
                assert process.poll() is None, f"{process.args}\n{self.log}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                if condition():
                    return
            assert time.monotonic() < end, self.log
            time.sleep(0.05)

    @property
    def log(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(each.read_text(errors="replace")[-2000:] for each in logs)

    def stop(self) -> None:
        """End the front, then the server."""
        while self._processes:
            _kill(self._processes.pop())


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


@contextlib.contextmanager
def running(cell: Cell, prepared: Path, environment_file: str = "") -> Iterator[Stack]:
    """Run a cell in a folder of its own, that the users of front and server may enter."""
    with _open_folder() as folder:
        shutil.copytree(prepared / "site", folder / "releases/1")
        (folder / cell.folder).symlink_to("releases/1")
        if environment_file:
            (folder / "releases/1/.env").write_text(environment_file)
            (folder / "releases/1/.env").chmod(0o644)
        # Applications say by files that a request waits.
        (folder / "releases/1/gates").chmod(0o777)
        for name in ("cert.pem", "key.pem"):
            shutil.copy(prepared / name, folder)
        challenges = folder / "challenges/.well-known/acme-challenge"
        challenges.mkdir(parents=True)
        (challenges / "token").write_text("proof")
        environment = environment_of_mod_wsgi(prepared) if cell.server is None else Path(sys.prefix)
        stack = Stack(cell, folder, environment)
        _make_run_folder(folder / "run", stack.user)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


@contextlib.contextmanager
def prepared_folder() -> Iterator[Path]:
    """Make what all cells need: the application with its digested files, and a certificate."""
    with _open_folder() as folder:
        site = folder / "site"
        shutil.copytree(HERE / "site", site, ignore=shutil.ignore_patterns("__pycache__"))
        (site / "gates").mkdir()
        erlen = [Path(sys.prefix) / "bin/erlen", "--app", "pages:app", "static", "digest"]
        subprocess.run(erlen, cwd=site, check=True, capture_output=True, timeout=60)
        make_certificate(folder)
        yield folder


def make_certificate(folder: Path) -> None:
    """Make cert.pem and key.pem, which nobody has signed."""
    words = shlex.split("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example")
    command = [*words, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


@contextlib.contextmanager
def _open_folder() -> Iterator[Path]:
    # Not pytest's folder: the path of a socket has at most 107 characters, and others may not enter it.
    with tempfile.TemporaryDirectory(prefix="fronts-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        yield Path(name)


def _make_run_folder(folder: Path, user: str) -> None:
    """Make the folder of the socket as `start_command` says: what is made in it is of the front's group."""
    folder.mkdir()
    os.chown(folder, pwd.getpwnam(user).pw_uid, grp.getgrnam(FRONT_USER).gr_gid)
    folder.chmod(0o2750)


def _as_user(name: str) -> list[str]:
    """Return the words that start a program as a user, who may read everything but write nothing.

    The interpreter, and this checkout, may lie in folders that only root enters.
    """
    account = pwd.getpwnam(name)
    words = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [*words, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found is not None, f"This test needs {name}: .ci/services installs it."
    return found
