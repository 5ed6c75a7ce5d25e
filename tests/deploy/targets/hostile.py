"""Texts that a file format may take for something else."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

ODD = "\"'\\$`{}[]()<>|&;:#%!*?~@=,-+ \t\n\r\0é\x7f\x85\u2028\ufeff😀\ud800abAB01/._"
texts = st.text(st.sampled_from(ODD), min_size=1, max_size=12) | st.sampled_from(
    [
        *("$HOME", "${HOME}", "$(id)", "`id`", "$$", "a b", "a: b", "- a", "#a", "a #b", "yes", "No", "~"),
        *("null", "1", "1e3", "0x1", "0o7", ".inf", "2001-01-01", "{{ a }}", "!a", "&a", "*a", "a\\", "%a"),
        *('"]\nRUN id\n', "'; id; '", "\u2028", "a\nb: c", "<<EOF", "=", "|", "\\n"),
    ]
)
printable = texts.filter(lambda text: "\0" not in text and "\ud800" not in text)


def program(name: str, package: str) -> str:
    """Return the path of a program, or skip the test; where CI says that it is one, the test fails."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        missing(f"{name} is missing: {package}.")
    return found


def missing(why: str) -> None:
    """Skip the test; where CI says that it is one, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
