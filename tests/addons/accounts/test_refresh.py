from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authorization_server import Server, authorization_server, id_token

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.oauth_facts import Facts, Missing
from cliproxy.addons.accounts.refresh import PAUSES, Failed, Refresher, merged
from cliproxy.addons.accounts.token_files import TokenFile


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


def refresher(server: Server, learned: list[str] | None = None) -> Refresher:
    facts = Facts("openai", "ChatGPT", f"{server.url}/token", "test-client", authorization_url="-", redirect_url="-")
    return Refresher(lambda provider: facts, lambda token: (learned or []).extend(token.secrets))


def account(folder: Path, server: Server, **more: Any) -> TokenFile:
    path = folder / "openai_token.json"
    path.write_text(json.dumps(server.file(**more)))
    return token_files.read(path)


async def test_both_tokens_are_new_and_in_the_file(tmp_path: Path, server: Server) -> None:
    token = account(tmp_path, server, expires_in=1, note="mine", email="ann@example.com")
    renewed = await refresher(server).refreshed(token)
    assert server.valid(renewed.access_token)
    kept = token_files.read(token.path)
    assert kept.fields == renewed.fields
    assert (kept.access_token, kept.refresh_token) != (token.access_token, token.refresh_token)
    assert (kept.fields["note"], kept.who) == ("mine", "ann@example.com")
    assert not kept.due(kept.expires_at - server.lifetime if kept.expires_at else 0)


async def test_those_who_ask_at_once_wait_for_one_refresh(tmp_path: Path, server: Server) -> None:
    server.think = 0.1
    token, one = account(tmp_path, server), refresher(server)
    found = await asyncio.gather(*(one.refreshed(token) for _ in range(20)))
    assert len({each.access_token for each in found}) == 1
    assert len(server.of("refresh_token")) == 1


async def test_two_that_do_not_know_each_other_refresh_once(tmp_path: Path, server: Server) -> None:
    server.think = 0.1
    token = account(tmp_path, server)
    found = await asyncio.gather(*(refresher(server).refreshed(token) for _ in range(5)))
    assert len({each.access_token for each in found}) == 1
    assert len(server.of("refresh_token")) == 1


async def test_who_leaves_does_not_take_the_refresh_along(tmp_path: Path, server: Server) -> None:
    """A new refresh token that nobody writes down would be the end of the account."""
    server.think = 0.2
    token, one = account(tmp_path, server), refresher(server)
    waiting = asyncio.create_task(one.refreshed(token))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await one.finished()
    assert server.valid(token_files.read(token.path).access_token)


async def test_an_answer_without_a_refresh_token_keeps_the_one_there_is(tmp_path: Path) -> None:
    before = {"access_token": "a", "refresh_token": "r", "custom": 1, "refused": "x", "last_error": "y", "expired": "2"}
    after = merged(before, {"access_token": "b", "expires_in": 60, "unknown": 5}, 1000.0)
    assert after == {
        "access_token": "b",
        "refresh_token": "r",
        "custom": 1,
        "expires_at": 1060,
        "last_refresh": "1970-01-01T00:16:40Z",
    }


async def test_an_answer_tells_whose_account_it_is() -> None:
    answer = {"access_token": "b", "id_token": id_token({"email": "ann@example.com"})}
    assert merged({"plan": "plus"}, answer, 0.0) | {"id_token": ""} == {
        "plan": "plus",
        "access_token": "b",
        "id_token": "",
        "email": "ann@example.com",
        "expires_at": None,
        "last_refresh": "1970-01-01T00:00:00Z",
    }


async def test_a_refresh_token_refused_for_good_is_marked_and_not_asked_for_again(
    tmp_path: Path, server: Server
) -> None:
    token, one = account(tmp_path, server, note="mine"), refresher(server)
    server.tokens[0].revoked = True
    with pytest.raises(Failed, match=r"openai-account: sign in again: invalid_grant") as raised:
        await one.refreshed(token)
    assert raised.value.sign_in
    kept = token_files.read(token.path)
    assert (kept.sign_in_needed, kept.last_error, kept.fields["note"]) == (True, "invalid_grant", "mine")
    assert (kept.access_token, kept.refresh_token) == (token.access_token, token.refresh_token)
    with pytest.raises(Failed) as raised:
        await refresher(server).refreshed(kept)
    assert raised.value.sign_in and len(server.of("refresh_token")) == 1


async def test_a_server_that_is_down_is_asked_again_after_a_while(tmp_path: Path, server: Server) -> None:
    token, one = account(tmp_path, server), refresher(server)
    server.down = True
    with pytest.raises(Failed, match="status 503") as raised:
        await one.refreshed(token)
    now = time.time()
    assert not raised.value.sign_in
    assert not one.may_try(token, now) and one.may_try(token, now + PAUSES[0] + 1)
    assert token_files.read(token.path).fields == token.fields
    server.down = False
    assert server.valid((await one.refreshed(token)).access_token)
    assert one.may_try(token, now)


async def test_a_new_token_that_cannot_be_written_is_kept_and_written_later(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, one = account(tmp_path, server), refresher(server)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(token_files, "write", full)
        renewed = await one.refreshed(token)
        assert server.valid(renewed.access_token)
        assert one.current(token_files.read(token.path)).access_token == renewed.access_token
        again = await one.refreshed(renewed)  # the file still has the old one, which would be refused
        assert server.valid(again.access_token)
    await one.save_again()
    kept = token_files.read(token.path)
    assert (kept.access_token, "replaces" in kept.fields) == (again.access_token, False)
    assert one.current(kept) is kept


async def test_what_could_not_be_written_is_not_asked_for(tmp_path: Path, server: Server) -> None:
    token = account(tmp_path / ".", server)
    missing = TokenFile(tmp_path / "openai_token.json" / "x" / "openai_token.json", "openai", "", token.fields)
    with pytest.raises(Failed, match="cannot be written"):
        await refresher(server).refreshed(missing)
    assert server.asked == []


async def test_secrets_are_told_of_before_they_are_used(tmp_path: Path, server: Server) -> None:
    learned: list[str] = ["-"]
    renewed = await refresher(server, learned).refreshed(account(tmp_path, server))
    assert {renewed.access_token, renewed.refresh_token} <= set(learned)


async def test_an_account_that_went_away_or_cannot_refresh_says_so(tmp_path: Path, server: Server) -> None:
    token, one = account(tmp_path, server), refresher(server)
    token.path.write_text(json.dumps({"access_token": token.access_token}))
    with pytest.raises(Failed, match="no refresh_token; sign in again"):
        await one.refreshed(token)
    token.path.unlink()
    with pytest.raises(Failed, match="cannot be read"):
        await one.refreshed(token)


async def test_a_missing_client_is_told_with_its_option(tmp_path: Path, server: Server) -> None:
    def facts(provider: str) -> Facts:
        raise Missing("oauth.gemini.client-id must be set")

    with pytest.raises(Failed, match=r"oauth\.gemini\.client-id must be set"):
        await Refresher(facts, lambda token: None).refreshed(account(tmp_path, server))
