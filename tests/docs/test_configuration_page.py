"""The reference page of the configuration has every built-in key, with its default."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from erlen import Erlen

from .pages import DOCS

ROW = re.compile(r"^\| `([A-Z_]+)` \| `(.+?)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
PAGE = (DOCS / "reference/configuration.md").read_text(encoding="utf-8")


def defaults_on_the_page() -> dict[str, Any]:
    return {key: eval(default, {"timedelta": timedelta}) for key, default, *_ in ROW.findall(PAGE)}


def test_the_page_lists_exactly_the_keys_that_there_are_and_their_defaults():
    assert defaults_on_the_page() == dict(Erlen.default_config)


def test_a_key_is_listed_once_and_in_the_order_of_the_alphabet():
    keys = [row[0] for row in ROW.findall(PAGE)]
    assert keys == sorted(set(keys))
