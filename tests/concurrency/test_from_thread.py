"""Coroutine functions under WSGI: one loop per process, one set of context variables, plain exceptions."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import os
import pickle
import select
import signal
import sys
import threading
import typing as t

import pytest

import erlen
from erlen import Erlen
from erlen.concurrency import loops
from erlen.concurrency.from_thread import run_on_loop
from tests.serve.beside import Framework, beside_flask, call

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def loop_and_thread() -> tuple[int, int]:
    return id(asyncio.get_running_loop()), threading.get_ident()


# calling


def test_the_caller_waits_for_what_the_coroutine_returns() -> None:
    async def add(a: int, *, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    plain = run_on_loop(add)
    assert plain(1, b=2) == 3
    assert plain.__name__ == "add"


def test_an_exception_reaches_the_caller_as_it_was_raised() -> None:
    error = ValueError("from inside")

    async def fail() -> None:
        raise error

    with pytest.raises(ValueError, match="from inside") as caught:
        run_on_loop(fail)()
    assert caught.value is error
    assert [entry.name for entry in caught.traceback][-1] == "fail"


def test_a_cancelled_coroutine_says_so_to_its_caller() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_on_loop(cancelled)()


@beside_flask
def test_which_functions_are_coroutine_functions(framework: Framework) -> object:
    async def function() -> None: ...

    async def generator() -> t.AsyncIterator[int]:
        yield 1

    class Callable:
        async def __call__(self) -> None: ...

        async def method(self) -> None: ...

        @staticmethod
        async def static() -> None: ...

    @functools.wraps(function)
    def wrapper() -> t.Awaitable[None]:
        return function()

    app = framework.Flask("app")
    those = (
        function,
        functools.partial(function),
        functools.partial(functools.partial(function)),
        Callable.static,
        Callable().method,
        Callable(),
        generator,
        wrapper,
        len,
        lambda: None,
    )
    return [app.ensure_sync(one) is one for one in those]


@beside_flask
def test_an_application_may_run_coroutines_elsewhere(framework: Framework) -> object:
    class App(framework.Flask):  # type: ignore[misc]
        def async_to_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
            return lambda **values: f"elsewhere {func.__name__}"

    app = App("app")

    @app.get("/")
    async def view() -> str:
        return "never"

    async def another() -> str:
        return "never"

    said = [call(app).body, call(app).body]
    app.view_functions["view"] = another
    said.append(call(app).body)
    App.async_to_sync = lambda self, func: lambda **values: "patched"
    return [*said, call(app).body]


# one loop


def test_all_requests_threads_and_applications_share_one_loop() -> None:
    apps = [Erlen("one"), Erlen("two")]
    seen: list[tuple[int, int]] = []

    async def view() -> str:
        seen.append(await loop_and_thread())
        return ""

    for app in apps:
        app.add_url_rule("/", "index", view)
    threads = [threading.Thread(target=call, args=(app,)) for app in apps * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for app in apps:
        call(app)
    seen.append(run_on_loop(loop_and_thread)())
    assert len(seen) == 7
    assert len(set(seen)) == 1
    assert threading.get_ident() not in (thread for _, thread in seen)


def test_what_belongs_to_a_loop_survives_from_one_request_to_the_next() -> None:
    app = Erlen(__name__)
    queue: asyncio.Queue[str] = asyncio.Queue()

    @app.get("/put")
    async def put() -> str:
        await queue.put("kept")
        return ""

    @app.get("/get")
    async def get() -> str:
        return await asyncio.wait_for(queue.get(), 5)

    call(app, "/put")
    assert call(app, "/get").body == b"kept"


def test_coroutines_of_several_requests_take_turns() -> None:
    """Each waits for the other: on one thread after the other they would wait for ever."""
    app = Erlen(__name__)
    arrived: list[str] = []
    both = asyncio.Event()

    @app.get("/<name>")
    async def view(name: str) -> str:
        arrived.append(name)
        if len(arrived) == 2:
            both.set()
        await both.wait()
        return name

    other = threading.Thread(target=call, args=(app, "/one"))
    other.start()
    assert call(app, "/two").body == b"two"
    other.join(60)
    assert not other.is_alive()


def test_a_thread_that_a_coroutine_starts_may_wait_for_another_coroutine() -> None:
    app = Erlen(__name__)

    async def inner() -> str:
        return erlen.request.path

    @app.get("/")
    async def view() -> str:
        return await asyncio.to_thread(app.ensure_sync(inner))

    assert call(app).body == b"/"


def test_waiting_on_a_loops_own_thread_is_refused_by_name() -> None:
    async def inner() -> str:
        return "never"

    plain = run_on_loop(inner)

    async def outer() -> None:
        plain()

    expected = (
        "'test_waiting_on_a_loops_own_thread_is_refused_by_name.<locals>.inner' is a coroutine function"
    )
    with pytest.raises(RuntimeError, match=expected):
        asyncio.run(outer())
    with pytest.raises(RuntimeError, match=expected):
        run_on_loop(outer)()


def test_a_coroutine_view_may_not_ask_its_own_application_for_another() -> None:
    app = Erlen(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/outer")
    async def outer() -> str:
        return app.test_client().get("/inner").text

    @app.get("/inner")
    async def inner() -> str:
        return "never"

    with pytest.raises(RuntimeError, match="inner' is a coroutine function"):
        call(app, "/outer")


# context variables


@beside_flask
def test_caller_and_coroutine_share_context_variables(framework: Framework) -> object:
    app = framework.Flask("app")
    seen: list[str] = []

    async def coroutine() -> None:
        seen.append(variable.get())
        variable.set("set inside")

    variable.set("set outside")
    try:
        app.ensure_sync(coroutine)()
        return [*seen, variable.get()]
    finally:
        variable.set("unset")


@beside_flask
def test_what_was_set_before_an_exception_stays_set(framework: Framework) -> object:
    app = framework.Flask("app")

    async def coroutine() -> None:
        variable.set("set inside")
        raise ValueError

    try:
        with pytest.raises(ValueError):  # noqa: PT011
            app.ensure_sync(coroutine)()
        return variable.get()
    finally:
        variable.set("unset")


@beside_flask
def test_all_functions_of_a_request_share_context_variables(framework: Framework) -> object:
    """Every other one is a coroutine function."""
    app = framework.Flask("app")
    seen: list[str] = []

    def pass_on(name: str) -> None:
        seen.append(f"{name} after {variable.get()}")
        variable.set(name)

    @app.before_request
    async def first() -> None:
        pass_on("before")

    @app.before_request
    def second() -> None:
        pass_on("before, too")

    @app.get("/")
    async def view() -> str:
        await asyncio.gather(asyncio.sleep(0))
        pass_on("view")
        raise ValueError

    @app.errorhandler(ValueError)
    def handler(error: ValueError) -> str:
        pass_on("handler")
        return ""

    @app.after_request
    async def after(response: t.Any) -> t.Any:
        pass_on("after")
        return response

    @app.teardown_request
    def teardown(error: object) -> None:
        pass_on("teardown")

    @app.teardown_appcontext
    async def last(error: object) -> None:
        pass_on("last")

    for _ in range(2):
        contextvars.copy_context().run(call, app)
    return seen


@beside_flask
def test_coroutines_have_the_request_and_g(framework: Framework) -> object:
    app = framework.Flask("app")
    app.secret_key = "secret"

    @app.before_request
    async def before() -> None:
        framework.g.user = framework.request.args["user"]

    @app.get("/")
    async def view() -> str:
        framework.session["user"] = framework.g.user
        return f"{framework.g.user} at {framework.request.path}, {framework.url_for('view')}"

    @app.after_request
    async def after(response: t.Any) -> t.Any:
        response.headers["X-User"] = framework.session["user"]
        return response

    answer = call(app, "/?user=ada")
    return answer.body, dict(answer.headers)["X-User"]


def test_tasks_that_a_coroutine_starts_have_the_request() -> None:
    app = Erlen(__name__)

    async def path() -> str:
        return erlen.request.path

    @app.get("/here")
    async def view() -> list[str]:
        return await asyncio.gather(path(), asyncio.create_task(path()))

    assert call(app, "/here").body == b'["/here","/here"]\n'


def test_requests_at_the_same_time_keep_their_variables_apart() -> None:
    app = Erlen(__name__)
    bodies: list[bytes] = []

    @app.get("/<name>")
    async def view(name: str) -> str:
        variable.set(name)
        erlen.g.name = name
        await asyncio.sleep(0.005)
        return f"{variable.get()} {erlen.g.name} {erlen.request.path}"

    threads = [threading.Thread(target=lambda n=n: bodies.append(call(app, f"/{n}").body)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bodies) == [f"{n} {n} /{n}".encode() for n in range(8)]
    assert variable.get() == "unset"


@beside_flask
def test_an_error_handler_that_is_a_coroutine_handles_the_exception(framework: Framework) -> object:
    """What `logging.exception()` and a bare `raise` look at."""
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: 1 // 0)

    @app.errorhandler(ZeroDivisionError)
    async def handler(error: ZeroDivisionError) -> str:
        return str(sys.exc_info()[1] is error)

    return call(app).body


# the end of a wait


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_a_task_is_cancelled_when_nobody_waits_for_it_any_longer() -> None:
    """As a server's time-out or Ctrl-C does it."""
    ended = threading.Event()

    async def long() -> None:
        # Not before it has begun, however busy the machine is.
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.set()
            raise

    def interrupt(*_: object) -> t.NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_on_loop(long)()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ended.wait(60)


