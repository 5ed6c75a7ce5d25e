"""What is active when: contexts, context variables, threads."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import typing as t

import pytest

from tests.protocols.web import COROUTINE, PLAIN, Colour, Web, in_a_thread


def test_a_client_keeps_the_contexts_of_its_last_request(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = web.Flask("app"), []
    app.secret_key = "key"
    app.teardown_request(hooks(lambda error: log.append("teardown")))

    @app.get("/<x>")
    @colour
    def view(x: str) -> str:
        web.g.x, web.session["x"] = x, x
        return x

    with web.client(app) as client:
        assert client.get("/a?q=1").text == "a"
        assert (web.request.path, web.request.args["q"], web.g.x, web.session["x"]) == ("/a", "1", "a", "a")
        # Each context is torn down as its request ends, and again when the client lets go of it.
        assert len(log) == 1
        client.get("/b")
        assert (web.request.path, web.g.x, len(log)) == ("/b", "b", 3)
    assert len(log) == 4
    assert not web.has_request_context()


def test_a_client_keeps_the_contexts_of_a_request_that_failed(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.testing = True
    app.add_url_rule("/fails", "fails", colour(lambda: 1 / 0))

    with web.client(app) as client:
        with pytest.raises(ZeroDivisionError):
            client.get("/fails")
        client.get("/nowhere")
        assert (web.request.path, web.request.routing_exception.code) == ("/nowhere", 404)
    assert not web.has_app_context()


@pytest.mark.parametrize("read_before", [False, True])
def test_a_kept_request_still_has_its_body(web: Web, colour: Colour, read_before: bool) -> None:
    app = web.Flask("app")
    app.add_url_rule(
        "/", "view", colour(lambda: str(read_before and len(web.request.form))), methods=["POST"]
    )

    with web.client(app) as client:
        client.post("/", data={"a": "x", "b": "y"})
        assert dict(web.request.form) == {"a": "x", "b": "y"}
        client.post("/", json={"a": 1})
        assert web.request.json == {"a": 1}
        assert web.request.get_data() == client.application.json.dumps({"a": 1}).encode()


def test_nothing_is_active_when_a_request_is_over(web: Web, colour: Colour, hooks: Colour) -> None:
    app = web.Flask("app")
    app.logger.disabled = True
    app.before_request(hooks(lambda: None))
    app.add_url_rule("/", "view", colour(lambda: "text"))
    app.add_url_rule("/fails", "fails", colour(lambda: 1 / 0))
    client = web.client(app)

    for path in ("/", "/nowhere", "/fails", "/"):
        client.get(path)
        assert (web.has_app_context(), web.has_request_context()) == (False, False)


def test_requests_may_be_made_up_inside_a_request(web: Web, colour: Colour) -> None:
    app = web.Flask("app")

    @app.get("/")
    @colour
    def view() -> t.Any:
        told = [web.request.path]
        with app.test_request_context("/made?q=1", method="PUT"):
            told += [web.request.path, web.request.method, web.request.args["q"], web.url_for("view")]
        with app.app_context():
            web.g.inner = 1
            told.append(web.has_request_context())
        return [*told, web.request.path, "inner" in web.g]

    assert web.client(app).get("/").json == ["/", "/made", "PUT", "1", "/", True, "/", False]


def test_a_view_may_send_requests_to_its_own_application(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.secret_key = "key"

    @app.get("/outer")
    def outer() -> t.Any:
        web.g.x = "outer"
        inner = web.client(app).get("/inner?q=1")
        return [inner.text, web.request.path, web.g.x]

    @app.get("/inner")
    @colour
    def inner() -> str:
        seen, web.g.x = web.g.x, "inner"
        return f"{web.request.path} {web.request.args['q']} {seen}"

    # The application's context is the active one, and so is `g`.
    assert web.client(app).get("/outer").json == ["/inner 1 outer", "/outer", "inner"]


def test_an_application_context_around_a_request_is_shared(web: Web) -> None:
    app, log = web.Flask("app"), []
    app.teardown_appcontext(lambda error: log.append("context"))
    app.add_url_rule("/", "view", lambda: str(web.g.get("x")))
    client = web.client(app)

    with app.app_context():
        web.g.x = "shared"
        assert client.get("/").text == "shared"
        assert log == []
    assert log == ["context"]


# threads


def test_a_thread_gets_a_copy_of_the_context(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.secret_key = "key"

    @app.get("/<x>")
    def view(x: str) -> t.Any:
        web.g.x, web.session["x"] = x, x
        told: list[t.Any] = []

        @web.copy_current_request_context
        def work() -> None:
            told.append(
                [web.request.path, web.request.args["q"], web.session["x"], web.url_for("view", x="y")]
            )

        in_a_thread(work)
        return {"told": told, "still": web.request.path}

    client = web.client(app)
    assert client.get("/a?q=1").json == {"told": [["/a", "1", "a", "/y"]], "still": "/a"}


def test_a_coroutine_function_copied_to_a_thread_runs_there(erlen_web: Web, colour: Colour) -> None:
    web = erlen_web
    app = web.Flask("app")

    @app.get("/<x>")
    def view(x: str) -> t.Any:
        told: list[t.Any] = []
        work = web.copy_current_request_context(colour(lambda: told.append(web.request.path)))
        in_a_thread(work)
        return told

    assert web.client(app).get("/a").json == ["/a"]


def test_tasks_started_by_a_view_share_its_request(erlen_web: Web) -> None:
    web = erlen_web
    app = web.Flask("app")
    app.secret_key = "key"

    async def work(name: str) -> str:
        await asyncio.sleep(0)
        web.g.setdefault("seen", []).append(name)
        return f"{web.request.path} {web.session['x']} {name}"

    @app.get("/<x>")
    async def view(x: str) -> t.Any:
        web.session["x"] = x
        told = await asyncio.gather(work("one"), work("two"))
        return {"told": told, "seen": sorted(web.g.seen)}

    assert web.client(app).get("/a").json == {"told": ["/a a one", "/a a two"], "seen": ["one", "two"]}


def test_a_coroutine_function_copied_on_a_loop_is_awaited_there(erlen_web: Web) -> None:
    web = erlen_web
    app = web.Flask("app")

    @app.get("/<x>")
    async def view(x: str) -> t.Any:
        web.g.x = x

        @web.copy_current_request_context
        async def work() -> str:
            await asyncio.sleep(0)
            return f"{web.request.path} {web.request.method}"

        return [await work(), await asyncio.create_task(work()), web.g.x]

    assert web.client(app).get("/a").json == ["/a GET", "/a GET", "a"]


def test_a_task_that_outlives_its_request_reads_it_and_cannot_write_its_session(erlen_web: Web) -> None:
    web, told, over = erlen_web, [], threading.Event()
    app = web.Flask("app")
    app.secret_key = "key"
    tasks: list[t.Any] = []

    async def work(answered: asyncio.Event) -> None:
        await answered.wait()
        told.extend([web.request.path, web.session["x"]])
        try:
            web.session["x"] = "changed"
        except RuntimeError as error:
            told.append(type(error).__name__)
        finally:
            over.set()

    @app.get("/<x>")
    async def view(x: str) -> str:
        web.session["x"] = x
        answered = asyncio.Event()
        tasks.extend([asyncio.create_task(work(answered)), asyncio.get_running_loop(), answered])
        return x

    assert web.client(app).get("/a").text == "a"
    _task, loop, answered = tasks
    loop.call_soon_threadsafe(answered.set)
    assert over.wait(30)
    assert told == ["/a", "a", "RuntimeError"]


def test_plain_functions_of_a_request_run_on_one_thread_to_the_last_byte(web: Web) -> None:
    app, seen = web.Flask("app"), {}

    def note(name: str) -> None:
        seen.setdefault(name, []).append(threading.get_ident())

    app.url_value_preprocessor(lambda endpoint, values: note("values"))
    app.before_request(lambda: note("before"))
    app.after_request(lambda response: (note("after"), response)[1])
    app.teardown_request(lambda error: note("teardown"))
    app.teardown_appcontext(lambda error: note("context"))

    def parts() -> t.Iterator[str]:
        try:
            for part in "abc":
                note("body")
                yield part
        finally:
            note("closed")

    @app.get("/")
    def view() -> t.Any:
        note("view")
        web.after_this_request(lambda response: (note("this"), response)[1])
        response = web.Response(web.stream_with_context(parts()))
        response.call_on_close(lambda: note("on close"))
        return response

    assert web.wire(app, "/").body == b"abc"

    assert len(seen) == 10
    assert len({ident for idents in seen.values() for ident in idents}) == 1, seen


def test_an_answer_that_is_one_piece_is_closed_on_the_views_thread(web: Web) -> None:
    app, seen = web.Flask("app"), []

    @app.get("/")
    def view() -> t.Any:
        seen.append(threading.get_ident())
        response = web.make_response("text")
        response.call_on_close(lambda: seen.append(threading.get_ident()))
        return response

    web.wire(app, "/")

    assert len(seen) == 2
    assert seen[0] == seen[1]


# context variables

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")

MIXES = [
    (one, other, third)
    for one in (PLAIN, COROUTINE)
    for other in (PLAIN, COROUTINE)
    for third in (PLAIN, COROUTINE)
]


@pytest.mark.parametrize(("before", "view", "last"), MIXES, ids=lambda colour: colour.name)
def test_what_one_function_sets_the_next_one_sees(
    web: Web, before: Colour, view: Colour, last: Colour
) -> None:
    app, seen = web.Flask("app"), []

    def step(name: str) -> None:
        seen.append(VARIABLE.get())
        VARIABLE.set(name)

    app.before_request(before(lambda: step("before")))
    app.add_url_rule("/", "view", view(lambda: (step("view"), "")[1]))
    app.after_request(last(lambda response: (step("after"), response)[1]))
    app.teardown_request(last(lambda error: step("teardown")))

    contextvars.copy_context().run(lambda: web.client(app).get("/").close())

    assert seen == ["unset", "before", "view", "after"]
    assert VARIABLE.get() == "unset"


def test_a_variable_is_reset_in_teardown(web: Web, colour: Colour) -> None:
    app, seen, tokens = web.Flask("app"), [], []
    app.before_request(lambda: tokens.append(VARIABLE.set("set")))
    app.add_url_rule("/", "view", colour(lambda: (seen.append(VARIABLE.get()), "")[1]))
    app.teardown_request(lambda error: VARIABLE.reset(tokens.pop()))
    app.teardown_appcontext(lambda error: seen.append(VARIABLE.get()))
    app.testing = True
    client = web.client(app)

    for _ in range(3):
        client.get("/")

    assert (seen, tokens) == (["set", "unset"] * 3, [])


@pytest.mark.parametrize(("before", "view", "last"), MIXES, ids=lambda colour: colour.name)
def test_on_asgi_a_variable_is_reset_by_either_colour(before: Colour, view: Colour, last: Colour) -> None:
    """All functions of a request run in one Context: a token of one is good in the other."""
    web = Web("asgi")
    app, seen, tokens = web.Flask("app"), [], []
    app.before_request(before(lambda: tokens.append(VARIABLE.set("set"))))
    app.add_url_rule("/", "view", view(lambda: (seen.append(VARIABLE.get()), "")[1]))
    app.teardown_request(last(lambda error: VARIABLE.reset(tokens.pop())))
    app.teardown_appcontext(last(lambda error: seen.append(VARIABLE.get())))
    app.testing = True

    assert web.wire(app, "/").status == 200
    assert (seen, tokens) == (["set", "unset"], [])


def test_requests_do_not_see_the_variables_of_others(web: Web, colour: Colour, hooks: Colour) -> None:
    app = web.Flask("app")
    app.before_request(hooks(lambda: VARIABLE.set(VARIABLE.get() + web.request.args["q"]) and None))
    app.add_url_rule("/", "view", colour(lambda: VARIABLE.get()))

    told = [contextvars.copy_context().run(web.wire, app, f"/?q={q}").body for q in "abc"]

    assert told == [b"unseta", b"unsetb", b"unsetc"]


def test_requests_at_once_have_each_their_own(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.secret_key = "key"
    together = threading.Barrier(5, timeout=30)

    def before() -> None:
        web.g.x = web.request.args["x"]
        together.wait()

    app.before_request(before)

    @app.get("/")
    @colour
    def view() -> t.Any:
        web.session["x"] = web.g.x
        return [web.g.x, web.request.args["x"], web.session["x"]]

    told: dict[str, t.Any] = {}
    threads = [
        threading.Thread(target=lambda x=x: told.update({x: web.client(app).get(f"/?x={x}").json}))
        for x in "abcde"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == {x: [x, x, x] for x in "abcde"}
