"""The steps that functions of a described application take, one after another."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from werkzeug.exceptions import NotFound

from tests.serve.applications import EXCEPTIONS, HANDLED, Function
from tests.serve.specialised.by_name import add_to
from tests.serve.specialised.results import PAGE

if t.TYPE_CHECKING:
    from tests.serve.specialised.running import Running

# A step is ("look", "path"): the function with this name, called with this argument.
STEPS: dict[str, Callable[[Running, t.Any], None]] = {}
# The arguments of the step "session".
SESSION_ACTIONS: dict[str, Callable[[Running, t.Any], object]] = {}
# The arguments of the step "response", which only after hooks take. What these return replaces the response.
RESPONSE_CHANGES: dict[str, Callable[[Running, t.Any], t.Any]] = {}


@add_to(STEPS)
def raise_(running: Running, name: str) -> None:
    raise EXCEPTIONS[name]()


@add_to(STEPS)
def look(running: Running, name: str) -> None:
    """Note an attribute of the request."""
    value = getattr(running.framework.request, name)
    running.log.append((name, type(value).__name__ if isinstance(value, Exception) else repr(value)))


@add_to(STEPS)
def g(running: Running, _: None) -> None:
    """Count in g, and note it."""
    g = running.framework.g
    g.count = g.get("count", 0) + 1
    running.log.append(("g", sorted(vars(g._get_current_object()).items())))


@add_to(STEPS)
def config(running: Running, key_and_value: tuple[str, t.Any]) -> None:
    key, value = key_and_value
    running.app.config[key] = value


@add_to(STEPS)
def register(running: Running, kind_and_where: tuple[str, str | None]) -> None:
    """Register a hook."""
    kind, where = kind_and_where
    hook = running.made(Function(f"{kind}_request", where, f"registered {kind} {where}"))
    getattr(running.app, f"{kind}_request_funcs").setdefault(where, []).append(hook)


@add_to(STEPS)
def connect(running: Running, signal: str) -> None:
    running.connect(signal)


@add_to(STEPS)
def patch(running: Running, seam: str) -> None:
    if seam not in running.patched:
        running.patch(seam)


@add_to(STEPS)
def unpatch(running: Running, _: None) -> None:
    running.unpatch()


@add_to(STEPS)
def view(running: Running, result: str) -> None:
    """Replace the view function."""
    running.app.view_functions["view"] = lambda **values: running.result(result)


@add_to(STEPS)
def rule(running: Running, _: None) -> None:
    """Add a rule to the map: ``add_url_rule`` is for the time before the first request."""
    rule = running.app.url_rule_class("/late", methods=["GET"], endpoint="view")
    rule.provide_automatic_options = False
    running.app.url_map.add(rule)


@add_to(STEPS)
def handle(running: Running, key: str) -> None:
    """Put an error handler into the table."""
    handler = running.made(Function("handler", None, f"late handler {key}", result="text"))
    running.app.error_handler_spec[None][HANDLED[key]][NotFound] = handler


@add_to(STEPS)
def url_for(running: Running, _: None) -> None:
    running.log.append(running.framework.url_for("outer.inner.view", n=1, x="é"))


@add_to(STEPS)
def render(running: Running, _: None) -> None:
    running.log.append(running.framework.render_template_string(PAGE, data={"b": 1, "a": "<é>"}))


@add_to(STEPS)
def inner_context(running: Running, _: None) -> None:
    with running.app.app_context():
        g(running, None)


@add_to(STEPS)
def after_this_request(running: Running, kind: str) -> None:
    def after(response: t.Any) -> t.Any:
        running.log.append(f"after this request: {kind}")
        if kind == "another":
            return running.framework.Response("another", 206)
        if kind == "header":
            response.headers.add("X-This", "1")
        return response

    running.framework.after_this_request(after)


# with the session


@add_to(STEPS)
def session(running: Running, action: str) -> None:
    """Do something with the session, and note what is in it."""
    session = running.framework.session
    SESSION_ACTIONS[action](running, session)
    running.log.append(("session", repr(dict(session)), session.new, session.modified, session.accessed))


@add_to(SESSION_ACTIONS)
def read(running: Running, session: t.Any) -> None:
    """Do no more than the step itself."""


@add_to(SESSION_ACTIONS)
def count(running: Running, session: t.Any) -> None:
    session["n"] = session.get("n", 0) + 1


@add_to(SESSION_ACTIONS)
def clear(running: Running, session: t.Any) -> None:
    session.clear()


@add_to(SESSION_ACTIONS)
def permanent(running: Running, session: t.Any) -> None:
    session.permanent = True


@add_to(SESSION_ACTIONS)
def pop(running: Running, session: t.Any) -> None:
    session.pop("n", None)


@add_to(SESSION_ACTIONS)
def modified(running: Running, session: t.Any) -> None:
    session.modified = True


@add_to(SESSION_ACTIONS)
def nested(running: Running, session: t.Any) -> None:
    """Change a list in the session, which the session does not notice."""
    session.setdefault("list", []).append((1, "é"))


@add_to(SESSION_ACTIONS)
def flash(running: Running, session: t.Any) -> None:
    running.framework.flash("flashed")


@add_to(SESSION_ACTIONS)
def flashed(running: Running, session: t.Any) -> None:
    running.log.append(repr(running.framework.get_flashed_messages(with_categories=True)))


# with the response


@add_to(RESPONSE_CHANGES)
def add_header(running: Running, response: t.Any) -> None:
    response.headers.add("X-After", "1")


@add_to(RESPONSE_CHANGES)
def set_headers(running: Running, response: t.Any) -> None:
    """In different case, too."""
    response.headers["X-Set"] = "é"
    response.headers["content-type"] = "text/x-set"
    response.headers["x-SET"] = "again"


@add_to(RESPONSE_CHANGES)
def delete_header(running: Running, response: t.Any) -> None:
    response.headers.pop("Content-Type", None)


@add_to(RESPONSE_CHANGES)
def set_status(running: Running, response: t.Any) -> None:
    response.status_code = 207


@add_to(RESPONSE_CHANGES)
def set_data(running: Running, response: t.Any) -> None:
    response.data = "replaced"


@add_to(RESPONSE_CHANGES)
def set_cookie(running: Running, response: t.Any) -> None:
    response.set_cookie("biscuit", "1")


@add_to(RESPONSE_CHANGES)
def vary(running: Running, response: t.Any) -> None:
    response.headers["Vary"] = "Accept"


@add_to(RESPONSE_CHANGES)
def call_on_close(running: Running, response: t.Any) -> None:
    response.call_on_close(lambda: running.log.append("response closed"))


@add_to(RESPONSE_CHANGES)
def return_another(running: Running, response: t.Any) -> t.Any:
    return running.framework.Response("other", response.status_code)


@add_to(RESPONSE_CHANGES)
def look_at_it(running: Running, response: t.Any) -> None:
    names = list(response.headers.keys())
    running.log.append(("response", response.status, response.mimetype, names))


# The body of an error page that HEAD asks for is another here than in Flask: see test_found.


@add_to(RESPONSE_CHANGES)
def make_conditional(running: Running, response: t.Any) -> t.Any:
    if response.direct_passthrough or running.asks_head():
        return None
    response.add_etag()
    return response.make_conditional(running.framework.request)


@add_to(RESPONSE_CHANGES)
def look_at_body(running: Running, response: t.Any) -> None:
    if not running.asks_head():
        running.log.append(response.get_data())
