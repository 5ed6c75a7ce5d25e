from __future__ import annotations

import logging

import pytest

from erlen.script.display import Display


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "erlen.script")
    return caplog


def test_away_from_a_terminal_there_is_a_line_every_ten_seconds(lines: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    display = Display("orders", 1000, is_terminal=False, clock=clock)
    for done in range(1, 251):
        clock.now += 0.125
        display.advance(done)
    display.close(250)
    assert lines.messages == [
        "orders: 80 of 1000, about 1:55 minutes left",
        "orders: 160 of 1000, about 1:45 minutes left",
        "orders: 240 of 1000, about 1:35 minutes left",
        "orders: 250 of 1000, about 1:34 minutes left",
    ]


def test_a_run_that_goes_on_reckons_with_what_it_did_itself(lines: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    display = Display("orders", 1000, 900, is_terminal=False, clock=clock)
    clock.now += 10
    display.advance(910)
    assert lines.messages == ["orders: 910 of 1000, about 1:30 minutes left"]


def test_where_the_number_is_not_known_it_is_left_out(lines: pytest.LogCaptureFixture) -> None:
    Display("lines", None, is_terminal=True).close(7)
    assert lines.messages == ["lines: 7"]


def test_rows_that_came_in_the_meantime_count(lines: pytest.LogCaptureFixture) -> None:
    Display("orders", 7, is_terminal=False).close(8)
    assert lines.messages == ["orders: 8 of 8"]


def test_a_terminal_has_a_bar(
    lines: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    clock = Clock()
    display = Display("orders", 4, clock=clock)
    display.advance(1)
    clock.now += 1
    display.advance(2)
    display.close(4)
    printed = capsys.readouterr().err
    assert [f"{done}/4" in printed for done in (1, 2, 4)] == [False, True, True]
    assert lines.messages == []