# processes

forking = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    # Python 3.12 warns of what is tested here.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def in_child(function: t.Callable[[], t.Any], timeout: float = 60) -> t.Any:
    """Return what *function* returns in a forked process; raises TimeoutError where it takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = pickle.dumps(function())
        except BaseException as error:
            told = pickle.dumps(repr(error))
        os.write(writing, told)
        os._exit(0)
    os.close(writing)
    try:
        if not select.select([reading], [], [], timeout)[0]:
            raise TimeoutError
        return pickle.loads(os.read(reading, 65536))
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class TestForked:
    pytestmark: t.ClassVar = forking

    def test_a_forked_process_has_a_loop_of_its_own(self) -> None:
        before = run_on_loop(loop_and_thread)()
        assert loops._process_loop is not None
        in_parent = loops._process_loop.pid

        def child() -> tuple[bool, bool, int]:
            one, two = run_on_loop(loop_and_thread)(), run_on_loop(loop_and_thread)()
            assert loops._process_loop is not None
            return one == two, loops._process_loop.pid == os.getpid(), os.getpid()

        same, own, pid = in_child(child)
        assert same
        assert own
        assert pid != in_parent == os.getpid()
        assert run_on_loop(loop_and_thread)() == before

    def test_a_forked_process_does_not_wait_for_the_loop_of_a_server_in_its_parent(self) -> None:
        app = Erlen(__name__)

        async def path() -> str:
            return erlen.request.path

        loop = asyncio.new_event_loop()
        loop.close()  # in the child it does not run, either
        with app.test_request_context("/here"), loops.using_portal(loops.Portal(loop)):
            copied = erlen.copy_current_request_context(path)
            assert in_child(app.ensure_sync(path)) == "/here"
            assert in_child(copied) == "/here"
            assert in_child(lambda: loops.loop_of_thread() is loops.process_loop().loop) is True

    def test_a_fork_while_the_loop_starts_does_not_block_the_child(self) -> None:
        with loops._starting:
            assert in_child(lambda: isinstance(run_on_loop(loop_and_thread)(), tuple))

    @pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
    def test_a_coroutine_that_exits_leaves_the_loop_running(self, kind: type[BaseException]) -> None:
        app = Erlen(__name__)

        async def exits() -> str:
            raise kind

        async def works() -> str:
            return "works"

        app.add_url_rule("/exits", view_func=exits)
        app.add_url_rule("/works", view_func=works)

        def child() -> tuple[str, bytes]:
            try:
                call(app, "/exits")
            except BaseException as error:
                raised = type(error).__name__
            return raised, call(app, "/works").body

        assert in_child(child) == (kind.__name__, b"works")


def test_waiting_costs_no_busy_loop() -> None:
    turns, calls = 0, 0

    async def wait() -> None:
        nonlocal turns
        loop: t.Any = asyncio.get_running_loop()
        turn = loop._run_once

        def counted() -> None:
            nonlocal turns
            turns += 1
            turn()

        loop._run_once = counted
        try:
            await asyncio.sleep(0.1)
        finally:
            del loop._run_once

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    run_on_loop(wait)()  # the first one may start the loop
    turns = 0
    sys.setprofile(count)
    try:
        run_on_loop(wait)()
    finally:
        sys.setprofile(None)
    assert 1 <= turns < 10
    assert calls < 200
