"""Names and behaviour of Flask 1.1 to 2.2, on request.

Off unless asked for: ``ERLEN_LEGACY=1``, ``erlen.as_flask.install(legacy="1.1")``, ``erlen --legacy run``.
``removed.py`` has the table of the names; each of the other modules brings some of them back.
"""

from __future__ import annotations

from .switch import current_level, install, uninstall

__all__ = ["current_level", "install", "uninstall"]
