from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from authorization_server import Server, authorization_server, id_token, query

from cliproxy.addons.accounts import sign_in, token_files
from cliproxy.addons.accounts.oauth_facts import known
from cliproxy.addons.accounts.sign_in import Fault, SignIns, keep
from cliproxy.addons.settings_load import parse


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


def sign_ins(folder: Path, server: Server, learned: list[str] | None = None) -> SignIns:
    overrides = {name: server.settings() for name in ("openai", "qwen")}
    settings = parse(json.dumps({"oauth": overrides}), {}).settings
    return SignIns(
        lambda: folder,
        partial(known, overrides=settings.oauth),
        lambda token: learned.extend(token.secrets) if learned is not None else None,
    )


async def test_code_and_pkce_bring_a_token_file(tmp_path: Path, server: Server) -> None:
    auth = {"chatgpt_account_id": "acc-1", "chatgpt_plan_type": "plus"}
    server.extra = {"id_token": id_token({"email": "ann@example.com", "https://api.openai.com/auth": auth})}
    learned: list[str] = []
    ins = sign_ins(tmp_path / "auths", server, learned)
    one = await ins.begin("chatgpt")
    asked = query(one.url)
    assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
    assert (asked["state"], asked["redirect_uri"], asked["originator"]) == (one.state, server.redirect_uri, "cliproxy")
    assert ins.status(one.state).outcome == "pending"

    account = await ins.complete(one.state, server.agree(one.url))
    kept = token_files.read(tmp_path / "auths" / "openai_token.json")
    assert kept.fields == account.fields and server.valid(kept.access_token)
    assert (kept.who, kept.plan, kept.account_id) == ("ann@example.com", "plus", "acc-1")
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert {kept.access_token, kept.refresh_token} <= set(learned)
    assert (ins.status(one.state).outcome, ins.status(one.state).account) == ("done", "openai-account")


async def test_a_code_without_the_right_verifier_is_worth_nothing(tmp_path: Path, server: Server) -> None:
    """The server really checks; so a code that somebody saw is no use to them."""
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai")
    address = server.agree(one.url)
    one.verifier = "x" * 50
    with pytest.raises(Fault, match="invalid_grant: Code challenge failed"):
        await ins.complete(one.state, address)
    assert ins.status(one.state).outcome == "failed"
    assert token_files.listed(tmp_path) == []


async def test_an_address_of_another_sign_in_is_refused_and_the_right_one_still_works(
    tmp_path: Path, server: Server
) -> None:
    ins = sign_ins(tmp_path, server)
    one, other = await ins.begin("openai"), await ins.begin("openai")
    address = server.agree(one.url)
    for wrong in (server.agree(other.url), address.replace("state=", "state=x"), address.partition("&state")[0]):
        with pytest.raises(Fault, match="its state is not the one of this") as raised:
            await ins.complete(one.state, wrong)
        assert raised.value.kind == "pasted"
    assert server.asked == []
    await ins.complete(one.state, address)


@pytest.mark.parametrize("form", ["{code}#{state}", "{code}", "  {url}\n"])
async def test_all_that_users_paste(tmp_path: Path, server: Server, form: str) -> None:
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai")
    url = server.agree(one.url)
    await ins.complete(one.state, form.format(url=url, code=query(url)["code"], state=one.state))


@pytest.mark.parametrize("pasted", ["", "   ", "http://localhost:1455/auth/callback", "https://a.test/?state=x"])
async def test_what_has_no_code_in_it_may_be_pasted_again(tmp_path: Path, server: Server, pasted: str) -> None:
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai")
    with pytest.raises(Fault, match="There is no code in that") as raised:
        await ins.complete(one.state, pasted)
    assert (raised.value.kind, ins.status(one.state).outcome) == ("pasted", "pending")


async def test_a_user_who_says_no(tmp_path: Path, server: Server) -> None:
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai")
    with pytest.raises(Fault, match="ChatGPT did not let us in: access_denied"):
        await ins.complete(one.state, f"http://localhost/?error=access_denied&state={one.state}")
    assert ins.status(one.state).outcome == "failed"


