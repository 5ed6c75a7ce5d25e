"""Server-sent events (HTML standard, section 9.2): a response that stays open.

``encoding`` writes events, ``plain`` and ``asynchronous`` run sources of either colour, and
``response`` is what a view returns.
"""

from __future__ import annotations

from .encoding import ServerSentEvent as ServerSentEvent
from .response import EventStream as EventStream
from .response import last_event_id as last_event_id
