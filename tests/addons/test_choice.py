"""Who serves the next attempt: conversations, other models, short waits, and what is said when nobody can."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from exchanges import PATHS, applied, begun, flow
from wires import CHAT_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import choice as module
from cliproxy.addons.accounts.cooldowns import Kind, Rest
from cliproxy.addons.accounts.pool import Credential, Pool
from cliproxy.addons.accounts.shared_pool import SharedPool
from cliproxy.addons.choice import ATTEMPTS, SHOWN, Choice, owner_gone, placed, resting
from cliproxy.addons.exchange import AttemptRecord, Exchange
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.translation import Translation
from cliproxy.translators import ir

KEYS = "{key: sk-test-1}, {key: sk-test-2}, {key: sk-test-3}"
CONFIG = f"""
openai: {{models: [gpt-test]}}
anthropic: {{api-key: sk-test-anthropic, models: [claude-test]}}
load-balance: {{credentials: {{openai: [{KEYS}]}}}}
fallbacks: {{gpt-test: [gpt-other, claude-test]}}
models: {{fast: openai/gpt-test}}
"""
ALONE = "openai: {api-key: sk-test-1, models: [gpt-test]}"
TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "?"}]


class Asked:
    """A choice over a configuration, and the exchanges that ask it."""

    def __init__(self, config: str = CONFIG) -> None:
        self.config, given = config, applied(config)
        self.pool = Pool(given.routes.credentials(), given.settings.load_balance.strategy)
        self.shared = SharedPool(Shared(), self.pool)
        self.choice = Choice(self.pool, self.shared)
        self.choice.use(given.routes, given.settings)

    def call(self, body: Any = CHAT_REQUEST, path: str = PATHS["openai_chat"], **headers: str) -> Exchange:
        one = flow("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        call = begun(one, self.config)
        Translation().request(one)
        return call

    async def id(self, call: Exchange) -> str:
        found = await self.choice.next(call)
        assert isinstance(found, Credential), found
        self.pool.release(found, call.model)
        return found.id

    async def refusal(self, call: Exchange) -> ir.Error:
        found = await self.choice.next(call)
        assert isinstance(found, ir.Error)
        return found

    async def answers(self, id: str) -> None:
        account = self.pool.account(id)
        assert account
        await self.shared.tell(
            self.pool.answered(account.credential, "gpt-test", module.time.time()), module.time.time()
        )

    async def all_fail(self, kind: Kind, provider: str = "openai", model: str = "gpt-test", **more: Any) -> None:
        for account in self.pool.accounts(provider):
            changes = self.pool.failed(account.credential, model, module.time.time(), kind, **more)
            await self.shared.tell(changes, module.time.time())


async def test_each_credential_is_asked_once() -> None:
    asked = Asked(CONFIG.replace("fallbacks", "#"))
    call = asked.call()
    assert [await asked.id(call) for _ in range(3)] == ["openai-1", "openai-2", "openai-3"]
    assert not asked.choice.possible(call)
    call.failure = ir.Error(500, "the last one's")
    assert (await asked.refusal(call)).message == "the last one's"


async def test_a_conversation_stays_and_goes_elsewhere_after_a_failure() -> None:
    asked = Asked()
    opening = [await asked.id(asked.call()) for _ in range(6)]
    assert opening == ["openai-1", "openai-2", "openai-3"] * 2, "nothing is cached of a first short request"
    home = {await asked.id(asked.call({**CHAT_REQUEST, "messages": TALK})) for _ in range(5)}
    assert home == {"openai-3"}, "where its first request was served last"
    call = asked.call({**CHAT_REQUEST, "messages": TALK})
    call.tried.add("openai-3")  # it failed there
    other = await asked.id(call)
    assert {await asked.id(asked.call({**CHAT_REQUEST, "messages": TALK})) for _ in range(3)} == {other}


async def test_a_session_has_one_place_a_provider() -> None:
    asked = Asked()
    assert len({await asked.id(asked.call(session_id="s")) for _ in range(5)}) == 1
    home = await asked.id(asked.call(session_id="another"))
    assert home != await asked.id(asked.call(session_id="s"))


async def test_without_affinity_no_session_has_a_place() -> None:
    asked = Asked(CONFIG.replace("load-balance: {", "load-balance: {affinity: false, "))
    assert len({await asked.id(asked.call(session_id="s")) for _ in range(3)}) == 3


async def test_after_the_models_own_credentials_another_model_is_asked_in_its_format() -> None:
    asked = Asked()
    await asked.all_fail("limited", hint=60)
    await asked.all_fail("limited", model="gpt-other", hint=60)
    call = asked.call()
    assert asked.choice.possible(call)
    assert await asked.id(call) == "anthropic-1"
    assert (call.model, call.upstream.name, call.answer_format.NAME) == ("claude-test", "anthropic", "anthropic")
    assert call.prepared and call.prepared.model == "claude-test"
    assert not asked.choice.possible(call)


async def test_a_model_that_cant_be_told_the_request_is_passed_over() -> None:
    asked = Asked(CONFIG.replace("[gpt-other, claude-test]", "[claude-test, unknown-model, gpt-other]"))
    await asked.all_fail("limited", hint=60)
    call = asked.call({**CHAT_REQUEST, "n": 2})
    assert (await asked.id(call), call.model) == ("openai-1", "gpt-other")


async def test_an_alias_finds_the_fallbacks_of_its_model() -> None:
    asked = Asked()
    call = asked.call({**CHAT_REQUEST, "model": "fast"})
    assert (call.model, call.alias, call.fallbacks) == ("gpt-test", "fast", ["gpt-other", "claude-test"])


async def test_when_all_rest_it_is_said_which_and_why_for_every_model() -> None:
    asked = Asked(CONFIG.replace("[gpt-other, claude-test]", "[claude-test]"))
    await asked.all_fail("limited", status=429, hint=60)
    await asked.all_fail("payment", "anthropic", "claude-test", status=402, hint=30)
    error = await asked.refusal(asked.call())
    assert (error.status, error.retry_after) == (429, 30)
    assert "openai-2 for 60 s (its rate limit is reached (429))" in error.message
    assert "All credentials of anthropic for claude-test rest: anthropic-1 for 30 s" in error.message


async def test_a_short_rest_of_the_provider_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    asked = Asked(ALONE)
    await asked.all_fail("failing")
    now, sleep = module.time.time(), asyncio.sleep

    async def slept(seconds: float) -> None:
        waited.append(seconds)
        monkeypatch.setattr(module.time, "time", lambda: now + seconds)
        await sleep(0)

    monkeypatch.setattr(module.asyncio, "sleep", slept)
    call = asked.call()
    assert asked.choice.possible(call)
    assert await asked.id(call) == "openai-1"
    assert len(waited) == 1 and 0.5 < waited[0] <= 1.02


@pytest.mark.parametrize("kind, hint", [("limited", 1.0), ("failing", 30.0)])
async def test_a_limit_or_a_long_rest_is_not_waited_for(kind: Kind, hint: float) -> None:
    asked = Asked(ALONE)
    await asked.all_fail(kind, hint=hint)
    assert math.isclose((await asked.refusal(asked.call())).retry_after or 0, hint, abs_tol=0.1)


async def test_attempts_are_bounded_in_number_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    call = asked.call()
    assert asked.choice.possible(call)
    call.attempts += [AttemptRecord("x", "openai", 500, 0.1)] * ATTEMPTS
    assert not asked.choice.possible(call)
    late = asked.call()
    monkeypatch.setattr(module.time, "time", lambda: late.began + asked.choice.last_start)
    assert not asked.choice.possible(late)


async def test_why_nobody_may_at_all() -> None:
    asked = Asked(ALONE)
    asked.pool.accounts()[0].disabled = True
    await asked.shared.disable(asked.pool.accounts()[0].credential, True)
    assert (await asked.refusal(asked.call())).message == "All credentials of openai are disabled."
    asked.pool.replace([Credential("a", "openai", "sk-test", models=("gpt-5",))])
    assert "may serve the model 'gpt-test'" in (await asked.refusal(asked.call())).message
    asked.pool.replace([])
    assert (await asked.refusal(asked.call())).message == "No credential is configured for openai."


async def test_a_long_list_is_cut() -> None:
    asked = Asked()
    many = [(f"k{n}", Rest(0.0, 10.0, "limited", 429)) for n in range(50)]
    text = resting(asked.call(), many, 0.0)
    assert text.count("rate limit") == SHOWN and text.endswith(f", and {50 - SHOWN} more.")


async def test_a_request_is_prepared_for_the_account_that_was_chosen() -> None:
    asked = Asked(CONFIG)
    call = asked.call({**MESSAGES_REQUEST, "model": "gpt-test"}, PATHS["anthropic"])
    assert await asked.id(call) == "openai-1"
    assert call.prepared and call.answer_format.NAME == "openai_chat"


# -- what one credential alone can answer -----------------------------------------------------


def pinned(asked: Asked, to: str) -> Exchange:
    body = {"model": "gpt-test", "input": "Hi", "previous_response_id": "resp_1"}
    call = asked.call(body, PATHS["openai_responses"])
    call.pinned = to
    return call


async def test_what_a_credential_holds_is_asked_of_it_alone() -> None:
    asked = Asked()
    assert {await asked.id(pinned(asked, "openai-2")) for _ in range(4)} == {"openai-2"}
    call = pinned(asked, "openai-2")
    call.tried.add("openai-2")
    assert not asked.choice.possible(call), "no other model has it either"


async def test_while_that_credential_rests_the_client_hears_until_when() -> None:
    asked = Asked()
    await asked.all_fail("limited", hint=60)
    error = await asked.refusal(pinned(asked, "openai-2"))
    assert (error.status, error.retry_after) == (429, 60)
    assert "openai-2 for 60 s" in error.message and "openai-1" not in error.message
    await asked.answers("openai-1")
    assert round(asked.choice.soonest(pinned(asked, "openai-2")) or 0) == 60
    assert asked.choice.soonest(pinned(asked, "openai-1")) is None


async def test_when_that_credential_is_gone_the_client_is_told_what_to_do() -> None:
    asked = Asked()
    error = await asked.refusal(pinned(asked, "openai-9"))
    assert (error.status, error.code) == (400, "previous_response_not_found")
    assert "'openai-9' alone, which is not available. Send the whole conversation." in error.message


async def test_of_a_thread_the_client_is_told_in_its_own_words() -> None:
    call = Asked().call({**MESSAGES_REQUEST, "thread": {"type": "continue"}}, PATHS["anthropic"])
    call.pinned = "anthropic-9"
    assert owner_gone(call).code == "thread_not_found"


async def test_of_what_is_no_conversation_none_is_asked_for() -> None:
    call = Asked().call(MESSAGES_REQUEST, PATHS["anthropic"])
    call.pinned = "anthropic-9"
    assert (owner_gone(call).status, owner_gone(call).code) == (503, "")


async def test_where_a_conversation_goes_on_is_noted() -> None:
    asked = Asked()
    body = {**CHAT_REQUEST, "messages": TALK, "prompt_cache_key": "k1"}
    first, second = asked.call(body), asked.call(body)
    at = await asked.id(first)
    assert first.notes["affinity"] == f"a conversation that is new here; it stays with {at}"
    assert await asked.id(second) == at
    assert second.notes["affinity"] == "where the conversation was before"
    assert placed("openai-1", "openai-2") == "was at openai-1, which can't serve it now"


async def test_a_model_that_is_fallen_back_to_says_from_which() -> None:
    asked = Asked()
    call = asked.call()
    call.tried |= {"openai-1", "openai-2", "openai-3"}
    await asked.id(call)
    assert (call.model, call.notes["route"]) == ("gpt-other", "a fallback from gpt-test")
