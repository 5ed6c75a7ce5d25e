"""The loop of a process under gevent: greenlets wait for coroutines, threads are those of the system."""

from __future__ import annotations

import textwrap

import pytest

from tests.concurrency.programs import ENDS, IMPORTS, told_by

PATCHED = "from gevent import monkey; monkey.patch_all()\n"


WITH_GREENLETS = """
import gevent
from gevent.monkey import get_original

allocate_lock, system_thread = get_original("_thread", ["allocate_lock", "get_ident"])

def together(number, function):
    greenlets = [gevent.spawn(function, each) for each in range(number)]
    return [greenlet.get() for greenlet in greenlets]
"""


def told_under_gevent(script: str) -> list[str]:
    pytest.importorskip("gevent", reason="gevent is not installed")
    return told_by(PATCHED + IMPORTS + WITH_GREENLETS + textwrap.dedent(script))


# under gevent: waiting


@pytest.mark.slow
def test_under_gevent_callers_get_an_error_when_the_thread_of_the_loop_ends() -> None:
    pytest.importorskip("gevent", reason="gevent is not installed")
    lines = told_by(PATCHED + IMPORTS + ENDS)
    assert lines == ["The event loop of this process has ended, and ", "works"]


TWENTY = """
    from erlen import Erlen, g, request

    app = Erlen(__name__)
    inside, greatest = 0, 0
    everybody = asyncio.Event()
    variable = contextvars.ContextVar("variable")

    @app.before_request
    async def load():
        g.name = request.args["name"]
        variable.set(g.name)

    @app.after_request
    def say(response):
        response.headers["From-View"] = variable.get()
        return response

    @app.get("/")
    async def index():
        global inside, greatest
        inside += 1
        greatest = max(greatest, inside)
        if inside == 20:
            everybody.set()
        await asyncio.wait_for(everybody.wait(), 30)
        inside -= 1
        name = variable.get()
        variable.set(f"{name} was here")
        return f"{request.args['name']} {g.name} {name}"

    def ask(number):
        answer = app.test_client().get(f"/?name={number}")
        return answer.text, answer.headers["From-View"]

    answers = together(20, ask)
    print(greatest)
    print(answers == [(f"{n} {n} {n}", f"{n} was here") for n in range(20)])
"""


def test_twenty_greenlets_wait_for_coroutines_at_once_each_with_its_own_request() -> None:
    assert told_under_gevent(TWENTY) == ["20", "True"]


@pytest.mark.slow
def test_it_does_not_matter_that_erlen_was_imported_before_gevent_patched() -> None:
    pytest.importorskip("gevent", reason="gevent is not installed")
    script = IMPORTS + PATCHED + WITH_GREENLETS + textwrap.dedent(TWENTY)
    assert told_by("import erlen.app\n" + script) == ["20", "True"]


def test_greenlets_see_no_running_loop_and_the_loop_is_on_another_thread() -> None:
    lines = told_under_gevent(
        """
        async def thread():
            return system_thread(), threading.current_thread().name, asyncio.get_running_loop() is not None

        def look(_):
            where, name, runs = run_on_loop(thread)()
            return where == system_thread(), name, runs, asyncio._get_running_loop()

        print(set(together(20, look)))
        """
    )
    assert lines == ["{(False, 'erlen-loop', True, None)}"]


@pytest.mark.slow
def test_many_short_waits_lose_none() -> None:
    lines = told_under_gevent(
        """
        async def one():
            await asyncio.sleep(0)
            return 1

        print(sum(together(20, lambda _: sum(run_on_loop(one)() for _ in range(200)))))
        """
    )
    assert lines == ["4000"]


@pytest.mark.slow
def test_an_exception_reaches_the_greenlet_that_waits() -> None:
    lines = told_under_gevent(
        """
        error = ValueError("from inside")

        async def fail():
            await asyncio.sleep(0)
            raise error

        try:
            gevent.spawn(run_on_loop(fail)).get()
        except ValueError as raised:
            print(raised is error)
        """
    )
    # gevent prints the traceback of a greenlet that ends so to its error stream.
    assert lines == ["True"]


@pytest.mark.slow
def test_a_greenlet_that_is_killed_takes_its_coroutine_with_it() -> None:
    lines = told_under_gevent(
        """
        events = []

        async def wait():
            events.append("begun")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                events.append("cancelled")
                raise

        def until(event):
            while event not in events:
                gevent.sleep(0.001)

        greenlet = gevent.spawn(run_on_loop(wait))
        until("begun")
        greenlet.kill()
        until("cancelled")
        print(events)

        events.clear()
        try:
            with gevent.Timeout(0.05):
                run_on_loop(wait)()
        except gevent.Timeout:
            until("cancelled")
            print(events)

        async def afterwards():
            return "still there"

        print(run_on_loop(afterwards)())
        """
    )
    assert lines == ["['begun', 'cancelled']", "['begun', 'cancelled']", "still there"]


@pytest.mark.slow
def test_a_copy_of_the_context_may_be_used_where_nothing_else_goes_on() -> None:
    lines = told_under_gevent(
        """
        async def one():
            await asyncio.sleep(0.001)
            return 1

        place = portal_to(process_loop().loop)
        print(place is process_loop())
        print(gevent.spawn(run_on_loop(one)).get())
        """
    )
    assert lines == ["True", "1"]


