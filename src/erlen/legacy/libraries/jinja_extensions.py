"""The extensions of Jinja whose statements are built in: ``{% with %}`` and ``{% autoescape %}``."""

from __future__ import annotations

from jinja2.ext import Extension


class WithExtension(Extension):
    """An extension that adds nothing: the ``with`` statement is built in."""


class AutoEscapeExtension(Extension):
    """An extension that adds nothing: the ``autoescape`` statement is built in."""


with_ = WithExtension
autoescape = AutoEscapeExtension
