"""mitmweb in a real browser: the views open on a live streamed flow, and say what was done to it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import browser
import httpx
import pytest
from browser import Page
from mitmproxy import io
from recorded_exchanges import ASKED, translated
from running import KEY, Gateway, free_port, gateway
from scripted import Answer, Provider, provider
from wires import MESSAGES_REQUEST, chat, chat_stream

from cliproxy.addons import recordings, views

pytestmark = browser.needed


@dataclass
class Site:
    running: Gateway
    upstream: Provider
    web: str

    def ask(self, answer: Answer, body: object = ASKED) -> httpx.Response:
        self.upstream.answers[:] = [answer]
        return httpx.post(f"{self.running.url}/v1/messages", json=body, headers={"x-api-key": KEY}, timeout=60)


@contextlib.contextmanager
def site(*arguments: str) -> Iterator[Site]:
    port = free_port()
    options = ("--set", f"web_port={port}", "--set", "web_open_browser=false", "--set", "web_password=test")
    with provider(chat()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-key", "models": ["gpt-test"]}}
        with gateway(config, *options, *arguments, program="web") as running:
            yield Site(running, upstream, f"http://127.0.0.1:{port}/?token=test")


@pytest.fixture(scope="module")
def web() -> Iterator[Site]:
    with site() as one:
        yield one


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser.page() as one:
        yield one


def choose(page: Page, view: str) -> None:
    page.click("//*[contains(text(), 'View:')]/..")
    page.click(f"//a[text()='{view}']")


def test_an_answer_is_read_while_it_streams(web: Site, page: Page) -> None:
    words = [{"content": word} for word in ("One ", "moment ", "please.")]
    slow = threading.Thread(target=web.ask, args=[chat_stream(*words, pause=1.5)])
    slow.start()
    page.open(web.web)
    page.click("//tr[contains(., 'gpt-test(high) → openai/gpt-test · openai-1')]")
    page.click("//a[text()='Response']")
    halfway = page.wait_for("One ", ".contentview")
    assert "please." not in halfway
    whole = page.wait_for("please.", ".contentview")
    slow.join()
    assert "assistant:\n  One moment please." in whole


def test_each_view_opens_on_a_streamed_flow(web: Site, page: Page) -> None:
    answer = web.ask(chat_stream())
    page.open(web.web)
    page.click("(//tr[contains(., '9 input + 2 output tokens')])[last()]")
    page.click("//a[text()='Request']")
    page.wait_for("user:\n  How warm is it in Paris?", ".contentview")
    choose(page, "explain")
    told = page.wait_for("lost: openai can't be told `top_k`", ".contentview")
    assert "→ max_completion_tokens" in told and f"id: {answer.headers['x-cliproxy-id']}" in told
    choose(page, "client")
    assert '"context_management"' in page.wait_for("POST /v1/messages", ".contentview")
    choose(page, "provider")
    assert "context_management" not in page.wait_for('"max_completion_tokens"', ".contentview")
    page.click("//a[text()='Response']")
    assert "Hello there" in page.wait_for("finish: stop\ntokens: 9 input + 2 output", ".contentview")
    choose(page, "provider")
    assert " s  data: [DONE]" in page.wait_for("[DONE]", ".contentview")
    choose(page, "client")
    page.wait_for("event: message_stop", ".contentview")


def test_no_secret_is_shown(web: Site, page: Page) -> None:
    web.ask(chat())
    flows = httpx.get(web.web.replace("?", "flows?")).json()
    for flow in flows:
        for side in ("request", "response"):
            for view in ("conversation", "client", "provider", "explain", "raw"):
                url = web.web.replace("?", f"flows/{flow['id']}/{side}/content/{view}.json?")
                text = httpx.get(url).text
                assert KEY not in text and "sk-test-key" not in text
        assert KEY not in str(flow) and "sk-test-key" not in str(flow)


def test_old_flows_leave_the_list_and_marked_ones_stay(page: Page) -> None:
    with site("--keep-flows", "3") as one:
        ids = [one.ask(chat(), {**MESSAGES_REQUEST, "model": "gpt-test"}).headers["x-cliproxy-id"] for _ in range(6)]
        flows = httpx.get(one.web.replace("?", "flows?")).json()
        assert [flow["id"].partition("-")[0] for flow in flows] == ids[-3:]
        page.open(one.web)
        page.wait_for("of 3 flows")


def test_a_recording_is_read_by_plain_mitmweb_with_the_views(page: Page, tmp_path: Path) -> None:
    path, port = recordings.write(tmp_path, translated()), free_port()
    with path.open("rb") as file:
        assert len(list(io.FlowReader(file).stream())) == 3
    code = "from mitmproxy.tools.main import mitmweb; mitmweb()"
    options = ("-n", "-s", views.__file__, "-r", str(path), "--set", f"confdir={tmp_path}", "--web-port", str(port))
    started = subprocess.Popen(
        [sys.executable, "-c", code, *options, "--no-web-open-browser", "--set", "web_password=test"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until_it_answers(port)
        page.open(f"http://127.0.0.1:{port}/?token=test")
        page.click("//tr[contains(., '(provider)')]")
        page.click("//a[text()='Request']")
        choose(page, "explain")
        assert "→ max_completion_tokens" in page.wait_for("1. openai-1: 503 after 0.25 s", ".contentview")
    finally:
        started.terminate()
        started.wait(10)


def _until_it_answers(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/")
            return
        time.sleep(0.1)
    raise AssertionError("mitmweb does not answer")