# under gevent: threads


@pytest.mark.slow
def test_to_thread_takes_a_thread_of_the_system_and_the_loop_goes_on() -> None:
    lines = told_under_gevent(
        """
        async def hand_over():
            loop, begun, gate = asyncio.get_running_loop(), asyncio.Semaphore(0), allocate_lock()
            gate.acquire()

            def wait():
                loop.call_soon_threadsafe(begun.release)
                return gate.acquire(timeout=30), system_thread()

            tasks = [asyncio.create_task(asyncio.to_thread(wait)) for _ in range(2)]
            await begun.acquire()
            await begun.acquire()
            gate.release()
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            gate.release()
            (first, where), (second, elsewhere) = await asyncio.gather(*tasks)
            return first, second, len({where, elsewhere, system_thread()})

        print(run_on_loop(hand_over)())
        """
    )
    assert lines == ["(True, True, 3)"]


@pytest.mark.slow
def test_what_a_function_on_a_thread_raises_is_raised() -> None:
    lines = told_under_gevent(
        """
        def stop():
            raise StopIteration

        async def catch(function):
            try:
                await asyncio.to_thread(function)
            except Exception as error:
                return type(error).__name__

        print(run_on_loop(catch)(lambda: 1 / 0), run_on_loop(catch)(stop))
        """
    )
    assert lines == ["ZeroDivisionError RuntimeError"]


@pytest.mark.slow
def test_a_function_that_waits_for_a_thread_can_be_cancelled() -> None:
    lines = told_under_gevent(
        """
        async def cancel():
            loop, gate, ran = asyncio.get_running_loop(), allocate_lock(), []
            gate.acquire()

            def wait():
                with gate:
                    pass

            most = loop._threads._most
            at_work = [loop.run_in_executor(None, wait) for _ in range(most)]
            late = loop.run_in_executor(None, ran.append, 1)
            late.cancel()
            gate.release()
            await asyncio.gather(*at_work)
            await loop.run_in_executor(None, len, ran)
            return late.cancelled(), ran, loop._threads._threads == most

        print(run_on_loop(cancel)())
        """
    )
    assert lines == ["(True, [], True)"]


@pytest.mark.slow
def test_a_thread_that_a_library_starts_in_a_coroutine_runs_and_may_wait_for_another() -> None:
    lines = told_under_gevent(
        """
        async def other():
            await asyncio.sleep(0)
            return "from the other"

        async def start():
            loop = asyncio.get_running_loop()
            told = loop.create_future()

            asked = queue.SimpleQueue()

            def work():
                loop.call_soon_threadsafe(told.set_result, run_on_loop(asked.get())())

            threading.Thread(target=work).start()
            asked.put(other)
            return await told

        print(run_on_loop(start)())
        """
    )
    assert lines == ["from the other"]


@pytest.mark.slow
def test_a_thread_that_a_library_started_runs_beside_a_busy_loop() -> None:
    lines = told_under_gevent(
        """
        async def start():
            ran = []
            gevent.spawn(ran.append, "ran")
            while not ran:
                await asyncio.sleep(0)
            return ran

        print(run_on_loop(start)())
        """
    )
    assert lines == ["['ran']"]


@pytest.mark.slow
def test_names_of_hosts_are_found() -> None:
    lines = told_under_gevent(
        """
        async def find():
            return await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, type=1)

        print(run_on_loop(find)()[0][4])
        """
    )
    assert lines == ["('127.0.0.1', 80)"]


# under gevent: the process


def test_a_forked_child_starts_a_loop_of_its_own_under_gevent() -> None:
    lines = told_under_gevent(
        """
        async def process():
            return os.getpid()

        assert run_on_loop(process)() == os.getpid()
        pid = os.fork()
        if not pid:
            os._exit(0 if set(together(5, lambda _: run_on_loop(process)())) == {os.getpid()} else 1)
        print(os.waitpid(pid, 0)[1], run_on_loop(process)() == os.getpid())
        """
    )
    assert lines == ["0 True"]


@pytest.mark.slow
def test_at_exit_coroutines_still_run_but_greenlets_of_the_loops_thread_do_not() -> None:
    # Python would end the thread inside of a greenlet, which crashes now and then.
    lines = told_under_gevent(
        """
        async def spawn():
            ran = []
            gevent.spawn(ran.append, "ran")
            for _ in range(20):
                await asyncio.sleep(0)
            return ran

        # Functions for the exit run from the last to the first: this one after the loop's own.
        atexit.register(lambda: print("at exit", run_on_loop(spawn)()))
        print(run_on_loop(spawn)())
        """
    )
    assert lines == ["['ran']", "at exit []"]


@pytest.mark.slow
def test_at_exit_functions_on_threads_are_waited_for() -> None:
    lines = told_under_gevent(
        """
        async def begin():
            begun = asyncio.Event()
            loop = asyncio.get_running_loop()

            def work():
                loop.call_soon_threadsafe(begun.set)
                gevent.sleep(0.1)
                print("done", flush=True)

            begin.task = asyncio.create_task(asyncio.to_thread(work))
            await begun.wait()

        run_on_loop(begin)()
        """
    )
    assert lines == ["done"]