async def test_a_sign_in_ends_once(tmp_path: Path, server: Server) -> None:
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai")
    address = server.agree(one.url)
    ended = await asyncio.gather(*(ins.complete(one.state, address) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(each, Fault) for each in ended) == 2
    assert len(server.of("authorization_code")) == 1
    with pytest.raises(Fault, match="has ended already"):
        await ins.complete(one.state, address)


async def test_a_sign_in_nobody_knows(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ins = sign_ins(tmp_path, server)
    with pytest.raises(Fault, match="no such sign-in") as raised:
        await ins.complete("unknown", "code")
    assert raised.value.kind == "unknown"
    one = await ins.begin("openai")
    monkeypatch.setattr(sign_in, "LIFETIME", -1.0)
    with pytest.raises(Fault, match="too long ago"):
        ins.status(one.state)


async def test_the_device_flow(tmp_path: Path, server: Server) -> None:
    ins = sign_ins(tmp_path, server)
    one = await ins.begin("openai", label="work", device=True)
    assert one.device and one.device.user_code in one.url
    server.grants[one.device.user_code] = True
    account = await ins.device(one.state)
    assert account.path == tmp_path / "openai_token.work.json" and server.valid(account.access_token)


async def test_a_provider_that_has_only_the_device_flow_gets_it(tmp_path: Path, server: Server) -> None:
    facts = replace(known("qwen", {}), client_id="test-client", device_authorization_url=f"{server.url}/device")
    ins = SignIns(lambda: tmp_path, lambda name: facts)
    assert (await ins.begin("qwen")).device


@pytest.mark.parametrize(
    "words, kind, told",
    [
        (
            {"provider": "gemini"},
            "impossible",
            r"oauth\.gemini\.client-id and oauth\.gemini\.client-secret must be set",
        ),
        ({"provider": "mistral"}, "input", "there is no sign-in for it"),
        ({"provider": "openai", "label": "../x"}, "input", "is no label"),
        ({"provider": "anthropic", "device": True}, "impossible", "no device flow"),
    ],
)
async def test_what_cannot_begin_says_why(tmp_path: Path, server: Server, words: Any, kind: str, told: str) -> None:
    with pytest.raises(Fault, match=told) as raised:
        await sign_ins(tmp_path, server).begin(**words)
    assert raised.value.kind == kind


async def test_a_server_that_gives_no_device_code_is_told(tmp_path: Path, server: Server) -> None:
    ins = SignIns(lambda: tmp_path, lambda name: replace(known("qwen", {}), device_authorization_url=server.url))
    with pytest.raises(Fault, match="Qwen gave no device code"):
        await ins.begin("qwen")


# -- which file it becomes ------------------------------------------------------------------------


async def kept(folder: Path, label: str = "", **fields: Any) -> str:
    return (await keep(folder, "openai", label, {"access_token": "sk-test-a", **fields})).path.name


async def test_a_second_account_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    assert await kept(tmp_path, email="ann@example.com") == "openai_token.json"
    assert await kept(tmp_path, email="bob@example.com") == "openai_token.bob@example.com.json"
    assert await kept(tmp_path, email="bob@example.com") == "openai_token.bob@example.com.json"
    assert await kept(tmp_path, email="ann@example.com") == "openai_token.json"
    assert await kept(tmp_path, email="../../b b/@x.test") == "openai_token.bb@x.test.json"
    assert await kept(tmp_path, label="work", email="ann@example.com") == "openai_token.work.json"


async def test_a_new_sign_in_keeps_what_the_file_had_of_its_own_and_takes_its_marks_away(tmp_path: Path) -> None:
    path = tmp_path / "openai_token.json"
    before = {"access_token": "sk-test-old", "note": 1, "refused": "x", "last_error": "y", "disabled": True}
    path.write_text(json.dumps(before))
    await kept(tmp_path, refresh_token="sk-test-r")
    assert token_files.read(path).fields == {"note": 1, "access_token": "sk-test-a", "refresh_token": "sk-test-r"}


async def test_a_damaged_file_is_replaced_by_a_new_sign_in_only_where_it_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "openai_token.json").write_text("{")
    assert await kept(tmp_path) == "openai_token.json"
