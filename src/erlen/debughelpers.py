"""Explanations for mistakes, given while developing."""

from __future__ import annotations

import typing as t

from werkzeug.routing import RequestRedirect

from .active import cv_request

if t.TYPE_CHECKING:
    import logging

    from jinja2 import BaseLoader

    from .wrappers import Request, RequestBase

    class _Application(t.Protocol):
        import_name: str

        @property
        def logger(self) -> logging.Logger: ...

    # A loader, its owner, and what it returned: source, file name, and a check whether that is current.
    Attempt: t.TypeAlias = tuple[
        BaseLoader, t.Any, tuple[str, str | None, t.Callable[[], bool] | None] | None
    ]


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """An error about text where bytes were expected, or the other way round."""


class DebugFilesKeyError(KeyError, AssertionError):
    """An error about a file that the browser sent by name only, because the form has no enctype for files."""

    def __init__(self, request: RequestBase, key: str) -> None:
        self.msg = (
            f"There is no file {key!r} in request.files. The form was sent as {request.mimetype!r}, not as"
            " 'multipart/form-data', so no file contents were transmitted. Add this to the form:"
            ' enctype="multipart/form-data"'
        )
        names = ", ".join(map(repr, request.form.getlist(key)))
        if names:
            self.msg += f"\n\nThe browser sent names of files instead. This was submitted: {names}"

    def __str__(self) -> str:
        return self.msg


class FormDataRoutingRedirect(AssertionError):
    """An error about a redirect that would make browsers drop the method and the body of a request."""

    def __init__(self, request: Request) -> None:
        redirect = request.routing_exception
        assert isinstance(redirect, RequestRedirect)
        text = (
            f"The request for '{request.url}' carries form data, and its rule redirects it to the"
            f" canonical URL '{redirect.new_url}'."
        )
        if redirect.new_url.partition("?")[0] == f"{request.base_url}/":
            text += " The rule ends with a slash; without it, the URL is redirected."
        super().__init__(
            f"{text} Send the request to that URL, or redirect with status 307 or 308: with any other,"
            " browsers drop the form data.\n\nOutside of debug mode this is no error."
        )


def attach_enctype_error_multidict(request: RequestBase) -> None:
    """Make ``request.files`` explain the error for a missing key that the form has as text."""
    files_class = type(request.files)

    def get(files: t.Any, key: str) -> t.Any:
        try:
            return files_class.__getitem__(files, key)
        except KeyError as error:
            if key in request.form:
                raise DebugFilesKeyError(request, key).with_traceback(error.__traceback__) from None
            raise

    members = {"__getitem__": get, "__module__": files_class.__module__}
    request.files.__class__ = type(files_class.__name__, (files_class,), members)


def describe(holder: t.Any, app: _Application) -> str:
    """Return a description of the owner of a template folder: the application or a blueprint."""
    if holder is app:
        return f"application {app.import_name!r}"
    if hasattr(holder, "name") and hasattr(holder, "import_name"):
        return f"blueprint {holder.name!r} ({holder.import_name})"
    return repr(holder)


def explain_template_loading_attempts(app: _Application, template: str, attempts: list[Attempt]) -> None:
    """Log where a template was looked for, and what was found."""
    lines = [f"Locating template {template!r}:"]
    for number, (loader, holder, source) in enumerate(attempts, 1):
        lines.append(f"{number:5}: trying loader of {describe(holder, app)}")
        lines += [f"       {line}" for line in _dump_loader_info(loader)]
        result = "no match" if source is None else f"found ({source[1] or '<string>'!r})"
        lines.append(f"       -> {result}")
    lines += _warnings(sum(source is not None for _, _, source in attempts))
    app.logger.info("\n".join(lines))


def _dump_loader_info(loader: BaseLoader) -> t.Iterator[str]:
    """Yield the settings of a loader, as far as they are plain text and numbers."""
    yield f"class: {type(loader).__module__}.{type(loader).__name__}"
    for name, value in sorted(vars(loader).items()):
        if name.startswith("_"):
            continue
        if isinstance(value, (str, int, float)):
            yield f"{name}: {value!r}"
        elif isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            yield f"{name}:"
            yield from (f"  - {item}" for item in value)


def _warnings(found: int) -> t.Iterator[str]:
    if found == 1:
        return
    if found:
        yield "Warning: multiple loaders returned a match for the template."
    else:
        yield "Error: the template could not be found."
    context = cv_request.get(None)
    blueprint = None if context is None else context.request.blueprint
    if blueprint is not None:
        yield f"  It was looked up from an endpoint that belongs to the blueprint {blueprint!r}."
        yield "  Is the template in that blueprint's folder, and has it a name of its own?"
        yield "  See https://flask.palletsprojects.com/blueprints/#templates"
