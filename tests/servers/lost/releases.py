"""The application that is replaced under a server: releases in folders, and a link to the one that counts."""

from __future__ import annotations

import os
from pathlib import Path

SLOW = 0.5  # seconds of a slow request

PLAIN = """\
import os
import time
from pathlib import Path

from erlen import Erlen

time.sleep({seconds})
version = Path(__file__).with_name("version").read_text()
app = Erlen("hello")


@app.get("/quick")
def quick():
    return f"{{version}} {{os.getpid()}}"


@app.get("/slow")
def slow():
    time.sleep({slow})
    return quick()
"""

COROUTINES = """\
import asyncio
import os
import time
from pathlib import Path

from erlen import Erlen

time.sleep({seconds})
version = Path(__file__).with_name("version").read_text()
app = Erlen("hello")


@app.get("/quick")
async def quick():
    return f"{{version}} {{os.getpid()}}"


@app.get("/slow")
async def slow():
    await asyncio.sleep({slow})
    return await quick()
"""


class Site:
    """The folder of releases; the link `current` leads to one of them."""

    def __init__(
        self, folder: Path, *, interface: str = "wsgi", seconds: float = 0.5, more: str = ""
    ) -> None:
        """Make the first release, `one`, whose import takes some seconds."""
        self.folder = folder
        self.current = folder / "current"
        text = PLAIN if interface == "wsgi" else COROUTINES
        self._program = text.format(seconds=seconds, slow=SLOW) + more
        self.release("one")

    def release(self, version: str) -> None:
        """Put a release into a folder of its own, and let the link lead to it."""
        folder = self.folder / "releases" / version
        folder.mkdir(parents=True)
        (folder / "hello.py").write_text(self._program)
        (folder / "version").write_text(version)
        link = self.folder / "next"
        link.symlink_to(folder)
        os.replace(link, self.current)

    def change(self, version: str) -> None:
        """Change the current release in its place."""
        (self.current / "version").write_text(version)

    def break_code(self) -> None:
        """Let the current release fail when it is imported."""
        (self.current / "hello.py").write_text(f"{self._program}\nraise RuntimeError('broken on purpose')\n")

    def mend_code(self) -> None:
        (self.current / "hello.py").write_text(self._program)
