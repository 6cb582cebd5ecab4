from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from authorization_server import Server, authorization_server
from scripted import Answer, provider, whole

from cliproxy.addons.accounts.oauth_facts import FACTS, Facts
from cliproxy.addons.accounts.token_endpoint import Refused, Unreachable, client, grant
from cliproxy.addons.upstreams import USER_AGENT


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


def at(url: str, **more: Any) -> Facts:
    return Facts("openai", "ChatGPT", f"{url}/token", client_id="test-client", **more)


async def test_a_grant_brings_tokens(server: Server) -> None:
    issued = server.issue(60)
    async with client() as http:
        answer = await grant(http, at(server.url), "refresh_token", refresh_token=issued.refresh_token)
    assert server.valid(answer["access_token"])
    assert server.asked == [
        {"grant_type": "refresh_token", "refresh_token": issued.refresh_token, "client_id": "test-client"}
    ]


async def test_a_refusal_says_whether_it_is_for_good(server: Server) -> None:
    async with client() as http:
        with pytest.raises(Refused) as raised:
            await grant(http, at(server.url), "refresh_token", refresh_token="sk-test-unknown")
        assert raised.value.for_good
        with pytest.raises(Refused) as raised:
            await grant(http, at(server.url), "password", username="ann")
    assert (raised.value.error, raised.value.for_good) == ("unsupported_grant_type", False)


async def test_no_answer_is_no_refusal(server: Server) -> None:
    server.down = True
    async with client() as http:
        with pytest.raises(Unreachable, match="status 503"):
            await grant(http, at(server.url), "refresh_token", refresh_token="sk-test-r")
        with pytest.raises(Unreachable, match=r"cannot be reached \(ConnectError\)"):
            await grant(http, at("http://127.0.0.1:9"), "refresh_token", refresh_token="sk-test-r")


@pytest.mark.parametrize(
    "answer, fault, told",
    [
        (
            whole({"error": {"code": "refresh_token_reused", "message": "used"}}, 401),
            Refused,
            "refresh_token_reused: used",
        ),
        (
            whole({"error": {"type": "invalid_request_error", "message": "no"}}, 400),
            Refused,
            "invalid_request_error: no",
        ),
        (
            whole({"error": "invalid_grant", "error_description": "old\nline"}, 400),
            Refused,
            r"invalid_grant: old\\nline",
        ),
        (whole({"error": "rate_limit"}, 429), Unreachable, r"status 429 \(rate_limit\)"),
        (whole({"error": "server_error"}, 500), Unreachable, "status 500"),
        (whole(b"<html>", content_type="text/html"), Unreachable, "status 200"),
        (whole([]), Unreachable, "status 200"),
        (whole({"ok": True}), Unreachable, "without an access_token"),
        (Answer(302, headers={"location": "http://127.0.0.1:9/"}), Unreachable, "status 302"),
    ],
)
async def test_what_an_endpoint_may_say(answer: Answer, fault: type[Exception], told: str) -> None:
    with provider(answer) as one:
        async with client() as http:
            with pytest.raises(fault, match=told):
                await grant(http, at(one.url), "refresh_token", refresh_token="sk-test-r")


async def test_claude_is_asked_in_json_and_a_secret_goes_along() -> None:
    with provider(whole({"access_token": "sk-test-a"})) as one:
        facts = replace(FACTS["anthropic"], token_url=one.url, client_id="c1", client_secret="sk-test-secret")
        async with client() as http:
            await grant(http, facts, "refresh_token", refresh_token="sk-test-r+&=")
    assert one.seen[0].json == {
        "grant_type": "refresh_token",
        "refresh_token": "sk-test-r+&=",
        "client_id": "c1",
        "client_secret": "sk-test-secret",
    }
    assert one.seen[0].headers["user-agent"] == USER_AGENT
