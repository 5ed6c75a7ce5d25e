"""Chromium without a screen and without a network, driven by its own protocol (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

PATIENCE = 60  # seconds until something that must happen is given up

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--password-store=basic",
    "--window-size=1200,2000",
    "--remote-debugging-port=0",
    # Only loopback is there: no other name is found, and what goes to other addresses ends at a shut port.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=127.0.0.1",
)


class Failed(AssertionError):
    """What was waited for did not happen, or the browser refused a command."""


class Page:
    """A page in Chromium, with everything that it reports."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.events: list[dict[str, t.Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: t.Any) -> dict[str, t.Any]:
        """Send a command and return its result; events that come before it are kept."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message: dict[str, t.Any] = json.loads(self._connection.recv(timeout=PATIENCE))
            if message.get("id") != self._number:
                self.events.append(message)
            elif "error" in message:
                raise Failed(f"{method}: {message['error']}")
            else:
                result: dict[str, t.Any] = message["result"]
                return result

    def open(self, url: str) -> None:
        """Go to an address."""
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise Failed(f"{url}: {failure}")

    def value(self, expression: str) -> t.Any:
        """Return what an expression of JavaScript gives."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression: str, patience: float = PATIENCE) -> t.Any:
        """Return what an expression gives as soon as that is true."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = self.value(expression)
            if found:
                return found
            time.sleep(0.1)
        raise Failed(f"This did not become true: {expression}\n{self.value('document.body.innerText')}")

    def click_until(self, selector: str, expression: str) -> t.Any:
        """Click until an expression is true, as people do: a page that is still at work loses clicks."""
        for _ in range(PATIENCE // 5):
            self.click(selector)
            try:
                return self.wait_for(expression, patience=5)
            except Failed:
                continue
        return self.wait_for(expression)

    def click(self, selector: str, text: str | None = None) -> None:
        """Click the first element of a selector, with this text, as soon as there is one."""
        matches = f"e => {json.dumps(text)} === null || e.textContent.trim() === {json.dumps(text)}"
        found = f"[...document.querySelectorAll({json.dumps(selector)})].find({matches})"
        self.wait_for(f"!!({found})")
        self.value(f"({found}).click()")

    def type_into(self, selector: str, text: str) -> None:
        """Type a text into a field, as keys would."""
        self.wait_for(f"!!document.querySelector({json.dumps(selector)})")
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def screenshot(self, path: Path) -> None:
        """Write what is seen to a file."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self) -> list[str]:
        """Return what the console has, exceptions and refused requests included, of any level."""
        self.value("new Promise(done => setTimeout(done, 0))")  # what is under way has come by then
        reports = {
            "Runtime.consoleAPICalled": lambda each: [each["type"], each["args"]],
            "Runtime.exceptionThrown": lambda each: each["exceptionDetails"],
            "Log.entryAdded": lambda each: each["entry"],
        }
        return [
            json.dumps(reports[each["method"]](each["params"]))
            for each in self.events
            if each.get("method") in reports
        ]

    def requests(self) -> list[tuple[str, str]]:
        """Return the method and URL of each request that the page made, or tried to."""
        made = [
            each["params"]["request"] for each in self.events if each["method"] == "Network.requestWillBeSent"
        ]
        return [(request["method"], request["url"]) for request in made]


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[Page]:
    """Start Chromium with a new profile in *folder*; give its page."""
    program = shutil.which("chromium")
    if program is None:
        raise RuntimeError("chromium is missing: 'make services' installs it.")
    profile = folder / "profile"
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
        )
    try:
        port = _port(process, profile / "DevToolsActivePort", folder / "chromium.log")
        with _connected(port) as page:
            yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _port(process: subprocess.Popen[bytes], path: Path, log: Path) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        # It has two lines when it is whole.
        with contextlib.suppress(FileNotFoundError):
            lines = path.read_text().splitlines()
            if len(lines) == 2:
                return int(lines[0])
        time.sleep(0.05)
    raise Failed(f"Chromium did not start:\n{log.read_text(errors='replace')}")


@contextlib.contextmanager
def _connected(port: int) -> Iterator[Page]:
    with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
        targets = json.load(answer)
    url = next(each["webSocketDebuggerUrl"] for each in targets if each["type"] == "page")
    with connect(url, max_size=None, proxy=None) as connection:
        yield Page(connection)
