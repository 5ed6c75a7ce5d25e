"""`python -m erlen` and the `erlen` script: the command line, where `import flask` means Erlen.

`python -m flask` and `python -m flask.cli` run it too.
"""

from __future__ import annotations

import os

# Not by relative imports: it may run as a module of Flask's.
from erlen import as_flask, cli


def main() -> None:
    """Run the command line; `import flask` means Erlen from here on, in processes started from it too."""
    as_flask.install()
    os.environ[as_flask.VARIABLE] = "1"
    cli.main()


if __name__ == "__main__":
    main()
