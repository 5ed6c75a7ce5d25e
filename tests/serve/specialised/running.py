"""A described application on one framework: built, visited, and asked what happened."""

from __future__ import annotations

import gc
import typing as t
from contextlib import ExitStack
from functools import wraps

from tests.seams import SIGNALS
from tests.serve.applications import HANDLED, RESULTS, Function, Step
from tests.serve.beside import Framework
from tests.serve.specialised.classes import CLASSES
from tests.serve.specialised.descriptions import Description, Visit
from tests.serve.specialised.general_form import GeneralForm
from tests.serve.specialised.results import MORE_RESULTS
from tests.serve.specialised.steps import RESPONSE_CHANGES, STEPS
from tests.serve.specialised.visitor import Header, Visitor, body_of, comparable

# Hooks of these modules do nothing, and that they are passed to a seam is not noted.
MODULES_OF_SWITCHES = "tests.serve.specialised.switches"


class Running:
    """An application, the log in which each of its functions notes its name, and its visitor."""

    def __init__(self, described: Description, framework: Framework, form: GeneralForm | None = None) -> None:
        self.described = described
        self.framework = framework
        self.form = form or GeneralForm()
        self.log: list[t.Any] = []
        self.visitor = Visitor()
        # Methods replaced on the instance, and what its namespace had before.
        self.patched: dict[str, t.Any] = {}
        self.receivers: list[tuple[t.Any, t.Callable[..., None]]] = []
        # Opened for responses, which may never be sent.
        self.files: list[t.Any] = []
        self.app = self.application_class()("app", static_folder=None)
        self.set_up()

    # set-up

    def application_class(self) -> t.Any:
        framework_class = self.framework.Flask
        attributes: dict[str, t.Any] = {}
        for name in self.described.classes:
            CLASSES[name](self, attributes)
        for name, owner in self.described.seams:
            if owner == "class":
                attributes[name] = self.noting(name, getattr(framework_class, name))
        return type("App", (framework_class,), attributes) if attributes else framework_class

    def set_up(self) -> None:
        self.app.logger.disabled = True
        for change in self.form.changes_of_application:
            change(self.app)
        self.app.config.update(self.described.config)
        self.register_everything()
        for name, owner in self.described.seams:
            if owner == "instance":
                self.patch(name)
        for signal, steps in self.described.signals:
            self.connect(signal, steps)
        self.bring_session(self.described.session)

    def register_everything(self) -> None:
        blueprint = self.framework.Blueprint
        inner = blueprint("inner", "app", url_prefix="/inner")
        outer = blueprint("outer", "app", url_prefix="/outer")
        registrars = {None: self.app, "outer": outer, "outer.inner": inner}
        for function in self.described.functions:
            self.register(registrars[function.where], function)
        for (where, registrar), rule in zip(registrars.items(), ("/", "/", "/<int:n>"), strict=True):
            view = self.made(self.described.views[where])
            registrar.add_url_rule(rule, "view", view, methods=["GET", "POST"])
        outer.register_blueprint(inner)
        self.app.register_blueprint(outer)

    def register(self, registrar: t.Any, function: Function) -> None:
        made = self.made(function)
        if function.kind == "handler":
            registrar.register_error_handler(HANDLED[function.key], made)
        else:
            getattr(registrar, function.kind)(made)

    def bring_session(self, value: str | dict[str, t.Any] | None) -> None:
        """Give the visitor the cookie of an earlier session."""
        if isinstance(value, dict):
            serializer = self.app.session_interface.get_signing_serializer(self.app)
            value = None if serializer is None else serializer.dumps(value)
        if value is not None:
            self.visitor.cookies["session"] = value

    # seams

    def noting(self, name: str, original: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Make a function that calls *original*, and notes it."""

        @wraps(original)
        def seam(*args: t.Any, **kwargs: t.Any) -> t.Any:
            if not (args and is_of_a_switch(args[-1])):
                self.log.append(f"seam {name}")
            return original(*args, **kwargs)

        return seam

    def patch(self, name: str) -> None:
        self.patched[name] = vars(self.app).get(name)
        setattr(self.app, name, self.noting(name, getattr(self.app, name)))

    def unpatch(self) -> None:
        for name, before in self.patched.items():
            if before is None:
                delattr(self.app, name)
            else:
                setattr(self.app, name, before)
        self.patched.clear()

    # signals

    def connect(self, signal: str, steps: tuple[Step, ...] = ()) -> None:
        """Connect a receiver, unless there is one: two have no order."""

        def receiver(sender: object, **kwargs: object) -> None:
            self.log.append((signal, sorted(kwargs), self.framework.has_request_context()))
            self.take(steps)

        heard = getattr(self.framework.signals, signal)
        if not any(heard is known for known, _ in self.receivers):
            heard.connect(receiver, self.app)
            self.receivers.append((heard, receiver))

    def disconnect(self) -> None:
        """Leave no receiver behind: one is enough for every application to send the signal."""
        for signal, receiver in self.receivers:
            signal.disconnect(receiver)
        if self.signals_with_receivers():
            gc.collect()  # receivers of other tests' applications, which nothing refers to any more
        assert self.signals_with_receivers() == []

    def signals_with_receivers(self) -> list[str]:
        return [name for name in SIGNALS if getattr(self.framework.signals, name).receivers]

    # the user's functions

    def made(self, function: Function) -> t.Callable[..., t.Any]:
        """Make the function, with as many arguments as its kind takes."""

        def run(*args: t.Any, **values: t.Any) -> t.Any:
            noted: list[t.Any] = [type(one).__name__ for one in args if isinstance(one, BaseException)]
            if function.kind == "url_value_preprocessor":
                noted = [args[0], dict(args[1] or {})]
            self.log.append((function.name, *noted, *sorted(values.items())))
            response = self.take(function.steps, args[0] if function.kind == "after_request" else None)
            if function.kind == "after_request":
                return response
            if function.kind == "context_processor":
                return {"given": function.name}
            return self.result(function.result) if function.result else None

        async def coroutine(*args: t.Any, **values: t.Any) -> t.Any:
            return run(*args, **values)

        return self.form.wrapped(coroutine if function.coroutine else run)

    def take(self, steps: tuple[Step, ...], response: t.Any = None) -> t.Any:
        """Take the steps, and return the response, or what took its place."""
        for name, argument in steps:
            if name == "response":
                response = RESPONSE_CHANGES[argument](self, response) or response
            else:
                STEPS[name](self, argument)
        return response

    def result(self, name: str) -> t.Any:
        return RESULTS[name](self.framework) if name in RESULTS else MORE_RESULTS[name](self)

    def asks_head(self) -> bool:
        return bool(self.framework.request.method == "HEAD")

    # visits

    def answers(self) -> list[t.Any]:
        """Return what reached the server and the log, for each visit."""
        told = []
        try:
            for visit in self.described.visits:
                if visit.change is not None:
                    self.take((visit.change,))
                told.append((self.answer(visit), *self.log))
                self.log.clear()
            return told
        finally:
            self.disconnect()

    def answer(self, visit: Visit) -> t.Any:
        environ = self.visitor.environ(visit)
        for change in self.form.changes_of_environ:
            change(environ)
        begun: list[t.Any] = []  # status and headers, when they have come
        try:
            with ExitStack() as stack:
                for around in self.form.contexts_around_requests:
                    stack.enter_context(around())
                parts = self.app(environ, self.start_response_into(begun))
            try:
                return (*begun, body_of(parts, self.log), "session" in self.visitor.cookies)
            finally:
                getattr(parts, "close", lambda: None)()
                self.log.append("body closed")
        except Exception as error:
            return (*begun, type(error).__name__)
        finally:
            for file in self.files:
                file.close()
            self.files.clear()

    def start_response_into(self, begun: list[t.Any]) -> t.Callable[..., None]:
        """Return what a server gives to the application, which puts status and headers into *begun*."""

        def start_response(status: str, headers: list[Header], exc_info: t.Any = None) -> None:
            self.log.append("status and headers")
            begun[:] = [status, [comparable(header) for header in headers]]
            self.visitor.keep(headers)

        return start_response


def is_of_a_switch(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith(MODULES_OF_SWITCHES)
