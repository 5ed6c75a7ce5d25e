"""The values of `--cert` and `--key`: two files, `adhoc`, or the import name of an `ssl.SSLContext`."""

from __future__ import annotations

import typing as t

import click

import erlen.cli as cli


class CertParamType(click.ParamType):  # type: ignore[type-arg]  # generic in newer Click alone
    """A certificate's file, `adhoc`, or the import name of an `ssl.SSLContext`.

    The value is the resolved path, `adhoc`, or the context itself.
    """

    name = "path"

    def __init__(self) -> None:
        self.path_type = click.Path(exists=True, dir_okay=False, resolve_path=True)

    def convert(self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None) -> t.Any:
        """Return the path, `adhoc` or the context. Raises `click.BadParameter` for anything else."""
        try:
            import ssl
        except ImportError:
            self.fail("HTTPS needs Python's 'ssl' module, and this Python was built without it.", param, ctx)
        try:
            return self.path_type(value, param, ctx)
        except click.BadParameter as error:
            no_file = error
        if str(value).lower() == "adhoc":
            return self._adhoc(param, ctx)
        imported = cli.import_string(str(value), silent=True)
        if isinstance(imported, ssl.SSLContext):
            return imported
        self.fail(
            f"{no_file.message} Nor is it 'adhoc' or the import name of an ssl.SSLContext.",
            param,
            ctx,
        )

    def _adhoc(self, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            import cryptography  # noqa: F401
        except ImportError:
            self.fail("'adhoc' needs the library cryptography: 'pip install cryptography'.", param, ctx)
        return "adhoc"


def _validate_key(ctx: click.Context, param: click.Parameter, value: t.Any) -> t.Any:
    """Make `cert` the pair of certificate and key; reject one that lacks the other, or a key too many."""
    cert = ctx.params.get("cert")
    cert_is_file = isinstance(cert, str) and cert != "adhoc"
    if value is None and cert_is_file:
        raise click.BadParameter("a certificate in a file needs its key: add '--key FILE'.", ctx, param)
    if value is not None and not cert:
        raise click.BadParameter("a key needs its certificate: add '--cert FILE'.", ctx, param)
    if value is not None and not cert_is_file:
        given = "'adhoc'" if cert == "adhoc" else "an SSLContext"
        raise click.BadParameter(f"{given} has its own key: leave '--key' out.", ctx, param)
    if value is not None:
        ctx.params["cert"] = (cert, value)
    return value
