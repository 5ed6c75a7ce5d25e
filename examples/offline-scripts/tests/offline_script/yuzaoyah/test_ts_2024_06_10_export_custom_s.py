"""Tests of the script ts_2024_06_10_export_custom_s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from erlen.script import load


def test_who_has_ordered_nothing_is_printed(
    fill: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(1)
    asyncio.run(load("ts_2024_06_10_export_custom_s").main())
    assert capsys.readouterr().out == "Grace\n"
