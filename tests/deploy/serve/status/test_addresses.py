"""The addresses of a status."""

from __future__ import annotations

import os
import socket
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.status.addresses import (
    TcpAddress,
    UnixAddress,
    address_of,
    connect,
    internal_address,
    listen,
    parse_address,
)

FREE = TcpAddress("127.0.0.1", 0)
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9100", TcpAddress("127.0.0.1", 9100)),
        ("127.0.0.1:9100", TcpAddress("127.0.0.1", 9100)),
        ("localhost:0", TcpAddress("127.0.0.1", 0)),
        ("0.0.0.0:65535", TcpAddress("0.0.0.0", 65535)),
        ("[::1]:9100", TcpAddress("::1", 9100)),
        ("unix:/run/x.sock", UnixAddress("/run/x.sock")),
        ("unix:x.sock", UnixAddress("x.sock")),
    ],
)
def test_an_address_is_parsed(text: str, address: TcpAddress | UnixAddress) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ":9100",
            "9100:",
            "65536",
            "127.0.0.1:65536",
            "-1",
            "+9100",
            " 9100",
            "9100\n",
            "９１００",
            "91_00",
        ),
        *(
            "::1:9100",
            "[::1]",
            "[127.0.0.1]:9100",
            "[::1:9100",
            "example.org:9100",
            "300.0.0.1:9100",
            "127.1:9100",
        ),
        *("unix:", "unix:a\0b", "http://127.0.0.1:9100", "/run/x.sock", "127.0.0.1:9100/metrics"),
    ],
)
def test_what_is_no_address_is_a_mistake_in_the_command(text: str) -> None:
    with pytest.raises(ServeError) as error:
        parse_address(text)
    assert error.value.status == 2


@pytest.mark.parametrize("text", ["127.0.0.1:9100", "[::1]:9100", "unix:/run/x.sock"])
def test_an_address_is_written_as_it_was_parsed(text: str) -> None:
    assert str(parse_address(text)) == text


def test_only_this_machine_reaches_loopback() -> None:
    assert TcpAddress("127.0.0.9", 1).is_loopback
    assert TcpAddress("::1", 1).is_loopback
    assert not TcpAddress("0.0.0.0", 1).is_loopback


# ports


def test_a_port_in_use_is_said_to_be_in_use() -> None:
    with closing(listen(FREE)) as first:
        with pytest.raises(ServeError, match=r"^The status address 127\.0\.0\.1:\d+ is in use; ") as error:
            listen(address_of(first))
        assert error.value.status == 4


def test_a_port_that_others_share_is_in_use_too() -> None:
    """Servers that set SO_REUSEPORT, as granian does, let others take a share of their connections."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ServeError, match="is in use"):
            listen(address_of(other))


def test_an_address_of_another_machine_is_not_to_be_had() -> None:
    with pytest.raises(ServeError, match="is not to be had: ") as error:
        listen(TcpAddress("192.0.2.1", 0))
    assert error.value.status == 4


def test_a_socket_is_not_inherited() -> None:
    with closing(listen(FREE)) as listening:
        assert not listening.get_inheritable()


# sockets in the file system


def test_a_socket_is_for_its_user_and_group(tmp_path: Path) -> None:
    with closing(listen(UnixAddress(str(tmp_path / "s")))):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660


def test_a_socket_that_a_server_left_is_replaced(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "s"))
    listen(address).close()
    with closing(listen(address)), closing(connect(address, 5)):
        pass


def test_the_socket_of_another_server_stays(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "s"))
    with closing(listen(address)):
        with pytest.raises(ServeError, match="is in use") as error:
            listen(address)
        assert error.value.status == 4
        connect(address, 5).close()


@pytest.mark.parametrize("kind", ["file", "folder", "link", "pipe"])
def test_what_is_no_socket_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s"
    if kind == "file":
        path.write_text("kept")
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        os.mkfifo(path)
    with pytest.raises(ServeError, match="it is a file that is no socket") as error:
        listen(UnixAddress(str(path)))
    assert error.value.status == 4
    assert os.path.lexists(path)


@pytest.mark.parametrize("path", ["missing/s", "x" * 200])
def test_a_path_that_cannot_be_is_not_to_be_had(tmp_path: Path, path: str) -> None:
    with pytest.raises(ServeError, match="is not to be had: ") as error:
        listen(UnixAddress(str(tmp_path / path)))
    assert error.value.status == 4


# the internal address


@linux
def test_the_internal_address_has_no_file() -> None:
    address = internal_address(os.getpid())
    assert address == UnixAddress(f"\0erlen-serve-{os.getpid()}")
    assert address.is_abstract
    assert str(address) == f"unix:@erlen-serve-{os.getpid()}"
    with closing(listen(address)) as listening, closing(connect(address, 5)):
        assert address_of(listening) == address


def test_elsewhere_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert internal_address(1) is None
