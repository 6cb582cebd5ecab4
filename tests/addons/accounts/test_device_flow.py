from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from authorization_server import Server, authorization_server
from scripted import provider, whole

from cliproxy.addons.accounts.device_flow import SLOWER, DeviceCode, begin, tokens
from cliproxy.addons.accounts.oauth_facts import FACTS, Facts
from cliproxy.addons.accounts.token_endpoint import Refused, Unreachable, client

VERIFIER = "v" * 50


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


class Sleeps:
    """Instead of waiting: how long it was to be, and what happens meanwhile."""

    def __init__(self, *then: object) -> None:
        self.taken: list[float] = []
        self._then = list(then)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if self._then and callable(act := self._then.pop(0)):
            act()


def at(server: Server) -> Facts:
    return replace(
        FACTS["qwen"],
        client_id="test-client",
        token_url=f"{server.url}/token",
        device_authorization_url=f"{server.url}/device",
    )


async def asked(server: Server, sleeps: Sleeps) -> dict[str, object]:
    async with client() as http:
        code = await begin(http, at(server), "challenge")
        server.grants.clear()
        return await tokens(http, at(server), code, VERIFIER, sleeps)


async def test_the_user_is_told_page_and_code(server: Server) -> None:
    async with client() as http:
        code = await begin(http, at(server), "challenge")
    (known,) = server.devices.values()
    assert (code.user_code, code.page, code.interval) == (known["user_code"], f"{server.url}/activate", 1.0)
    assert code.page_with_code == f"{server.url}/activate?user_code={code.user_code}"
    assert known["device_code"] not in repr(code)


async def test_it_waits_until_the_user_has_typed_the_code(server: Server) -> None:
    def agree() -> None:
        server.grants[next(iter(server.devices.values()))["user_code"]] = True

    sleeps = Sleeps(None, None, agree)
    answer = await asked(server, sleeps)
    assert server.valid(str(answer["access_token"]))
    assert sleeps.taken == [1.0, 1.0, 1.0]
    assert {one["code_verifier"] for one in server.asked} == {VERIFIER}


async def test_each_slow_down_adds_five_seconds(server: Server) -> None:
    server.slow = 2

    def agree() -> None:
        server.grants[next(iter(server.devices.values()))["user_code"]] = True

    sleeps = Sleeps(None, None, None, agree)
    await asked(server, sleeps)
    assert sleeps.taken == [1.0, 1.0 + SLOWER, 1.0 + 2 * SLOWER, 1.0 + 2 * SLOWER]


async def test_a_code_that_ran_out_ends_it(server: Server) -> None:
    server.device_lifetime = -1
    with pytest.raises(Refused, match="not typed in in time; begin again"):
        await asked(server, Sleeps())


async def test_a_user_who_says_no_ends_it(server: Server) -> None:
    def refuse() -> None:
        server.grants[next(iter(server.devices.values()))["user_code"]] = False

    with pytest.raises(Refused, match="turned down at Qwen"):
        await asked(server, Sleeps(refuse))


async def test_it_gives_up_by_itself_when_the_code_has_run_out(server: Server) -> None:
    async with client() as http:
        code = replace(await begin(http, at(server), "challenge"), lifetime=0)
        with pytest.raises(Refused, match="not typed in in time"):
            await tokens(http, at(server), code, VERIFIER, Sleeps())
    assert server.asked == []


async def test_a_server_that_is_away_for_a_while_is_asked_less_and_less(server: Server) -> None:
    def up() -> None:
        server.down = False
        server.grants[next(iter(server.devices.values()))["user_code"]] = True

    server.down = True
    sleeps = Sleeps(None, None, up)
    await asked(server, sleeps)
    assert sleeps.taken == [1.0, 2.0, 4.0]


async def test_chatgpts_own_way() -> None:
    with provider(
        whole({"device_auth_id": "d1", "user_code": "AB-12", "interval": "3"}),
        whole({}, 403),
        whole({"authorization_code": "c1", "code_verifier": "v1"}),
        whole({"access_token": "sk-test-a"}),
    ) as one:
        facts = replace(
            FACTS["openai"],
            token_url=f"{one.url}/oauth/token",
            device_authorization_url=f"{one.url}/api/accounts/deviceauth/usercode",
        )
        sleeps = Sleeps()
        async with client() as http:
            code = await begin(http, facts, "challenge")
            answer = await tokens(http, facts, code, VERIFIER, sleeps)
    assert (code.user_code, code.page, sleeps.taken) == ("AB-12", f"{one.url}/codex/device", [3.0, 3.0])
    assert answer == {"access_token": "sk-test-a"}
    assert [seen.path for seen in one.seen] == [
        "/api/accounts/deviceauth/usercode",
        "/api/accounts/deviceauth/token",
        "/api/accounts/deviceauth/token",
        "/oauth/token",
    ]
    assert one.seen[1].json == {"device_auth_id": "d1", "user_code": "AB-12"}
    assert b"code_verifier=v1" in one.seen[3].body and b"deviceauth%2Fcallback" in one.seen[3].body


async def test_an_answer_without_a_code_is_no_answer() -> None:
    with provider(whole({"user_code": "AB-12"})) as one:
        facts = replace(FACTS["qwen"], device_authorization_url=one.url)
        async with client() as http:
            with pytest.raises(Unreachable, match="has no device_code"):
                await begin(http, facts, "challenge")


def test_a_code_has_a_lifetime_of_its_own() -> None:
    assert DeviceCode("sk-test-d", "AB-12", "https://a.test").lifetime > 0
