"""Attempts: who is asked, with what, and what becomes of a failure."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from exchanges import CONFIG, PATHS, applied, begun, error_of, flow
from mitmproxy import http
from wires import CHAT_REQUEST, CONTENTS_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import choice, exchange
from cliproxy.addons.accounts.fresh import Accounts, Keys
from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.accounts.views import views
from cliproxy.addons.attempts import Attempt, Failure
from cliproxy.addons.dispatch import Dispatch
from cliproxy.addons.exchange import Exchange, Recording
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.translation import Translation
from cliproxy.addons.webhooks import Webhooks
from cliproxy.translators import ir
from cliproxy.translators.collect import Collector

TWO = """
openai: {models: [gpt-test]}
load-balance:
  strategy: fill-first
  credentials: {openai: [{key: sk-test-1}, {key: sk-test-2}]}
"""
CUSTOM = "custom-providers: {local: {base-url: 'http://127.0.0.1:9/v1', api-key: sk-test-1, models: [gpt-test]}}"
ONE = "openai: {api-key: sk-test-1, models: [gpt-test]}"
CLIENT = {"authorization": "Bearer sk-test-client", "x-trace": "t"}


def dispatch(config: str = TWO, accounts: Accounts | None = None) -> Dispatch:
    made = Dispatch(Shared(), Webhooks(), accounts)
    made.use(applied(config))
    return made


async def started(
    config: str = TWO, path: str = PATHS["openai_chat"], body: Any = CHAT_REQUEST, accounts: Accounts | None = None
) -> tuple[Dispatch, Attempt, Exchange]:
    """A dispatcher whose first attempt is under way."""
    one, made = flow("POST", path, body, CLIENT), dispatch(config, accounts)
    call = begun(one, config)
    Translation().request(one)
    attempt = Attempt(one)
    await made.upstream_attempt(attempt)
    return made, attempt, call


async def failed(
    made: Dispatch, one: Attempt, failure: Failure, status: int = 0, body: Any = None, **more: Any
) -> Attempt:
    headers = {"content-type": "application/json", **more.pop("headers", {})}
    attempt = Attempt(one.flow, failure, "why", **more)
    if failure == "status":
        one.flow.response = http.Response.make(status, json.dumps(body or {}), headers)
    await made.upstream_failed(attempt)
    return attempt


async def again(made: Dispatch, one: Attempt) -> Attempt:
    one.flow.response = None
    attempt = Attempt(one.flow)
    await made.upstream_attempt(attempt)
    return attempt


def resting(made: Dispatch) -> dict[str, list[str]]:
    now = time.time()
    return {view.id: [rest.reason for rest in view.resting] for view in views(made.pool, now) if view.resting}


# -- an attempt begins --------------------------------------------------------------------


async def test_an_attempt_is_aimed_with_the_credentials_key_and_the_clients_own_bytes() -> None:
    body = b'{ "model":"gpt-test", "messages":[] , "x":1.0}'
    made, attempt, call = await started(path=f"{PATHS['openai_chat']}?a=%20b&key=sk-test-client", body=body)
    request = attempt.flow.request
    assert (attempt.go, attempt.stream, attempt.flow.response) == (True, False, None)
    assert request.url == "https://api.openai.com/v1/chat/completions?a=%20b"
    assert request.raw_content == body
    assert (request.headers["authorization"], request.headers["x-trace"]) == ("[openai-1]", "t")
    assert attempt.secret_headers == (("authorization", "Bearer sk-test-1"),)
    assert "sk-test-client" not in str(request.headers) + request.path
    assert (made.pool.in_flight("openai-1"), call.tried) == (1, {"openai-1"})


async def test_a_translated_request_is_our_own() -> None:
    _, attempt, _ = await started(CONFIG, PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True})
    request = attempt.flow.request
    assert request.url == "https://api.openai.com/v1/chat/completions"
    assert json.loads(request.content or b"")["messages"] == [{"role": "user", "content": "Hi"}]
    assert (request.headers["accept"], attempt.stream) == ("text/event-stream", True)
    assert "x-trace" not in request.headers


@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent"])
async def test_a_gemini_stream_stays_one(verb: str) -> None:
    _, attempt, _ = await started(CONFIG, f"/v1/models/gemini-test:{verb}", CONTENTS_REQUEST)
    assert attempt.flow.request.path == f"/v1/models/gemini-test:{verb}"


async def test_a_second_attempt_has_the_next_key_and_nothing_of_the_first() -> None:
    made, attempt, call = await started()
    assert (await failed(made, attempt, "status", 429)).go
    second = await again(made, attempt)
    assert second.go
    assert second.flow.request.headers.get_all("authorization") == ["[openai-2]"]
    assert second.secret_headers == (("authorization", "Bearer sk-test-2"),)
    assert [record.credential for record in call.attempts] == ["openai-1"]


async def test_what_is_sent_is_what_is_recorded() -> None:
    one, made = flow(body=CHAT_REQUEST), dispatch()
    call = begun(one, TWO)
    call.recording = Recording()
    await made.upstream_attempt(Attempt(one))
    (sent,) = call.recording.attempts
    assert (sent.request.url, sent.credential) == (one.request.url, "openai-1")
    assert sent.request is not one.request


async def test_without_a_credential_nobody_is_asked() -> None:
    made, attempt, call = await started(CUSTOM)
    assert attempt.go
    made.pool.replace(())
    call.tried.clear()
    none = await again(made, attempt)
    assert not none.go and call.answered_here
    assert none.flow.response and none.flow.response.status_code == 503
    assert error_of(none.flow.response)["message"] == "No credential is configured for local."


@pytest.mark.parametrize("case", ["no exchange", "revoked", "answered"])
async def test_what_must_not_go_out_does_not(case: str) -> None:
    one, made = flow(body=CHAT_REQUEST), dispatch()
    if case != "no exchange":
        call = begun(one, TWO)
        call.revoked = case == "revoked"
    if case == "answered":
        one.response = http.Response.make(400)
    attempt = Attempt(one)
    await made.upstream_attempt(attempt)
    assert (attempt.go, one.request.host, made.pool.in_flight("openai-1")) == (False, "127.0.0.1", 0)
    assert "authorization" not in one.request.headers


# -- an attempt fails ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504, 529])
async def test_another_credential_is_asked_for_what_another_may_not_meet(status: int) -> None:
    made, attempt, call = await started()
    assert (await failed(made, attempt, "status", status)).go
    assert [str(record).partition(" after")[0] for record in call.attempts] == [f"openai-1: {status}"]
    assert made.pool.in_flight("openai-1") == 0
    assert list(resting(made)) == ["openai-1"]


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 422, 424])
async def test_the_requests_own_fault_is_nobody_elses(status: int) -> None:
    made, attempt, call = await started()
    assert not (await failed(made, attempt, "status", status)).go
    assert not call.answered_here
    assert resting(made) == {}


async def test_googles_400_for_an_unknown_key_is_the_credentials_fault() -> None:
    config = "load-balance: {credentials: {gemini: [{key: sk-test-1}, {key: sk-test-2}]}}"
    made, attempt, _ = await started(config, PATHS["gemini"], CONTENTS_REQUEST)
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    body = {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [detail]}}
    assert (await failed(made, attempt, "status", 400, body)).go


@pytest.mark.parametrize("failure, status", [("connect", 502), ("dropped", 502), ("timeout", 504), ("stream", 502)])
async def test_when_nobody_is_left_the_client_hears_what_happened(failure: Failure, status: int) -> None:
    made, attempt, call = await started(ONE)
    assert not (await failed(made, attempt, failure)).go
    assert attempt.flow.response and attempt.flow.response.status_code == status
    assert error_of(attempt.flow.response)["message"] == f"openai did not answer ({failure}): why"
    (record,) = call.attempts
    assert (record.status, record.failure) == (0, f"{failure} (why)")


async def test_the_providers_own_last_error_is_left_to_translation() -> None:
    made, attempt, call = await started(ONE)
    await failed(made, attempt, "status", 500, {"error": {"message": "boom"}})
    assert attempt.flow.response and attempt.flow.response.status_code == 500
    assert not call.answered_here


async def test_an_error_in_place_of_a_stream_keeps_its_words_and_status() -> None:
    made, attempt, call = await started(ONE)
    call.collected = Collector()
    call.collected.feed(ir.Error(429, "busy", retry_after=7.0))
    await failed(made, attempt, "stream")
    response = attempt.flow.response
    assert response and (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert error_of(response)["message"] == "busy"


async def test_after_the_first_byte_there_is_no_other_attempt_and_the_stream_says_why() -> None:
    made, attempt, call = await started(body={**CHAT_REQUEST, "stream": True})
    late = await failed(made, attempt, "status", 500, {"error": {"message": "boom"}}, committed=True)
    assert not late.go and call.answered_here
    assert late.late and json.loads(late.late.removeprefix(b"data: "))["error"]["message"] == "boom"


async def test_after_the_first_byte_a_whole_answer_is_cut_off() -> None:
    made, attempt, _ = await started()
    late = await failed(made, attempt, "dropped", committed=True)
    assert (late.go, late.late) == (False, None)


@pytest.mark.parametrize("hook", ["upstream_failed", "upstream_slow"])
async def test_no_attempt_begins_when_the_client_has_given_up(hook: str, monkeypatch: Any) -> None:
    made, attempt, call = await started()
    monkeypatch.setattr(choice.time, "time", lambda: call.began + 44)
    late = Attempt(attempt.flow, "timeout", "why")
    if hook == "upstream_slow":
        made.upstream_slow(late)
    else:
        await made.upstream_failed(late)
    assert not late.go


@pytest.mark.parametrize("config, go", [(TWO, True), (ONE, False)])
async def test_a_silent_provider_is_left_only_for_another(config: str, go: bool) -> None:
    made, attempt, call = await started(config)
    slow = Attempt(attempt.flow, "timeout", "why")
    made.upstream_slow(slow)
    assert (slow.go, call.attempts, made.pool.in_flight("openai-1")) == (go, [], 1)


async def test_flows_that_are_no_exchange_are_nobodys_attempt() -> None:
    made, attempt = dispatch(), Attempt(flow(), "dropped", "why")
    await made.upstream_failed(attempt)
    made.upstream_slow(attempt)
    await made.response(attempt.flow)
    await made.error(attempt.flow)
    assert (attempt.go, attempt.flow.response, attempt.flow.metadata) == (False, None, {})


# -- an attempt ends ----------------------------------------------------------------------


async def test_an_answer_gives_the_credential_back_once() -> None:
    made, attempt, call = await started()
    attempt.flow.response = http.Response.make(200)
    await made.response(attempt.flow)
    await made.error(attempt.flow)
    assert (made.pool.in_flight("openai-1"), [record.status for record in call.attempts]) == (0, [200])


async def test_a_client_that_leaves_gives_the_credential_back_without_blame() -> None:
    made, attempt, call = await started()
    await made.error(attempt.flow)
    assert [record.status for record in call.attempts] == [499]
    assert resting(made) == {}


async def test_an_attempt_that_was_revoked_half_way_still_gives_the_credential_back() -> None:
    made, attempt, _ = await started()
    exchange.revoke(attempt.flow)
    attempt.flow.response = http.Response.make(502)
    await made.response(attempt.flow)
    assert made.pool.in_flight("openai-1") == 0


async def test_a_stream_that_broke_off_is_the_credentials_failure() -> None:
    made, attempt, call = await started(body={**CHAT_REQUEST, "stream": True})
    call.collected = Collector()
    call.collected.feed(ir.Error(529, "overloaded"))
    attempt.flow.response = http.Response.make(200)
    await made.response(attempt.flow)
    assert resting(made) == {"openai-1": ["the provider fails (529)"]}


async def test_a_success_clears_what_rested() -> None:
    made, attempt, _ = await started()
    await failed(made, attempt, "status", 500)
    await again(made, attempt)
    await made.reset("openai-2")
    attempt.flow.response = http.Response.make(200)
    made.responseheaders(attempt.flow)
    await made.response(attempt.flow)
    assert list(resting(made)) == ["openai-1"], "another's success says nothing of this one"


# -- everybody rests -----------------------------------------------------------------------


async def test_when_all_rest_the_client_hears_which_and_why_and_the_soonest_end() -> None:
    made, attempt, _ = await started()
    await failed(made, attempt, "status", 429, headers={"retry-after": "20"})
    attempt = await again(made, attempt)
    await failed(made, attempt, "status", 429, headers={"retry-after": "600"})
    assert attempt.flow.response and attempt.flow.response.headers["retry-after"] == "20", "not that of the last one"
    other = flow("POST", body=CHAT_REQUEST)
    begun(other, TWO)
    refused = Attempt(other)
    await made.upstream_attempt(refused)
    assert (refused.go, made.pool.in_flight("openai-1")) == (False, 0)
    assert other.response and other.response.status_code == 429
    assert other.response.headers["retry-after"] == "20"
    assert error_of(other.response)["message"] == (
        "All credentials of openai for gpt-test rest: openai-1 for 20 s (its rate limit is reached (429)), "
        "openai-2 for 600 s (its rate limit is reached (429))."
    )


# -- a secret that can be renewed ----------------------------------------------------------


class Renewing(Keys):
    """An account whose first secret is too old."""

    def __init__(self, works: bool = True) -> None:
        self.asked: list[str] = []
        self._works = works

    async def refreshed(self, credential: Credential) -> Credential | None:
        self.asked.append(credential.secret)
        return Credential(credential.id, credential.provider, "sk-test-renewed") if self._works else None


async def test_a_refused_secret_is_renewed_once_and_asked_with_again() -> None:
    accounts = Renewing()
    made, attempt, call = await started(accounts=accounts)
    assert (await failed(made, attempt, "status", 401)).go
    assert resting(made) == {}
    second = await again(made, attempt)
    assert second.secret_headers == (("authorization", "Bearer sk-test-renewed"),)
    assert (await failed(made, second, "status", 401)).go
    assert accounts.asked == ["sk-test-1"], "once an exchange"
    assert resting(made) == {"openai-1": ["its key is refused (401)"]}
    assert [(record.credential, record.status) for record in call.attempts] == [("openai-1", 401), ("openai-1", 401)]
    assert (await again(made, second)).secret_headers == (("authorization", "Bearer sk-test-2"),)


async def test_what_cant_be_renewed_rests_and_the_next_one_is_asked() -> None:
    made, attempt, _ = await started(accounts=Renewing(works=False))
    assert (await failed(made, attempt, "status", 401)).go
    assert list(resting(made)) == ["openai-1"]
    assert (await again(made, attempt)).secret_headers == (("authorization", "Bearer sk-test-2"),)


async def test_a_secret_is_made_fresh_before_it_is_shown() -> None:
    class Fresh(Keys):
        async def fresh(self, credential: Credential, now: float) -> Credential | None:
            return Credential(credential.id, credential.provider, "sk-test-fresh")

    _, attempt, _ = await started(accounts=Fresh())
    assert attempt.secret_headers == (("authorization", "Bearer sk-test-fresh"),)


# -- for those who look after the gateway --------------------------------------------------


async def test_credentials_are_shown_disabled_enabled_and_reset() -> None:
    made, attempt, _ = await started()
    await failed(made, attempt, "status", 402)
    first, second = await made.accounts()
    assert (first.id, first.resting[0].reason, first.failures) == ("openai-1", "it is out of credit (402)", 1)
    assert await made.reset("openai-1") and await made.disable("openai-2")
    first, second = await made.accounts()
    assert (first.resting, second.disabled) == ((), True)
    assert await made.disable("openai-2", False)
    assert not (await made.accounts())[1].disabled
    assert not await made.reset("unknown") and not await made.disable("unknown")


async def test_a_configuration_that_is_read_again_keeps_what_is_known() -> None:
    made, attempt, _ = await started()
    await failed(made, attempt, "status", 402)
    made.use(applied(TWO))
    assert list(resting(made)) == ["openai-1"]


async def test_the_soonest_end_counts_over_all_models_that_were_thought_of() -> None:
    config = TWO + "anthropic: {api-key: sk-test-a, models: [claude-test]}\nfallbacks: {gpt-test: [claude-test]}\n"
    made, now = dispatch(config), time.time()
    for account in made.pool.accounts():
        hint = 20 if account.credential.provider == "openai" else 600
        for model in ("gpt-test", "claude-test"):
            made._shared.later(made.pool.failed(account.credential, model, now, "limited", 429, hint))
    one = flow("POST", body=CHAT_REQUEST)
    begun(one, config)
    Translation().request(one)
    await made.upstream_attempt(Attempt(one))
    assert one.response and (one.response.status_code, one.response.headers["retry-after"]) == (429, "20")
