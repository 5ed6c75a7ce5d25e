"""The load over HTTP/2: a connection that is ended in order costs no request, any other end is seen."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection

from .tally import Fate, Tally
from .test_load import Heard, counted, served

Ending = Callable[["Peer", int], bool]
"""Does something else than to answer the third request; returns whether the connection goes on."""


class Peer:
    """The server's side of one connection."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.http = H2Connection(H2Configuration(client_side=False))
        self.count = 0
        self.waiting: list[int] = []

    def send(self) -> None:
        self.socket.sendall(self.http.data_to_send())

    def answer(self, stream: int, body: bytes = b"one 7") -> None:
        self.http.send_headers(stream, [(":status", "200")])
        self.http.send_data(stream, body, end_stream=True)


def ends_with(ending: Ending) -> Callable[[socket.socket, Heard], None]:
    def script(client: socket.socket, heard: Heard) -> None:
        peer = Peer(client)
        peer.http.initiate_connection()
        peer.send()
        goes_on = True
        while goes_on and (data := client.recv(65536)):
            for event in peer.http.receive_data(data):
                if isinstance(event, events.RequestReceived) and goes_on:
                    peer.count += 1
                    if peer.count == 3:
                        goes_on = ending(peer, event.stream_id)
                    else:
                        peer.answer(event.stream_id)
            peer.send()

    return script


def load(ending: Ending) -> Tally:
    with served(ends_with(ending)) as address:
        return counted(address, requests=60, http=2, kept=2)


def goaway(last: int, *, answer: bool) -> Ending:
    """Say that streams up to *last* (0: the stream in question, -1: the one before) are answered."""

    def ending(peer: Peer, stream: int) -> bool:
        frame = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0]) + (stream + 2 * last).to_bytes(4, "big") + bytes(4)
        peer.socket.sendall(peer.http.data_to_send() + frame)
        if answer:
            peer.answer(stream)
        return answer

    return ending


def reset(code: int) -> Ending:
    def ending(peer: Peer, stream: int) -> bool:
        peer.http.reset_stream(stream, code)
        peer.count = -1000
        return True

    return ending


def closes(peer: Peer, stream: int) -> bool:
    return False


def closes_inside(peer: Peer, stream: int) -> bool:
    peer.http.send_headers(stream, [(":status", "200")])
    peer.http.send_data(stream, b"one")
    return False


def answers_and_closes(peer: Peer, stream: int) -> bool:
    peer.answer(stream)
    return False


def goes_on(peer: Peer, stream: int) -> bool:
    peer.answer(stream)
    return True


def test_requests_are_answered_on_new_connections_and_on_a_few_kept_ones() -> None:
    tally = load(goes_on)
    assert tally.fates() == {"answered": 60}
    assert tally.pids() == {7: 60}
    assert tally.closings == []


def test_a_connection_that_is_ended_in_order_costs_no_request() -> None:
    tally = load(goaway(0, answer=True))
    assert tally.fates() == {"answered": 60}
    assert tally.closings == []


def test_what_is_given_back_is_sent_again_and_counted() -> None:
    tally = load(goaway(-1, answer=False))
    assert tally.fates() == {"answered": 60}
    assert sum(record.sent_again for record in tally.records) > 5


def test_a_refused_stream_is_given_back() -> None:
    tally = load(reset(7))
    assert tally.fates() == {"answered": 60}
    assert sum(record.sent_again for record in tally.records) > 0


@pytest.mark.parametrize(
    ("ending", "fate"), [(closes, Fate.RESET), (closes_inside, Fate.CUT), (reset(2), Fate.RESET)]
)
def test_any_other_end_is_a_loss(ending: Ending, fate: Fate) -> None:
    tally = load(ending)
    found = {record.fate for record in tally.lost()}
    assert fate in found
    assert found <= {fate, Fate.RESET}, "Others may have been on the connection."


def test_an_idle_connection_that_is_closed_without_a_word_is_counted() -> None:
    tally = load(answers_and_closes)
    assert tally.closings
    # Some may have been sent before the end of the connection arrived.
    assert {record.fate for record in tally.lost()} <= {Fate.RESET}
