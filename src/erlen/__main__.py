"""`python -m erlen` and the `erlen` script: the command line, with `import flask` meaning Erlen."""

from __future__ import annotations

from . import as_flask, cli


def main() -> None:
    """Make `import flask` mean Erlen, so that the application found may say so; then run the command line."""
    as_flask.install()
    cli.main()


if __name__ == "__main__":
    main()
