"""A headless Chromium, driven by the W3C WebDriver protocol of its own chromedriver; tests skip where there is none."""

from __future__ import annotations

import base64
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from running import free_port

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
needed = pytest.mark.skipif(
    not (DRIVER and BROWSER), reason="no Chromium here (Debian: apt-get install chromium chromium-driver)"
)

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key that stands for an element in answers (W3C WebDriver, section 12.1)."""
PATIENCE = 20.0


@dataclass
class Page:
    session: httpx.Client

    def _ask(self, command: str, **given: Any) -> Any:
        answer = self.session.post(command, json=given).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"{answer['error']}: {answer['message']}")
        return answer

    def open(self, url: str) -> None:
        self._ask("url", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("execute/sync", script=script, args=list(arguments))

    def text(self, selector: str = "body") -> str:
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def wait_for(self, text: str, selector: str = "body") -> str:
        """The text of that part of the page, once it has `text` in it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if text in (shown := self.text(selector)):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{text!r} did not appear in {selector}; there is:\n{self.text(selector)}")

    def click(self, xpath: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self._ask("element", using="xpath", value=xpath)
                self._ask(f"element/{found[ELEMENT]}/click")
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def screenshot(self) -> bytes:
        return base64.b64decode(self.session.get("screenshot").json()["value"])


@contextlib.contextmanager
def page(width: int = 1400, height: int = 900) -> Iterator[Page]:
    """A window with an empty profile of its own."""
    port = free_port()
    assert DRIVER and BROWSER
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver,
    ):
        arguments = [*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"binary": BROWSER, "args": arguments}}
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                id = _session(client, {"capabilities": {"alwaysMatch": wanted}})
                client.base_url = httpx.URL(f"http://127.0.0.1:{port}/session/{id}/")
                try:
                    yield Page(client)
                finally:
                    client.delete("")
        finally:
            driver.terminate()


def _session(client: httpx.Client, wanted: Any) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = client.post("/session", json=wanted).json()["value"]
            return str(answer["sessionId"])
        except (httpx.ConnectError, KeyError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
