"""The functions that views call: redirect, abort, flash, send a file, stream, build a URL."""

from __future__ import annotations

import importlib.util
import os
import sys
import typing as t
from datetime import datetime
from functools import update_wrapper

import werkzeug.utils  # noqa: F401  # COMPAT: some patch it through this module
from werkzeug.exceptions import abort as _wz_abort
from werkzeug.utils import redirect as _wz_redirect

from .active import OWN, active_app, cv_request, get_state
from .bounded import BoundedCache
from .context_proxies import current_app, request, request_ctx, require_session, session
from .http_errors import plain_abort
from .late_module import add_late_module
from .signals import message_flashed
from .wrappers.headers import guard
from .wrappers.known_files import UNKNOWN_AGE, age_of, answer_with

if t.TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    from werkzeug.wrappers import Response as BaseResponse

    from .wrappers import Response
    from .wrappers import send_file as files
else:
    files = add_late_module(f"{__package__}.wrappers.send_file")

_current_app, _session = current_app, session
_NO = {"0", "false", "no"}


# the environment


def get_debug_flag() -> bool:
    """Tell whether ``FLASK_DEBUG`` turns debug mode on: it is set, and not to 0, false or no."""
    return (os.environ.get("FLASK_DEBUG") or "no").lower() not in _NO


def get_load_dotenv(default: bool = True) -> bool:
    """Tell whether ``.env`` files are read: not if ``FLASK_SKIP_DOTENV`` is set, except to 0, false or no."""
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return value.lower() in _NO if value else default


# streaming


@t.overload
def stream_with_context(generator_or_function: t.Iterator[t.AnyStr]) -> t.Iterator[t.AnyStr]: ...


@t.overload
def stream_with_context(
    generator_or_function: t.Callable[..., t.Iterator[t.AnyStr]],
) -> t.Callable[[t.Iterator[t.AnyStr]], t.Iterator[t.AnyStr]]: ...


def stream_with_context(
    generator_or_function: t.Any,
) -> t.Iterator[t.AnyStr] | t.Callable[[t.Iterator[t.AnyStr]], t.Iterator[t.AnyStr]]:
    """Keep the request active while a response is streamed; wraps a generator, or decorates its function.

    ``request``, ``session`` and ``g`` answer until the stream is closed; then the teardown functions
    run, once. Raises RuntimeError where no request is active.
    """
    try:
        items = iter(generator_or_function)
    except TypeError:
        return _stream_function(generator_or_function)
    context = cv_request.get(None)
    if context is None:
        raise RuntimeError(
            "'stream_with_context' can only be used while a request is active. Call it in the view,"
            " not inside the generator it returns."
        )
    stream: t.Iterator[t.AnyStr] = context.stream(items)
    return stream


