"""The error that ends `erlen serve`, and the exit statuses."""

from __future__ import annotations

USAGE = 2
"""An option or a variable has a value that it cannot have; Click's own status for that."""
APPLICATION = 3
"""The application does not load or start."""
ADDRESS = 4
"""An address is not to be had."""
CERTIFICATE = 5
"""The certificate or its key cannot be used."""
PID_FILE = 6
"""The pid file is another's, or cannot be written."""
START_TIMEOUT = 7
"""The application took too long to start."""
RELOAD = 8
"""A reload failed, and the old workers go on."""
NO_SERVER = 9
"""There is no such server: it does not run, or is not installed."""


class ServeError(Exception):
    """A reason not to serve: one line that also says what to do, and an exit status."""

    def __init__(self, message: str, status: int) -> None:
        # What comes from outside (a path, a host) may have line breaks, and is to stay one line of a log.
        self.message = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
        self.status = status
        super().__init__(self.message)
