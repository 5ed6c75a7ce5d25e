"""How the server is told to reload, and waited for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from erlen.deploy.release import programs, serving
from erlen.deploy.release.errors import USAGE, ReleaseError
from erlen.deploy.release.serving import Serving

ERLEN_RELOADS = "{ path=/srv/shop/current/.venv/bin/erlen ; argv[]=… serve --reload --pid-file x ; }"


class Systemd:
    """Answers of systemctl, and what it was asked."""

    def __init__(self, **state: str) -> None:
        self.state = {"LoadState": "loaded", "ActiveState": "active", "ExecReload": ERLEN_RELOADS, **state}
        self.asked: list[tuple[str, ...]] = []
        self.fails = False

    def run(self, words: tuple[str, ...], **_: object) -> str:
        if "show" in words:
            return "".join(f"{name}={value}\n" for name, value in self.state.items())
        self.asked.append(words)
        if self.fails:
            raise programs.Failed("systemctl reload shop ended with status 1.")
        return ""


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    fake = Systemd()
    monkeypatch.setattr(serving, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(programs, "run", fake.run)
    return fake


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ({}, "reload"),
        ({"ActiveState": "reloading"}, "reload"),
        ({"ActiveState": "inactive"}, "start"),
        ({"ActiveState": "failed"}, "restart"),
        ({"ActiveState": "activating"}, "restart"),
        # gunicorn and others go on with the environment that they were started in.
        ({"ExecReload": "{ path=/bin/kill ; argv[]=/bin/kill -HUP $MAINPID ; }"}, "restart"),
        ({"ExecReload": ""}, "restart"),
    ],
    ids=[
        "it serves",
        "it reloads",
        "stopped",
        "failed",
        "it fails again and again",
        "by a signal",
        "not at all",
    ],
)
def test_what_systemctl_is_to_do(state: dict[str, str], verb: str, systemd: Systemd) -> None:
    systemd.state |= state
    at = Serving("shop")
    assert at.action() == ("systemctl", "--no-ask-password", verb, "shop")
    at.reload(at.action())
    assert systemd.asked == [at.action()]


def test_without_a_unit_there_is_nothing_to_do(systemd: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd.state = {"LoadState": "not-found"}
    assert Serving("shop").action() == ()
    Serving("shop").reload(())
    Serving("shop").stop()
    monkeypatch.setattr(serving, "_SYSTEMD", Path("/no/systemd"))
    assert Serving("shop").action() == ()
    assert systemd.asked == []


def test_what_would_start_a_unit_again_is_stopped_with_it(systemd: Systemd) -> None:
    systemd.state["TriggeredBy"] = "shop.socket shop.path"
    Serving("shop").stop()
    assert systemd.asked == [("systemctl", "--no-ask-password", "stop", "shop.socket", "shop.path", "shop")]


def test_a_unit_that_systemd_cannot_read_is_told(systemd: Systemd) -> None:
    systemd.state = {"LoadState": "bad-setting"}
    with pytest.raises(ReleaseError, match="'systemctl status shop' says why"):
        Serving("shop").action()


def test_a_reload_that_fails_says_where_the_log_is(systemd: Systemd) -> None:
    systemd.fails = True
    with pytest.raises(
        ReleaseError, match=r"status 1.\nThe log of the unit says why: journalctl --unit shop"
    ):
        Serving("shop").reload(("systemctl", "reload", "shop"))


def test_an_own_command_goes_before_systemd(systemd: Systemd) -> None:
    at = Serving("shop", ("sv", "hup", "shop"))
    assert at.action() == ("sv", "hup", "shop")
    at.stop()
    assert systemd.asked == []


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "../x", "a;b", "x" * 201, "läden"])
def test_a_name_that_is_no_unit_is_refused(name: str) -> None:
    with pytest.raises(ReleaseError, match="is no name of a unit") as raised:
        Serving(name).check()
    assert raised.value.status == USAGE


# ready


class Answers(BaseHTTPRequestHandler):
    """Is not ready at first."""

    statuses: list[int] = []
    paths: list[str] = []

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.send_response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "somebody"


class UnixServer(ThreadingHTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)  # type: ignore[arg-type]


@pytest.fixture(params=["http", "unix"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    Answers.paths.clear()
    where = str(tmp_path / "socket")
    server = (
        ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        if request.param == "http"
        else UnixServer(where, Answers)  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}" if request.param == "http" else f"unix:{where}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_waits_until_the_server_is_ready(address: str) -> None:
    Answers.statuses = [503, 500, 200]
    Serving("shop", ready=address).reload(())
    assert Answers.paths == ["/readyz"] * 3


def test_a_server_that_does_not_become_ready_is_told(address: str) -> None:
    Answers.statuses = [503]
    with pytest.raises(ReleaseError, match=r"answers 503 after 0.05 seconds, not 200"):
        Serving("shop", ready=address, patience=0.05).reload(())


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    for address in (f"unix:{tmp_path}/gone", "http://127.0.0.1:1/x?y=1"):
        with pytest.raises(ReleaseError, match=r"answers nothing \(.+\) after 0.01 seconds"):
            Serving("shop", ready=address, patience=0.01).reload(())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shop",
        "ftp://x",
        "http://",
        "http://a:b/",
        "http://x/\r\nX: y",
        "unix:relative",
        "http://[::1",
        "http://ä/",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_done(address: str) -> None:
    with pytest.raises(ReleaseError, match="is no address") as raised:
        Serving("shop", ready=address).check()
    assert raised.value.status == USAGE
