"""Headless Chromium, driven through its DevTools protocol: pages are opened, asked, and listened to."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
)
PATIENCE = 60
LISTENED = ("Page", "Runtime", "Log", "Network", "DOM")


def installed_browser() -> str | None:
    """The path of Chromium, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Page:
    """One tab. ``events`` is everything it said, in order."""

    def __init__(self, link: "Link", session: str) -> None:
        self._link = link
        self._session = session

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; raises AssertionError with Chromium's words when it refuses."""
        return self._link.call(method, parameters, self._session)

    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it is loaded."""
        seen = len(self.events)
        self.send("Page.navigate", url=url)
        self._link.wait(lambda: any(e["method"] == "Page.loadEventFired" for e in self.events[seen:]))

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression (a promise is awaited), as JSON carries it."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press and release a key, as a person does."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        described: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code}
        written = text or ("\r" if key == "Enter" else key if len(key) == 1 else "")
        self.send("Input.dispatchKeyEvent", type="keyDown", text=written, **described)
        self.send("Input.dispatchKeyEvent", type="keyUp", **described)

    def resize(self, width: int, height: int, scheme: str = "light", media: str = "") -> None:
        """The size of the window, whether the reader wants light or dark, and ``print`` for paper."""
        mobile = width < 600
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=media, features=features)

    def close(self) -> None:
        """Close the tab."""
        self.send("Page.close")

    def screenshot(self, path: Path) -> None:
        """A picture of what the window shows."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for event in self._link.events if event.get("sessionId") == self._session]

    @property
    def complaints(self) -> list[str]:
        """Console messages, uncaught exceptions, and what the browser itself logged, such as violated policies."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"])[:600] for event in self.events if event["method"] in kinds]

    @property
    def requests(self) -> list[str]:
        """The URL of everything that was asked for."""
        sent = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]


class Link:
    """The connection to a browser."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self.events: list[dict[str, Any]] = []
        self._replies: dict[int, dict[str, Any]] = {}
        self._count = 0
        self._http, self._socket = self._loop.run_until_complete(_connect(url))

    def call(self, method: str, parameters: dict[str, Any], session: str = "") -> dict[str, Any]:
        self._count += 1
        number = self._count
        message = {"id": number, "method": method, "params": parameters}
        self._loop.run_until_complete(self._socket.send_json(message | ({"sessionId": session} if session else {})))
        self.wait(lambda: number in self._replies)
        reply = self._replies.pop(number)
        assert "error" not in reply, f"{method}: {reply['error']}"
        found: dict[str, Any] = reply["result"]
        return found

    def wait(self, is_over: Any) -> None:
        """Take in what the browser says until ``is_over``."""
        until = time.monotonic() + PATIENCE
        while not is_over():
            message = json.loads(self._loop.run_until_complete(self._socket.receive_str(timeout=PATIENCE)))
            if "id" in message:
                self._replies[message["id"]] = message
            else:
                self.events.append(message)
            assert time.monotonic() < until, "Chromium did not answer"

    def close(self) -> None:
        self._loop.run_until_complete(self._socket.close())
        self._loop.run_until_complete(self._http.close())
        self._loop.close()


async def _connect(url: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    http = aiohttp.ClientSession()
    return http, await http.ws_connect(url, max_msg_size=0)


class Browser:
    """A running Chromium."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def page(self) -> Page:
        """A new, empty tab that is listened to."""
        target = self._link.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self._link.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self._link, session)
        for domain in LISTENED:
            page.send(f"{domain}.enable")
        return page


@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """Start Chromium with a profile of its own; end it, and it alone, afterwards."""
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        env = {**os.environ, "HOME": profile}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        try:
            link = Link(_address(Path(profile) / "DevToolsActivePort", process))
            yield Browser(link)
            link.close()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(file: Path, process: subprocess.Popen[bytes]) -> str:
    """Where Chromium listens: it writes port and path into a file of its profile once it does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        lines = file.read_text(encoding="utf-8").split() if file.is_file() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")
