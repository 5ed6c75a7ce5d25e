"""Random applications as data: what is registered where, what each function does, and who visits.

``tests.serve.applications`` asks how functions nest. Here everything is drawn that the plan might leave
out where it is absent: hooks, signals, overridden methods and classes, cookies, bodies, changes in between.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.seams import SEAMS, SIGNALS
from tests.serve.applications import EXCEPTIONS, HANDLED, PATHS, PLACES, RESULTS, Function, Step
from tests.serve.specialised.classes import CLASSES
from tests.serve.specialised.results import KEEPING_CONTEXT, MORE_RESULTS
from tests.serve.specialised.steps import RESPONSE_CHANGES, SESSION_ACTIONS
from tests.serve.specialised.visitor import BODIES

USUAL_RESULTS = ("text", "text", "text", "dict", "list", "bytes", "status", "response", "generator")

# A receiver that raises here is answered otherwise than in Flask: see docs/explanation/compatibility.md.
MAY_RAISE = ("request_started", "request_finished", "request_tearing_down", "got_request_exception")

# What is in the cookie that comes with the first visit.
SESSIONS: tuple[str | dict[str, t.Any] | None, ...] = (
    None,
    None,
    None,
    {"_permanent": True, "n": 5},
    {"n": 1, "list": [(1, "é")]},
    {"_flashes": [("message", "kept")]},
    {},
    "forged",
)


class Visit(t.NamedTuple):
    """A request, and the step that is taken before it."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    cookies: bool = True
    # Whether the tag of the last answer is sent along.
    revisit: bool = False
    change: tuple[str, t.Any] | None = None


