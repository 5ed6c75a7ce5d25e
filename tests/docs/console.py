"""Does what a reader would do with a page: writes its files, types its commands, looks at what they print."""

from __future__ import annotations

import doctest
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from .not_run import reason_not_to_run
from .pages import Block
from .proxies import apache_configuration, nginx_configuration
from .substitutes import STARTS, STARTS_NOTHING, Substitutes

PATIENCE = 60  # seconds that a server may take to start, or to do what a client waits for, on a busy machine
ADDRESS = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=--port )\d+|[\w./-]+\.sock\b")
DOCTESTS = """
import doctest, sys
sys.exit(doctest.testfile("block.txt", False, optionflags=doctest.ELLIPSIS).failed)
"""
# What a shell keeps from one command to the next.
AND_REMEMBER = '\nstatus=$?\nenv -0 > "$REMEMBERED"\nexit $status\n'


class Reader:
    """Somebody who follows a page in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.here = Substitutes(folder)
        self.variables = self._variables_of_a_new_shell()
        self.servers: dict[frozenset[str], subprocess.Popen[bytes]] = {}
        self.url = ""

    def _variables_of_a_new_shell(self) -> dict[str, str]:
        """Return the variables of a shell in which the page's virtual environment is active."""
        mine = ("FLASK_", "ERLEN_", "PYTEST_", "WERKZEUG_")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}{os.pathsep}/usr/sbin"
        return variables | {"PATH": path, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def follow(self, block: Block) -> None:
        if block.language in ("nginx", "apache"):
            self.set_up_proxy(block)
        elif block.title:
            self.write(block.title, block.text)
        elif block.append:
            known = (self.folder / block.append).read_text()
            self.write(block.append, f"{known}\n\n{block.text}")
        elif block.language == "python":
            self.run_here([sys.executable, "-c", block.text])
        elif block.language == "pycon":
            self.write("block.txt", block.text)
            self.run_here([sys.executable, "-c", DOCTESTS])
        elif block.language in ("console", "sh"):
            for command, expected in block.commands:
                self.type(command, expected)
        else:
            raise AssertionError(f"Nobody knows how to run a block of {block.language or 'no language'}.")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here.in_text(text))

    def type(self, command: str, expected: str | None = None) -> None:
        """Run a command, unless it is listed with a reason; *expected* is what it has to print."""
        if reason_not_to_run(command):
            return
        here = self.here.in_command(command)
        if command.endswith(" &"):
            self.serve(here.removesuffix(" &"))
            return
        if STARTS.match(command) and not any(option in command for option in STARTS_NOTHING):
            self.serve(here)
            return
        given_up = time.monotonic() + PATIENCE
        printed = self.run_in_shell(here)
        # What a server does in the background may not be done yet; a reader would ask again.
        while here.startswith("curl ") and not prints(expected, printed) and time.monotonic() < given_up:
            time.sleep(0.2)
            printed = self.run_in_shell(here)
        assert prints(expected, printed), f"{command}\nis said to print\n{expected}\nand prints\n{printed}"
        if here.startswith("kill -TERM "):
            self.wait_for_an_end()
        elif here.startswith("kill "):
            self.see_that_it_answers(here)

    def run_in_shell(self, command: str) -> str:
        remembered = self.folder / ".remembered"
        self.variables["REMEMBERED"] = str(remembered)
        printed = self.run_here(["bash", "-c", command + AND_REMEMBER])
        self.variables = dict(each.split("=", 1) for each in remembered.read_text().split("\0") if each)
        return printed

    def run_here(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    # servers

    def serve(self, command: str) -> None:
        """Start a server, and see that it answers."""
        addresses = self.start(command)
        if "celery" in addresses:
            self.wait_for_log(" ready.")
            return
        ports = sorted(each for each in addresses if each.isdecimal())
        if ports and f":{ports[0]}/" not in self.url:  # of a proxy it is known, with its path
            scheme = "https" if "--certfile" in command else "http"
            self.url = f"{scheme}://127.0.0.1:{ports[0]}/"
        self.see_that_it_answers(command)

    def start(self, command: str) -> frozenset[str]:
        """Start a server in the place of one that has its address; return what it listens on."""
        addresses = self.addresses_of(command)
        for others in [each for each in self.servers if each & addresses]:
            end(self.servers.pop(others))
        with open(self.folder / "server.log", "wb") as log:
            self.servers[addresses] = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"],
                cwd=self.folder,
                env=self.variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return addresses

    def addresses_of(self, command: str) -> frozenset[str]:
        """Return the ports and sockets that a server listens on, its configuration file looked into."""
        files = [self.folder / word for word in command.split() if word.endswith((".ini", ".conf"))]
        text = " ".join([command, *(file.read_text() for file in files if file.exists())])
        program = STARTS.match(command)
        return frozenset(ADDRESS.findall(text) or [program["server"] if program else command])

    def see_that_it_answers(self, command: str) -> None:
        status, text = self.answer()
        assert status == 200, f"{command}\nanswers {status}: {text}"
        # The page that says which framework runs must be right about it.
        if re.fullmatch(r"Hello from \w+!", text):
            assert text == "Hello from Erlen!"

    def answer(self) -> tuple[int, str]:
        """Return status and text of the server's first page, once it listens."""
        given_up = time.monotonic() + PATIENCE
        last: tuple[int, str] = (0, "Nobody listens.")
        while time.monotonic() < given_up:
            self.fail_if_one_has_ended()
            try:
                with urlopen(self.url, timeout=10, context=ssl._create_unverified_context()) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as error:
                with error:
                    last = error.code, error.read().decode()
                if last[0] != 502:  # a proxy says so while the server behind it starts
                    return last
            except OSError:
                pass
            time.sleep(0.05)
        return last[0], f"{last[1]}\n{self.log}"

    def fail_if_one_has_ended(self) -> None:
        ended = [server.args for server in self.servers.values() if server.poll() is not None]
        assert not ended, f"{ended} has ended:\n{self.log}"

    @property
    def log(self) -> str:
        return "".join(each.read_text(errors="replace") for each in self.folder.glob("*.log"))

    def wait_for_log(self, words: str) -> None:
        given_up = time.monotonic() + PATIENCE
        while words not in self.log:
            self.fail_if_one_has_ended()
            assert time.monotonic() < given_up, self.log
            time.sleep(0.1)

    def wait_for_an_end(self) -> None:
        """Wait until a server that was told to stop has ended, and forget it."""
        given_up = time.monotonic() + PATIENCE
        while not (ended := [each for each in self.servers if self.servers[each].poll() is not None]):
            assert time.monotonic() < given_up, self.log
            time.sleep(0.05)
        for each in ended:
            assert self.servers.pop(each).returncode == 0, self.log

    def set_up_proxy(self, block: Block) -> None:
        """Start the server that the block configures; `http://shop.example` leads there."""
        tls = "listen 443 ssl" in block.text
        if tls:
            self.here.make_certificate()
        port = self.here.port(443 if tls else 80)
        (self.folder / ".curlrc").write_text(
            f'silent\nshow-error\ninsecure\nconnect-to = "shop.example::127.0.0.1:{port}"\n'
        )
        below = re.search(r"(?:location|WSGIScriptAlias) (/\S*)", block.text)
        self.url = f"http{'s' * tls}://127.0.0.1:{port}{below[1] if below else '/'}"
        if block.language == "nginx":
            self.start_nginx(nginx_configuration(self.folder, self.here.in_text(block.text)))
        else:
            configuration = self.here.in_text(f"Listen 127.0.0.1:80\n{block.text}")
            self.serve(apache_configuration(self.folder, configuration))

    def start_nginx(self, command: str) -> None:
        """Start nginx, which answers 502 until there is a server behind it."""
        nginx = frozenset(["nginx"])
        if nginx in self.servers:
            end(self.servers.pop(nginx))
        with open(self.folder / "nginx.log", "wb") as log:
            self.servers[nginx] = subprocess.Popen(
                command.split(),
                cwd=self.folder,
                env=self.variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End all servers with their children."""
        for server in self.servers.values():
            end(server)
        self.servers.clear()


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server and its children at once: how each stops in order is tested elsewhere."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait(PATIENCE)


def prints(expected: str | None, printed: str) -> bool:
    """Tell whether a command has printed what the page says; a body may end without a line break."""
    if expected is None:
        return True
    lines = re.sub(r" +$", "", printed, flags=re.MULTILINE)
    if lines and not lines.endswith("\n"):
        lines += "\n"
    return doctest.OutputChecker().check_output(expected, lines, doctest.ELLIPSIS)
