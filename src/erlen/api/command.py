"""The command `erlen openapi`."""

from __future__ import annotations

import difflib
import json
import sys
import typing as t
from pathlib import Path

import click

from erlen.cli import ScriptInfo, pass_script_info

if t.TYPE_CHECKING:
    from erlen import Erlen

    from .scope import Api


@click.command("openapi", short_help="Write the OpenAPI document, or compare it.")
@click.option("--api", "title", help="The title of the Api, where the application has several.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with this file: the exit status is 1, and a diff is shown, where it is old.",
)
@click.option(
    "--diff",
    "old",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="List what changed since the document in this file; the exit status is 1 if clients break.",
)
@click.option("--explain", is_flag=True, help="Say of each view where each parameter comes from, and why.")
@pass_script_info
def openapi(
    info: ScriptInfo, title: str | None, out: Path | None, check: Path | None, old: Path | None, explain: bool
) -> None:
    """Write the OpenAPI document of the application's Api."""
    from .errors import SetupError

    app = info.load_app()
    try:
        api = _chosen(app, title)
        if explain:
            _explain(api, app)
            return
        text = _text(api, app)
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    if check is not None:
        sys.exit(_check(check, text))
    if old is not None:
        sys.exit(_compare(old, text))
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _chosen(app: Erlen, title: str | None) -> Api:
    """Return the Api of a title, or the only one."""
    apis: list[Api] = app.extensions.get("erlen.api", [])
    found = [api for api in apis if title is None or api.title == title]
    if len(found) == 1:
        return found[0]
    titles = ", ".join(repr(api.title) for api in apis)
    if not apis:
        raise click.ClickException("The application has no Api. Write 'Api(app)', or 'Api(blueprint)'.")
    if not found:
        raise click.ClickException(f"There is no Api of the title {title!r}. There is: {titles}.")
    raise click.ClickException(f"There are several: say which one by '--api TITLE'. There is: {titles}.")


def _text(api: Api, app: Erlen) -> str:
    from .document.serving import as_bytes

    return as_bytes(api.document(app)).decode()


def _check(path: Path, text: str) -> int:
    known = path.read_text(encoding="utf-8")
    if known == text:
        click.echo(f"{path} is the document of the application.")
        return 0
    lines = difflib.unified_diff(
        known.splitlines(), text.splitlines(), str(path), "the application", lineterm=""
    )
    for line in lines:
        click.echo(line)
    click.echo(f"{path} is old. Write it anew: erlen openapi --out {path}", err=True)
    return 1


def _compare(path: Path, text: str) -> int:
    from .document.comparing import changes

    try:
        before = json.loads(path.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{path} is no JSON: {error}") from None
    if not isinstance(before, dict):
        raise click.ClickException(f"{path} is no OpenAPI document.")
    found = changes(before, json.loads(text))
    for change in found:
        click.echo(str(change))
    if not found:
        click.echo("Nothing has changed for clients.")
    return 1 if any(change.is_breaking for change in found) else 0


def _explain(api: Api, app: Erlen) -> None:
    from .document.building import typed_views
    from .document.operations import path_of

    for view in typed_views(api, app):
        for method, operation in sorted(view.operations.items()):
            if method in ("HEAD", "OPTIONS"):
                continue
            click.echo(f"{method} {path_of(view.route.rule)} ({view.route.endpoint})")
            for parameter in operation.parameters:
                key = f" {parameter.key!r}" if parameter.key and parameter.key != parameter.name else ""
                click.echo(f"  {parameter.name}: {parameter.where}{key}, since {parameter.why}")
            for answer in operation.answers or ():
                name = getattr(answer.annotation, "__name__", str(answer.annotation))
                click.echo(f"  -> {answer.status}: {'nothing' if answer.form == 'none' else name}")
