"""The lifespan of an ASGI application, from the server's side (ASGI: Lifespan protocol, version 2.0)."""

from __future__ import annotations

import asyncio
import typing as t

Message = dict[str, t.Any]


class StartFailed(Exception):
    """An application that could not be started; the message is the one that it gave."""


class Lifespan:
    """One task of the application, which runs as long as it is served."""

    def __init__(self, application: t.Any) -> None:
        self._application = application
        self.state: dict[str, t.Any] = {}
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the application; raises StartFailed if it says that it has not started."""
        self._task = asyncio.create_task(self._run(), name="erlen-lifespan")
        answer = await self._ask("lifespan.startup")
        if answer is not None and answer["type"] == "lifespan.startup.failed":
            raise StartFailed(answer.get("message") or "The application gave no reason.")

    async def stop(self) -> None:
        """Let the application end, if it has a lifespan; what fails is its to log."""
        await self._ask("lifespan.shutdown")
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _ask(self, what: str) -> Message | None:
        """Send a message and wait for the answer; None from an application that has no lifespan."""
        assert self._task is not None
        if self._task.done():
            return None
        self._messages.put_nowait({"type": what})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None if self._answers.empty() else self._answers.get_nowait()

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._application(scope, self._messages.get, self._answers.put)
        except Exception:
            # So says an application that knows no lifespan; one that fails says so by a message.
            return