@dataclass(frozen=True)
class Description:
    functions: tuple[Function, ...]
    views: dict[str | None, Function]
    config: dict[str, t.Any]
    visits: tuple[Visit, ...]
    seams: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    signals: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    # What the first visitor's cookie says: a session, or text that is none.
    session: str | dict[str, t.Any] | None = None

    @property
    def keeps_context(self) -> bool:
        """Tell whether a stream may keep its context: Erlen tears it down later than Flask."""
        changed = [change[1] for *_, change in self.visits if change and change[0] == "view"]
        functions = (*self.functions, *self.views.values())
        return any(result in KEEPING_CONTEXT for result in (*(f.result for f in functions), *changed))

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing is overridden: then the first request goes straight."""
        return not (self.seams or self.classes)


# what functions do

_LOOKED_AT = (
    "path endpoint blueprint blueprints view_args routing_exception method args form values json data"
)
_looking = st.tuples(st.just("look"), st.sampled_from(_LOOKED_AT.split()))
_acting_on_session = st.tuples(st.just("session"), st.sampled_from(list(SESSION_ACTIONS)))
_raising = st.tuples(st.just("raise"), st.sampled_from(sorted(EXCEPTIONS)))
_CONFIGURED = (
    ("PROPAGATE_EXCEPTIONS", False),
    ("PROPAGATE_EXCEPTIONS", True),
    ("TESTING", True),
    ("SESSION_REFRESH_EACH_REQUEST", False),
    ("SESSION_COOKIE_PATH", "/elsewhere"),
)
_configuring = st.tuples(st.just("config"), st.sampled_from(_CONFIGURED))
_registering = st.tuples(
    st.just("register"), st.tuples(st.sampled_from(("before", "after", "teardown")), st.sampled_from(PLACES))
)
_CONNECTED = ("request_finished", "request_tearing_down", "appcontext_tearing_down", "appcontext_popped")
_anywhere = st.one_of(
    _looking,
    _looking,
    _acting_on_session,
    _acting_on_session,
    _raising,
    _configuring,
    _registering,
    st.just(("g", None)),
    st.just(("url_for", None)),
    st.just(("render", None)),
    st.just(("inner_context", None)),
    st.tuples(st.just("connect"), st.sampled_from(_CONNECTED)),
)
_before_the_response = st.one_of(
    _anywhere,
    _anywhere,
    st.tuples(st.just("after_this_request"), st.sampled_from(("note", "header", "another"))),
    st.tuples(st.just("patch"), st.sampled_from(("make_response", "process_response", "finalize_request"))),
    st.tuples(st.just("view"), st.sampled_from(USUAL_RESULTS)),
)
_with_response = st.one_of(_anywhere, st.tuples(st.just("response"), st.sampled_from(list(RESPONSE_CHANGES))))
_WITHOUT_REQUEST = ("g", "raise", "config", "register", "connect")
_STEPS = {
    "view": _before_the_response,
    "handler": _before_the_response,
    "before_request": _before_the_response,
    "url_value_preprocessor": _anywhere,
    "after_request": _with_response,
    "teardown_request": _anywhere,
    "teardown_appcontext": _anywhere.filter(lambda step: step[0] in _WITHOUT_REQUEST),
    "context_processor": st.just(("g", None)) | _acting_on_session,
}
_KINDS = (
    *("before_request", "after_request", "handler") * 3,
    *("teardown_request", "teardown_appcontext", "url_value_preprocessor", "context_processor"),
)


_usual_results = st.sampled_from(USUAL_RESULTS)
_any_result = st.sampled_from((*sorted(RESULTS), *MORE_RESULTS, *MORE_RESULTS))


@st.composite
def _function(draw: st.DrawFn, kind: str, where: str | None) -> Function:
    # Most functions do nothing much: else no request would come to its end.
    steps = draw(st.lists(_STEPS[kind], max_size=2)) if draw(st.integers(0, 2)) else []
    coroutine = kind != "url_value_preprocessor" and draw(st.integers(0, 11)) == 0
    result = None
    if kind in ("view", "handler"):
        result = draw(_usual_results | _usual_results | _any_result)
    elif kind == "before_request" and draw(st.integers(0, 5)) == 0:
        result = draw(st.sampled_from(USUAL_RESULTS))
    key = draw(st.sampled_from(sorted(HANDLED))) if kind == "handler" else ""
    return Function(kind, where, f"{kind} {key} of {where}", coroutine, tuple(steps), result, key)


# the whole

_configs = st.fixed_dictionaries(
    {
        "SECRET_KEY": st.sampled_from(("secret", "secret", None)),
        "PROPAGATE_EXCEPTIONS": st.sampled_from((False, False, None, True)),
        "TESTING": st.booleans(),
        "TRAP_HTTP_EXCEPTIONS": st.sampled_from((False, False, False, True)),
        "SESSION_REFRESH_EACH_REQUEST": st.booleans(),
        "MAX_CONTENT_LENGTH": st.sampled_from((None, None, None, 5)),
    }
)
_changes = st.one_of(
    st.none(),
    st.none(),
    _configuring,
    _registering,
    st.tuples(st.just("patch"), st.sampled_from(SEAMS)),
    st.tuples(st.just("connect"), st.sampled_from(SIGNALS)),
    st.tuples(st.just("view"), st.sampled_from((*USUAL_RESULTS, *MORE_RESULTS))),
    st.just(("unpatch", None)),
    st.just(("rule", None)),
    st.just(("handle", "404")),
)
_paths = (*PATHS.values(), *PATHS.values(), "/outer", "/nowhere", "/outer/inner/x", "/late")
_visits = st.builds(
    Visit,
    method=st.sampled_from(("GET", "GET", "GET", "HEAD", "POST", "POST", "OPTIONS", "PUT")),
    path=st.sampled_from(_paths),
    query=st.sampled_from(("", "", "a=1&a=2&b=%C3%A9+x")),
    body=st.sampled_from(("", *BODIES)),
    cookies=st.sampled_from((True, True, False)),
    revisit=st.booleans(),
    change=_changes,
)
_receivers = st.lists(
    st.sampled_from(SIGNALS).flatmap(lambda name: st.tuples(st.just(name), _steps_of_receiver(name))),
    unique_by=lambda pair: pair[0],
    max_size=2,
)


def _steps_of_receiver(signal: str) -> st.SearchStrategy[tuple[Step, ...]]:
    if signal == "appcontext_popped":
        return st.just(())  # no application is active
    steps = st.just(("g", None))
    return st.lists(steps | _raising if signal in MAY_RAISE else steps, max_size=1).map(tuple)


_many_kinds = st.lists(st.sampled_from(_KINDS), max_size=6)


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    functions = []
    # A third have no hooks at all.
    for kind in draw(st.just([]) | st.lists(st.sampled_from(_KINDS), max_size=3) | _many_kinds):
        where = None if kind == "teardown_appcontext" else draw(st.sampled_from(PLACES))
        functions.append(draw(_function(kind, where)))
    # Nothing is overridden in most of them: that is what the plan makes use of.
    overriding = draw(st.integers(0, 2)) == 0
    seams = st.tuples(st.sampled_from(SEAMS), st.sampled_from(("class", "instance")))
    return Description(
        tuple(functions),
        {where: draw(_function("view", where)) for where in PLACES},
        draw(_configs),
        tuple(draw(st.lists(_visits, min_size=1, max_size=5))),
        tuple(draw(st.lists(seams, max_size=2))) if overriding else (),
        tuple(draw(st.lists(st.sampled_from(list(CLASSES)), unique=True, max_size=2))) if overriding else (),
        tuple(draw(_receivers)),
        draw(st.sampled_from(SESSIONS)),
    )
