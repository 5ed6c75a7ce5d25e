"""first version"""

from __future__ import annotations

import os


class PidFile:
    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        with open(self.path, "w") as file:
            file.write(str(os.getpid()))

    def __exit__(self, *_: object) -> None:
        os.unlink(self.path)
