from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from authorization_server import Server, authorization_server

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.accounts.signed_in import SignedIn
from cliproxy.addons.applied import Applied
from cliproxy.addons.redact import Redactor
from cliproxy.addons.routes import Routes
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import parse


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


class Gateway:
    """The accounts as the gateway has them, without the gateway."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.told: list[tuple[str, Any]] = []
        self.redactor = Redactor()
        self.accounts = SignedIn(lambda event, data: self.told.append((event, data)))
        self.accounts.changed = self.apply
        self.settings = parse(
            json.dumps({"auth": {"dir": str(folder)}, "oauth": {"openai": server.settings()}}), {}
        ).settings
        self.merged = Settings()
        self.applied = 0
        self.apply()

    def apply(self) -> None:
        self.merged = self.accounts.merged(self.settings)
        self.accounts.use(Applied(self.merged, Routes(self.merged), self.redactor))
        self.applied += 1

    def file(self, name: str = "openai_token.json", **fields: Any) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(self.server.file(**fields)))
        return path

    @property
    def ids(self) -> list[str]:
        return [one.id for one in Routes(self.merged).credentials()]

    def credential(self) -> Credential:
        (found,) = Routes(self.merged).credentials()
        return found

    async def fresh(self) -> Credential | None:
        return await self.accounts.fresh(self.credential(), time.time())


@pytest.fixture
def gateway(tmp_path: Path, server: Server) -> Gateway:
    return Gateway(tmp_path, server)


async def test_accounts_come_change_and_go_while_running(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    gateway.accounts.look()
    assert (gateway.ids, gateway.applied) == ([], 1)
    path = gateway.file()
    gateway.accounts.look()
    assert (gateway.ids, gateway.applied) == (["openai-account"], 2)
    work = gateway.file("openai_token.work.json")
    gateway.accounts.look()
    assert gateway.ids == ["openai-account", "openai-account.work"]
    gateway.accounts.look()
    assert gateway.applied == 3
    path.write_text(json.dumps({**token_files.read(path).fields, "disabled": True}))
    gateway.accounts.look()
    assert gateway.ids == ["openai-account.work"]
    work.unlink()
    gateway.accounts.look()
    assert gateway.ids == []
    assert "openai-account.work is gone" in caplog.text and "openai-account is signed in" in caplog.text


async def test_a_damaged_file_is_told_once_and_left_alone(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    path = gateway.file()
    gateway.accounts.look()
    path.write_text('{"access_token": "sk-test-half')
    gateway.accounts.look()
    gateway.accounts.look()
    assert gateway.ids == []
    assert caplog.text.count("openai_token.json is not valid JSON. It is left alone, and its account is not used.") == 1
    assert path.read_text() == '{"access_token": "sk-test-half'
    assert "half" not in caplog.text


async def test_a_token_that_is_good_is_used_as_it_is(gateway: Gateway) -> None:
    gateway.file()
    gateway.accounts.look()
    found = await gateway.fresh()
    assert found and gateway.server.valid(found.secret)
    assert gateway.server.asked == []


async def test_a_token_that_has_ended_is_refreshed_before_it_is_used(gateway: Gateway) -> None:
    gateway.file(expires_in=-5)
    gateway.accounts.look()
    before = gateway.credential()
    found = await gateway.fresh()
    assert found and found.secret != before.secret and gateway.server.valid(found.secret)
    assert replace(found, secret=before.secret) == before
    gateway.accounts.look()
    assert gateway.applied == 2, "a new token is no other account"


async def test_who_still_has_a_token_does_not_wait_for_the_next(gateway: Gateway) -> None:
    gateway.server.think = 0.2
    path = gateway.file(expires_in=60, last_refresh=time.time() - 10000)
    gateway.accounts.look()
    before = gateway.credential()
    found = await gateway.fresh()
    assert found and found.secret == before.secret
    await asyncio.sleep(0.1)
    await gateway.accounts._refresher.finished()
    found = await gateway.fresh()
    assert found and found.secret == token_files.read(path).access_token != before.secret


async def test_tokens_are_refreshed_ahead_of_their_end(gateway: Gateway) -> None:
    due = gateway.file(expires_in=250)
    due.write_text(json.dumps({**token_files.read(due).fields, "last_refresh": time.time() - 3000}))
    gateway.file("openai_token.later.json")
    off = gateway.file("openai_token.off.json", expires_in=-5, disabled=True)
    gateway.accounts.look()
    gateway.accounts.refresh_ahead(time.time())
    await asyncio.sleep(0.05)
    await gateway.accounts._refresher.finished()
    assert len(gateway.server.asked) == 1
    assert gateway.server.valid(token_files.read(due).access_token)
    assert token_files.read(off).expired(time.time())


async def test_a_token_that_the_provider_refuses_is_refreshed_once(gateway: Gateway) -> None:
    gateway.file()
    gateway.accounts.look()
    refused = gateway.credential()
    found = await asyncio.gather(*(gateway.accounts.refreshed(refused) for _ in range(5)))
    assert len({one.secret for one in found if one}) == 1 and None not in found
    assert await gateway.accounts.refreshed(refused) == found[0], "who comes late with the old token gets the new one"
    assert len(gateway.server.asked) == 1


async def test_a_key_is_no_account(gateway: Gateway) -> None:
    key = Credential("openai-1", "openai", "sk-test-key")
    assert await gateway.accounts.fresh(key, time.time()) is key
    assert await gateway.accounts.refreshed(key) is None


async def test_a_sign_in_that_is_over_is_told_once_and_a_new_one_is_taken_up(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    path = gateway.file(expires_in=-5)
    gateway.accounts.look()
    gateway.server.tokens[0].revoked = True
    assert await gateway.fresh() is None
    assert await gateway.fresh() is None
    gateway.accounts.refresh_ahead(time.time())
    gateway.accounts.look()
    await asyncio.sleep(0.05)
    assert len(gateway.server.asked) == 1
    assert [(event, data["account"], data["provider"]) for event, data in gateway.told] == [
        ("account.sign-in-needed", "openai-account", "openai")
    ]
    assert caplog.text.count("sign in again: invalid_grant. `cliproxy login openai` does that.") == 1
    assert gateway.ids == ["openai-account"], "it rests; it is not gone"

    applied = gateway.applied
    path.write_text(json.dumps(gateway.server.file()))
    gateway.accounts.look()
    assert gateway.applied == applied + 1
    found = await gateway.fresh()
    assert found and gateway.server.valid(found.secret) and gateway.credential().secret == found.secret


async def test_a_server_that_is_down_is_not_asked_again_at_once(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.file(expires_in=-5)
    gateway.accounts.look()
    gateway.server.down = True
    assert await gateway.fresh() is None
    assert await gateway.fresh() is None
    gateway.accounts.refresh_ahead(time.time())
    await asyncio.sleep(0.05)
    assert len(gateway.server.asked) == 1 and gateway.told == []
    assert "answered with status 503" in caplog.text


async def test_the_redactor_knows_every_token(gateway: Gateway) -> None:
    path = gateway.file(expires_in=-5)
    before = token_files.read(path)
    gateway.accounts.look()
    await gateway.fresh()
    after = token_files.read(path)
    for secret in (before.access_token, before.refresh_token, after.access_token, after.refresh_token):
        assert secret not in gateway.redactor.text(f"x {secret} y")


async def test_nobody_signs_in_where_recordings_answer(gateway: Gateway) -> None:
    gateway.file()
    assert gateway.accounts.merged(gateway.settings, follow=False) == gateway.settings
    gateway.accounts.look()
    assert gateway.accounts.list() == []


async def test_two_gateways_on_one_folder_refresh_once(tmp_path: Path, server: Server) -> None:
    server.think = 0.1
    gateways = [Gateway(tmp_path, server) for _ in range(3)]
    gateways[0].file(expires_in=-5)
    for one in gateways:
        one.accounts.look()
    found = await asyncio.gather(*(one.fresh() for one in gateways))
    assert len({one.secret for one in found if one}) == 1 and None not in found
    assert len(server.asked) == 1
