"""Whether a process is alive, and whether it is ready for requests: `/livez` and `/readyz`.

=============  =================================================================================
`registry`     `Health`, the extension: which checks there are, and at which paths it answers
`checks`       checks that come with it: database, migrations, Redis, free space on a disk
`runs`         one call of a check on a thread, and who waits for it
`probes`       the answers, by WSGI and by ASGI
`draining`     the note that this process is to get no more requests
=============  =================================================================================
"""

from __future__ import annotations

import typing as t

from . import checks
from .draining import drain, is_draining, undrain
from .registry import Health

if t.TYPE_CHECKING:
    from ...app import Erlen

__all__ = ["Health", "checks", "drain", "init_app", "is_draining", "undrain"]


def init_app(app: Erlen, **options: t.Any) -> Health:
    """Let *app* answer ``/livez`` and ``/readyz``; return the object that takes further checks.

    The options are those of :class:`Health`.
    """
    return Health(app, **options)