def _stream_function(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    if not callable(function):
        raise TypeError(
            "stream_with_context() takes an iterator, such as a generator, or a function that returns"
            f" one. It was given a {type(function).__name__}."
        )

    def streaming(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return stream_with_context(function(*args, **kwargs))

    return update_wrapper(streaming, function)


# responses


def make_response(*args: t.Any) -> Response:
    """Make a response of what a view would return: a value, or value, status and headers.

    Use it to set headers or cookies before returning. Without arguments the response is empty.
    """
    response: Response
    if not args:
        response = current_app.response_class()
    else:
        response = current_app.make_response(args[0] if len(args) == 1 else args)
    return response


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: t.Any,
) -> str:
    """Return the URL of an endpoint; ``.name`` is one of the current blueprint.

    *values* fill the variables of its rule, and what is left over becomes the query string. The URL
    is a path within a request and has scheme and host outside of one; *_external* says it
    otherwise. *_method* chooses between rules, *_anchor* goes behind a ``#``. Raises BuildError
    where no rule fits.
    """
    context, app_context = get_state()
    # PERF: most URLs are paths: 0.6 us instead of 3.3 (CPython 3.11).
    # COMPAT: the proxy may be replaced in this module.
    if (
        _anchor is _method is _scheme is None
        and not _external
        and (app_context is OWN or (context is not None and app_context.app is context.app))
        and current_app is _current_app
    ):
        # A mock may be in the place of a context.
        path_to = getattr(context, "path_to", None)
        path: str | None = None if path_to is None else path_to(endpoint, values)
        if type(path) is str:
            return path
    url: str = current_app.url_for(
        endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
    )
    return url


def redirect(location: str, code: int = 302, Response: type[BaseResponse] | None = None) -> BaseResponse:
    """Make a response that sends the browser elsewhere.

    The application makes it (``app.redirect``); *Response* counts only where none is active. Raises
    ValueError for what cannot be sent as an address.
    """
    response: BaseResponse
    context, app_context = get_state()
    holder = context if app_context is OWN else app_context
    # COMPAT: the proxy may be replaced in this module.
    app = current_app if current_app is not _current_app else None if holder is None else holder.app
    if app:
        response = app.redirect(location, code=code)
        return response
    response = _wz_redirect(location, code=code, Response=Response)
    guard(response.headers)
    return response


def abort(code: int | BaseResponse, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
    """Raise the HTTPException of a status, or one that answers with a given response.

    Other arguments go to the exception (``description=…``). Raises LookupError for a status that
    neither Werkzeug nor ``app.aborter`` knows.
    """
    app = active_app() if current_app is _current_app else current_app
    if app:
        error = None if args or kwargs else plain_abort(app.aborter, code)
        if error is not None:
            try:
                raise error
            finally:
                error = None  # it holds this frame: nothing is left to the garbage collector
        app.aborter(code, *args, **kwargs)
    _wz_abort(code, *args, **kwargs)


def get_template_attribute(template_name: str, attribute: str) -> t.Any:
    """Return a macro or variable of a template, to be used in Python."""
    module = current_app.jinja_env.get_template(template_name).module
    return getattr(module, attribute)


# flashed messages


def flash(message: str, category: str = "message") -> None:
    """Keep a message in the session until a template asks for it, usually in the next request.

    Usual categories are "message", "error", "info" and "warning"; any name will do.
    """
    # A new list each time: a session that is stored elsewhere need not notice a change in the old one.
    # COMPAT: the proxy may be replaced in this module.
    if session is _session:
        # The proxy would look for the context once for each of its two uses.
        context = get_state()[0]
        store: t.Any = require_session() if context is None else context.session
    else:
        store = session
    store["_flashes"] = [*store.get("_flashes", ()), (category, message)]
    if not message_flashed.receivers:
        return
    app = current_app._get_current_object()
    message_flashed.send(app, _async_wrapper=app.ensure_sync, message=message, category=category)


def get_flashed_messages(
    with_categories: bool = False, category_filter: t.Iterable[str] = ()
) -> list[str] | list[tuple[str, str]]:
    """Take the flashed messages out of the session; later calls in the request return the same messages.

    *category_filter* limits them to some categories. *with_categories* makes them pairs of category
    and message.
    """
    flashes = request_ctx.flashes
    if flashes is None:
        flashes = request_ctx.flashes = session.pop("_flashes") if "_flashes" in session else []
    if category_filter:
        flashes = [flashed for flashed in flashes if flashed[0] in category_filter]
    return flashes if with_categories else [flashed[1] for flashed in flashes]


# files


def _prepare_send_file_kwargs(**kwargs: t.Any) -> dict[str, t.Any]:
    """Add what Werkzeug needs from the application and the request."""
    app = current_app
    if kwargs.get("max_age") is None:
        kwargs["max_age"] = app.get_send_file_max_age
    return kwargs | {
        "environ": request.environ,
        "use_x_sendfile": app.config["USE_X_SENDFILE"],
        "response_class": app.response_class,
        "_root_path": app.root_path,
    }


def send_file(
    path_or_file: os.PathLike[t.AnyStr] | str | t.IO[bytes],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | t.Callable[[str | None], int | None] | None = None,
) -> Response:
    """Make a response of a file: its path, relative to the application's root, or a file open for bytes.

    The type is guessed from the name where *mimetype* is missing. *conditional* answers
    If-None-Match, If-Modified-Since and Range. *max_age* is in seconds and comes from
    ``app.get_send_file_max_age`` by default. For a path, ETag and time are the file's own.

    Never pass a path that came with a request: ``send_from_directory`` is for those.
    """
    if (
        type(path_or_file) is str
        and mimetype is None
        and download_name is None
        and last_modified is None
        and max_age is None
        and as_attachment is False
        and conditional is True
        and etag is True
    ):
        path = os.path.join(current_app.root_path, path_or_file)
        folder, name = os.path.split(path)
        if f"{folder}{os.sep}{name}" == path and (known := _send_known(folder, name)) is not None:
            return known
    kwargs = _prepare_send_file_kwargs(
        path_or_file=path_or_file,
        mimetype=mimetype,
        as_attachment=as_attachment,
        download_name=download_name,
        conditional=conditional,
        etag=etag,
        last_modified=last_modified,
        max_age=max_age,
    )
    return files.send_file(**kwargs)  # type: ignore[return-value]  # response_class is ours


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **kwargs: t.Any
) -> Response:
    """Make a response of a file inside *directory*; *path* may come from a request.

    *directory* is relative to the application's root and must be your own. Keyword arguments are
    those of ``send_file``. Raises NotFound for a path that leads outside, or to no file.
    """
    if kwargs.keys() <= _AGE_ALONE and type(directory) is str and type(path) is str:
        known = _send_known(directory, path, kwargs.get("max_age"))
        if known is not None:
            return known
    options = _prepare_send_file_kwargs(**kwargs)
    return files.send_from_directory(directory, path, **options)  # type: ignore[return-value]


_AGE_ALONE = {"max_age"}


def _send_known(folder: str, name: str, max_age: t.Any = None) -> Response | None:
    """Answer with a file in few steps; None where it has to be sent in the general way.

    PERF: 8 us instead of 24 for a small file (CPython 3.11).
    """
    context, app_context = get_state()
    if app_context is not OWN:
        return None
    app = context.app
    age = age_of(app)
    if age == UNKNOWN_AGE or (max_age is not None and (type(max_age) is not int or max_age < 0)):
        return None
    if max_age is not None:
        age = max_age
    answer = answer_with(folder, name, age, context.request.environ, unseen=False)
    return None if answer is None else answer.as_response(app.response_class)


# names and places


def get_root_path(import_name: str) -> str:
    """Return the folder of a package or of the file of a module; the working directory where there is none.

    Raises RuntimeError for a module that came from no file: a namespace package has no one folder.
    """
    path = _loaded_file(import_name)
    if path is None:
        spec = _find_spec(import_name)
        if spec is None or spec.loader is None:
            return os.getcwd()
        path = _file_of(spec.loader, import_name)
    return os.path.dirname(os.path.abspath(path))


def _loaded_file(import_name: str) -> str | None:
    return getattr(sys.modules.get(import_name), "__file__", None)


def _find_spec(import_name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(import_name)
    except (ImportError, ValueError):  # a main module has no spec
        return None


def _file_of(loader: t.Any, import_name: str) -> str:
    if hasattr(loader, "get_filename"):
        filename: str = loader.get_filename(import_name)
        return filename
    # A loader that does not know: the module may, once it is loaded.
    importlib.import_module(import_name)
    path = _loaded_file(import_name)
    if path is None:
        raise RuntimeError(
            f"No root path was found for the module {import_name!r}: it is a namespace package, or came"
            " from an import hook that names no file. Give the path yourself: root_path=…"
        )
    return path


# An endpoint may come from a request, through url_for.
_chains: BoundedCache[str, list[str]] = BoundedCache(1024, longest=256)


def _split_blueprint_path(name: str) -> list[str]:
    """Return a dotted blueprint name and those of its parents, innermost first."""
    chain = _chains.get(name)
    if chain is None:
        parent = name.rpartition(".")[0]
        chain = _chains.keep(name, [name, *_split_blueprint_path(parent)] if parent else [name])
    return chain
