"""A headless Chromium over the pipe of its DevTools protocol: no package, no port."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1"),
)

PATIENCE = 60.0
"""Seconds for one command."""

KEYS = {
    "Enter": 13,
    "Escape": 27,
    "Tab": 9,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}


def executable() -> str | None:
    """The browser of this machine, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page, and all that it says or asks for.

    Parameters
    ----------
    folder
        An empty folder, for its profile and what it saves.
    """

    def __init__(self, folder: Path) -> None:
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()
        profile = f"--user-data-dir={folder / 'profile'}"
        command = [str(executable()), *QUIET, profile, "--remote-debugging-pipe", "about:blank"]
        # The browser reads its descriptor 3 and writes to 4.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{to_child} 4>&{from_child}', *command],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        self._buffer, self._number, self._session = b"", 0, ""
        self.console: list[str] = []
        self.requests: list[str] = []
        targets = self.send("Target.getTargets")["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.send(f"{domain}.enable")
        self.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        os.close(self._in)
        os.close(self._out)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command of the protocol."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while (reply := self._receive(end)).get("id") != self._number:
            self._note(reply)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return dict(reply["result"])

    def _receive(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            more = os.read(self._in, 1 << 20) if ready else b""
            if not more:
                raise RuntimeError("the browser does not answer")
            self._buffer += more
        text, self._buffer = self._buffer.split(b"\0", 1)
        return dict(json.loads(text))

    def _note(self, event: dict[str, Any]) -> None:
        """Keep what went wrong, and whatever was asked of a network."""
        method, told = event.get("method", ""), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.console.append(
                " ".join(str(one.get("value", one.get("description"))) for one in told["args"])
            )
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.console.append(told["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not told["request"]["url"].startswith(
            ("file:", "data:", "blob:")
        ):
            self.requests.append(told["request"]["url"])

    def open(self, page: Path | str, *, width: int = 1500, height: int = 950, dark: bool = False) -> None:
        """Open a page from the disk, or an address, and wait until it has drawn everything."""
        self.console.clear()
        self.requests.clear()
        self.resize(width, height)
        self.prefer(dark=dark)
        self.send("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        self.until("document.documentElement?.dataset.ready === 'yes'")

    def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        """Give the window a size in pixels; a telephone's has fingers."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)

    def prefer(self, *, dark: bool) -> None:
        """Light or dark, as the system wants it."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        reply = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(reply["exceptionDetails"].get("exception", {}).get("description", "failed"))
        return reply["result"].get("value")

    def until(self, condition: str | Callable[[], bool]) -> None:
        """Wait for an expression to hold in the page, or a function here."""
        end = time.monotonic() + PATIENCE
        while not (condition() if callable(condition) else self.run(condition)):
            if time.monotonic() > end:
                raise RuntimeError(f"never: {condition}; {self.console}")
            time.sleep(0.03)

    def settle(self) -> None:
        """Wait for two frames: what was asked for is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def set(self, control: str, value: object) -> None:
        """Change a select, a slider or a checkbox, as a user's hand would tell the page."""
        field = "checked" if isinstance(value, bool) else "value"
        given = json.dumps(value if isinstance(value, bool) else str(value))
        self.run(
            f"(() => {{ const it = document.getElementById({json.dumps(control)}); it.{field} = {given};"
            " for (const kind of ['input', 'change']) it.dispatchEvent(new Event(kind, {bubbles: true}));"
            " })()"
        )
        self.settle()

    def click(self, x: float, y: float, *, shift: bool = False, control: bool = False) -> None:
        """Press and lift the mouse at a place of the window."""
        held = 8 * shift + 2 * control
        place = {"x": x, "y": y, "modifiers": held, "button": "left", "clickCount": 1}
        self.send("Input.dispatchMouseEvent", type="mousePressed", **place)
        self.send("Input.dispatchMouseEvent", type="mouseReleased", **place)
        self.settle()

    def tap(self, x: float, y: float) -> None:
        """Touch a place of the window with a finger."""
        self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.settle()

    def press(self, control: str) -> None:
        """Click a button by its id, with the mouse."""
        place = self.run(
            f"(() => {{ const it = document.getElementById({json.dumps(control)});"
            " it.scrollIntoView({block: 'center'}); const box = it.getBoundingClientRect();"
            " return [box.left + box.width / 2, box.top + box.height / 2]; })()"
        )
        self.click(*place)

    def key(self, name: str, *, shift: bool = False) -> None:
        """Press a key where the focus is."""
        code = KEYS.get(name, ord(name.upper()[0]))
        told = {"key": name, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        text = {"text": name} if len(name) == 1 else {"text": "\r"} if name == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **told, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **told)
        self.settle()

    def saved(self, ending: str) -> Path:
        """The file that was just downloaded, once it is whole."""
        found: list[Path] = []

        def is_there() -> bool:
            found[:] = [one for one in self.downloads.glob(f"*{ending}") if one.stat().st_size]
            return bool(found) and not list(self.downloads.glob("*.crdownload"))

        self.until(is_there)
        return found[0]

    def screenshot(self, target: Path) -> None:
        """The window as a PNG file."""
        target.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def accessibility(self) -> list[dict[str, Any]]:
        """What a screen reader is told: a node each."""
        return list(self.send("Accessibility.getFullAXTree")["nodes"])
