"""Who is at the other end."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from erlen.deploy.serve.status.peers import Peer, peer_of


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SO_PEERCRED")
def test_the_system_says_who_it_is() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_of(one) == Peer(os.getpid(), os.geteuid())


def test_of_a_port_it_is_not_known() -> None:
    with socket.socket() as connection:
        assert peer_of(connection) is None


@pytest.mark.parametrize(("uid", "is_trusted"), [(0, True), (1000, True), (1001, False), (65534, False)])
def test_only_its_own_user_and_root_are_trusted(
    monkeypatch: pytest.MonkeyPatch, uid: int, is_trusted: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert Peer(1, uid).is_trusted() is is_trusted
