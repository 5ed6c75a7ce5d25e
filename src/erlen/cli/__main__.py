"""`python -m flask.cli`, which runs a module in Flask, and `python -m erlen.cli`: the command line."""

from __future__ import annotations

from erlen.__main__ import main

if __name__ == "__main__":
    main()
