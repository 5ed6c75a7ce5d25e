"""`python -m erlen` and the `erlen` script: the command line, where `import flask` means Erlen."""

from __future__ import annotations

# Importing it makes the alias. It stands here and not in a function because a process that multiprocessing
# spawns imports this module too, and the application's code in it says `import flask` as well.
from . import as_flask as as_flask
from .cli import main as main

if __name__ == "__main__":
    main()
