"""Whatever the plan specialises has a general form that gives the same answer.

Random applications are visited twice: as they are, and with switches turned on, each of which takes a short
cut away from the plan (``switches``; test_switches shows that they do). Status, headers in their order,
body, exceptions that reach the server, and the order of all calls are the same. On Flask they are, too.
"""

from __future__ import annotations

import contextvars
import typing as t
from collections.abc import Iterator

import flask
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from tests.amounts import CHOSEN_ANEW
from tests.seams import SEAMS
from tests.serve.applications import PATHS, Function, Step
from tests.serve.beside import STRAIGHT, Framework, examples
from tests.serve.specialised.classes import CLASSES
from tests.serve.specialised.descriptions import Description, Visit, descriptions
from tests.serve.specialised.general_form import GeneralForm
from tests.serve.specialised.running import Running
from tests.serve.specialised.steps import RESPONSE_CHANGES, SESSION_ACTIONS
from tests.serve.specialised.switches import SWITCHES, form_with

switches = st.lists(st.sampled_from(list(SWITCHES)), min_size=1, max_size=4, unique=True)


@pytest.fixture(scope="module", autouse=True)
def _cookies_carry_one_time() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_714_566_600)
        yield


def told(description: Description, framework: Framework, form: GeneralForm | None = None) -> list[t.Any]:
    """Return what the visits to an application tell; nothing of it stays active."""

    def tell() -> list[t.Any]:
        answers = Running(description, framework, form).answers()
        assert not framework.has_app_context()
        assert not framework.has_request_context()
        return answers

    return contextvars.copy_context().run(tell)


def assert_general(description: Description, names: t.Iterable[str], expected: list[t.Any]) -> None:
    """Turn switches on, and expect the same answers."""
    form = form_with(names)
    general = told(description, form.framework(), form)
    for answer, same in zip(general, expected, strict=True):
        assert answer == same, names


@given(descriptions(), switches)
@examples(200)
def test_the_general_form_gives_the_same_answer(description: Description, names: list[str]) -> None:
    assert_general(description, names, told(description, STRAIGHT))


def plain(*results: str, session: dict[str, t.Any] | None = None, **others: t.Any) -> Description:
    """Describe an application without a hook: of none does the plan leave out more."""
    views = {
        where: Function("view", where, "view", result=one) for where, one in zip(PATHS, results, strict=True)
    }
    visits = [Visit(method, path) for path in PATHS.values() for method in ("GET", "HEAD")]
    for method, path in (
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("PUT", "/"),
        ("GET", "/outer"),
        ("GET", "/nowhere"),
    ):
        visits.append(Visit(method, path))
    functions = others.pop("functions", ())
    return Description(functions, views, {"SECRET_KEY": "secret"}, tuple(visits), session=session, **others)


@pytest.mark.slow
@example(plain("text", "bytes", "empty text", session={"_permanent": True, "n": 1}))
@example(plain("text", "bytes", "empty text", session={"n": 1}))
@example(plain("dict", "list", "status"))
@example(plain("page", "cookie", "flashed"))
@example(plain("file of a folder", "conditional", "closing response"))
@example(plain("not JSON", "headers changed", "form"))
@given(descriptions())
@settings(max_examples=(CHOSEN_ANEW or 120) // 20, phases=[Phase.explicit, Phase.generate])
def test_every_switch_gives_the_same_answer(description: Description) -> None:
    """A short run draws few of them: here each is turned on. Failures are not shrunk."""
    expected = told(description, STRAIGHT)
    for name in SWITCHES:
        assert_general(description, [name], expected)


@given(descriptions().filter(lambda one: not one.keeps_context))
@examples(150)
def test_flask_gives_the_same_answer(description: Description) -> None:
    assert told(description, STRAIGHT) == told(description, flask)


OVERRIDING = {name: {"classes": (name,)} for name in CLASSES} | {
    f"{name} of the {owner}": {"seams": ((name, owner),)} for name in SEAMS for owner in ("class", "instance")
}


@pytest.mark.parametrize("overriding", OVERRIDING.values(), ids=OVERRIDING)
def test_an_application_that_overrides_one_thing_answers_as_on_flask(overriding: dict[str, t.Any]) -> None:
    described = plain(
        "text", "messages", "jsonify", session={"_flashes": [("message", "kept")]}, **overriding
    )
    expected = told(described, flask)
    assert told(described, STRAIGHT) == expected
    assert_general(described, ["a subclass overrides full_dispatch_request"], expected)


STEPS: list[Step] = [
    *(("response", change) for change in RESPONSE_CHANGES),
    *(("session", action) for action in SESSION_ACTIONS),
    ("config", ("SESSION_COOKIE_PATH", "/else")),
]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_what_one_after_hook_does_the_others_see_as_on_flask(step: Step) -> None:
    """The hook of the outer blueprint does it, and registers others that run before and after itself."""
    steps = {
        "outer": (step, *(("register", ("after", where)) for where in PATHS)),
        None: (("response", "look"),),
    }
    hooks = [
        Function("after_request", where, f"after of {where}", steps=steps.get(where, ())) for where in PATHS
    ]
    described = plain("text", "dict", "cookie", session={"_permanent": True, "n": 1}, functions=tuple(hooks))
    expected = told(described, flask)
    assert told(described, STRAIGHT) == expected
    assert_general(described, ["the instance is patched at make_response"], expected)


@given(descriptions().filter(lambda one: one.is_plain))
@examples(20)
def test_applications_that_override_nothing_take_the_straight_path(description: Description) -> None:
    running = Running(description, STRAIGHT)
    own = running.app.request_planner.current(running.app).own
    running.disconnect()
    assert own.straight
    assert own.lazy_context
    assert own.lazy_session
    assert own.text_type
