from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from authorization_server import Server, authorization_server
from running import free_port

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.oauth_facts import known
from cliproxy.addons.accounts.sign_in import Fault, SignIns
from cliproxy.addons.management.oauth import STATUS, callback, start, status
from cliproxy.addons.settings_load import parse


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server(free_port()) as one:
        yield one


@pytest.fixture
def sign_ins(tmp_path: Path, server: Server) -> SignIns:
    settings = parse(json.dumps({"oauth": {"openai": server.settings()}}), {}).settings
    return SignIns(lambda: tmp_path, partial(known, overrides=settings.oauth))


async def until(sign_ins: SignIns, state: str, outcome: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while (found := await status(sign_ins, state))["status"] != outcome:
            await asyncio.sleep(0.02)
    return found


async def test_the_address_is_sent_by_whoever_has_it(tmp_path: Path, server: Server, sign_ins: SignIns) -> None:
    begun = await start(sign_ins, {"provider": "chatgpt", "label": "work"})
    assert (begun["status"], begun["provider"]) == ("pending", "openai")
    assert await status(sign_ins, begun["state"]) == begun
    ended = await callback(sign_ins, {"state": begun["state"], "url": server.agree(begun["url"])})
    assert (ended["status"], ended["account"]) == ("done", "openai-account.work")
    assert server.valid(token_files.read(tmp_path / "openai_token.work.json").access_token)


async def test_a_browser_on_the_same_machine_comes_back_by_itself(server: Server, sign_ins: SignIns) -> None:
    begun = await start(sign_ins, {"provider": "openai"})
    await asyncio.sleep(0.1)
    async with httpx.AsyncClient() as browser:
        address = (await browser.get(begun["url"])).headers["location"]
        await browser.get(address.replace("localhost", "127.0.0.1"))
    assert (await until(sign_ins, begun["state"], "done"))["account"] == "openai-account"


async def test_a_device_code_is_waited_for(server: Server, sign_ins: SignIns) -> None:
    begun = await start(sign_ins, {"provider": "openai", "device": True})
    server.grants[begun["user_code"]] = True
    await until(sign_ins, begun["state"], "done")


async def test_the_port_is_free_again_when_it_has_ended(server: Server, sign_ins: SignIns) -> None:
    begun = await start(sign_ins, {"provider": "openai"})
    await asyncio.sleep(0.1)
    await callback(sign_ins, {"state": begun["state"], "url": server.agree(begun["url"])})
    await asyncio.sleep(0.1)
    port = int(server.redirect_uri.rsplit(":", 1)[1].split("/")[0])
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.parametrize(
    "body, told",
    [
        ({}, "provider: is missing"),
        ({"provider": 5}, "provider: must be text, not a number"),
        ({"provider": "openai", "device": "yes"}, "device: must be true or false, not a string"),
        (
            {"provider": "openai", "port": 1},
            "port: there is no such field; there are: provider, label, project, device",
        ),
        ({"provider": "vertex"}, "there is no sign-in for it"),
    ],
)
async def test_what_cannot_begin(sign_ins: SignIns, body: Any, told: str) -> None:
    with pytest.raises(Fault, match=told) as raised:
        await start(sign_ins, body)
    assert STATUS[raised.value.kind] == 400


async def test_what_is_not_possible_as_things_are(sign_ins: SignIns) -> None:
    with pytest.raises(Fault, match="client-id") as raised:
        await start(sign_ins, {"provider": "gemini"})
    assert STATUS[raised.value.kind] == 409


async def test_what_cannot_end(server: Server, sign_ins: SignIns) -> None:
    begun = await start(sign_ins, {"provider": "openai"})
    for body, told, expected in (
        ({"state": "unknown", "url": "x"}, "no such sign-in", 404),
        ({"state": begun["state"]}, "url: is missing", 400),
        ({"state": begun["state"], "url": "http://localhost/"}, "no code in that", 409),
        ({"state": begun["state"], "url": "a-wrong-code"}, "did not let us in: invalid_grant", 409),
    ):
        with pytest.raises(Fault, match=told) as raised:
            await callback(sign_ins, body)
        assert STATUS[raised.value.kind] == expected
    ended = await status(sign_ins, begun["state"])
    assert (ended["status"], "invalid_grant" in ended["message"]) == ("failed", True)
