"""Takes the pictures of the views for the README: ``uv run python docs/make_screenshots.py``; needs Chromium.

A gateway under mitmweb, a scripted provider that fails once, and a conversation of our own making.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import browser  # noqa: E402
import httpx  # noqa: E402
from browser import Page  # noqa: E402
from recorded_exchanges import ASKED  # noqa: E402
from running import KEY, free_port, gateway  # noqa: E402
from scripted import Answer, provider  # noqa: E402
from wires import chat_stream  # noqa: E402

WORDS = [{"content": word} for word in ("It is ", "18 °C ", "in Paris, ", "and ", "dry.")]
QUESTION: dict[str, Any] = {
    **ASKED, "model": "gpt-5(high)", "thinking": {"type": "enabled", "budget_tokens": 4096},
    "system": [{"type": "text", "text": "You are careful. Be terse.", "cache_control": {"type": "ephemeral"}}],
}  # fmt: skip
BUSY = Answer(503, (b'{"error":{"message":"The server is overloaded."}}',))


def main() -> None:
    port = free_port()
    options = ("--set", f"web_port={port}", "--set", "web_open_browser=false", "--set", "web_password=test")
    with provider(BUSY, chat_stream(*WORDS, pause=0.08)) as upstream:
        keys = [{"key": f"sk-test-key-{n}", "base-url": f"{upstream.url}/v1"} for n in (1, 2)]
        config = {
            "openai": {"models": ["gpt-5"]},
            "load-balance": {"strategy": "fill-first", "credentials": {"openai": keys}},
        }
        with gateway(config, *options, program="web") as running, browser.page(1300, 1060) as page:
            for model in ("gpt-5(high)", "gpt-5", "gpt-5(low)"):
                body = {**QUESTION, "model": model}
                httpx.post(f"{running.url}/v1/messages", json=body, headers={"x-api-key": KEY}, timeout=60)
            page.open(f"http://127.0.0.1:{port}/?token=test")
            page.wait_for("gpt-5(low)")
            take(page, "web-list")
            page.click("//tr[contains(., 'gpt-5(high)')]")
            views(page)


def views(page: Page) -> None:
    page.click("//a[text()='Request']")
    page.wait_for("How warm", ".contentview")
    take(page, "web-conversation")
    choose(page, "explain", "attempts")
    take(page, "web-explain")
    page.click("//a[text()='Response']")
    choose(page, "provider", "[DONE]")
    take(page, "web-provider")


def choose(page: Page, view: str, shown: str) -> None:
    page.click("//*[contains(text(), 'View:')]/..")
    page.click(f"//a[text()='{view}']")
    page.wait_for(shown, ".contentview")
    page.run("document.querySelector('.contentview').scrollIntoView()")


def take(page: Page, name: str) -> None:
    (ROOT / "docs" / f"{name}.png").write_bytes(page.screenshot())


if __name__ == "__main__":
    main()
