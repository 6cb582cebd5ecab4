"""What a client key may use: its models, its rate, its quota; told before any provider is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from endings import told
from exchanges import PATHS, applied, begun, error_of, flow
from mitmproxy import http
from scripted import provider, whole

from cliproxy.addons import exchange
from cliproxy.addons.limits.client_limits import ClientLimits, LimitHeaders, until_midnight
from cliproxy.addons.redact import Redactor
from cliproxy.addons.settings import Webhook
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.webhooks import Webhooks
from cliproxy.translators import ir

CONFIG = """
auth:
  api-keys:
  - {key: sk-test-one, name: tester, models: [gpt-test], quota: 1000, rate-limit: {requests-per-minute: 2, burst: 2}}
  - {key: sk-test-two, name: free}
openai: {api-key: sk-test-openai, models: [gpt-test, gpt-other]}
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
"""
GLOBAL = "rate-limit: {enabled: true, requests-per-minute: 1, burst: 1, tokens-per-minute: 10}\n" + CONFIG


def limits(config: str = CONFIG, shared: Shared | None = None, webhooks: Webhooks | None = None) -> ClientLimits:
    made = ClientLimits(shared or Shared(), webhooks or Webhooks())
    made.use(applied(config))
    return made


async def ask(one: ClientLimits, model: str = "gpt-test", client: str = "tester", format: str = "openai_chat") -> Any:
    asked = flow(
        path=PATHS[format], body={"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}
    )
    begun(asked, CONFIG).client = client
    await one.request(asked)
    if not asked.response:
        asked.response = http.Response.make(200)
    LimitHeaders(one).responseheaders(asked)
    return asked


async def test_a_key_for_some_models_is_for_no_other() -> None:
    refused = (await ask(limits(), "gpt-other")).response
    assert refused.status_code == 403
    assert error_of(refused)["message"] == "This key is not for the model 'gpt-other'; it is for: gpt-test."
    refused = (await ask(limits(), "claude-test", format="anthropic")).response
    assert (refused.status_code, error_of(refused)["type"]) == (403, "permission_error")
    assert (await ask(limits(), "gpt-other", "free")).response.status_code == 200


async def test_the_rate_of_a_key() -> None:
    one = limits()
    answers = [(await ask(one)).response for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] in ("29", "30")
    assert "2 requests a minute" in error_of(answers[2])["message"]
    assert (await ask(one, client="free")).response.status_code == 200


async def test_gateways_that_share_a_store_share_the_rate() -> None:
    shared = Shared()
    answers = [(await ask(limits(shared=shared))).response.status_code for _ in range(3)]
    assert answers == [200, 200, 429]


async def test_the_rate_of_all_is_for_each_key_by_itself() -> None:
    one = limits(GLOBAL)
    assert [(await ask(one, client="free")).response.status_code for _ in range(2)] == [200, 429]
    assert (await ask(one, client="anyone")).response.status_code == 200


async def test_tokens_a_minute() -> None:
    one = limits(GLOBAL.replace("burst: 1,", "burst: 50,"))
    assert (await ask(one, client="free")).response.headers["x-ratelimit-remaining-tokens"] == "10"
    one.ended(told(client="free", usage=ir.Usage(input=600, output=10)), exchange.of(flow()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    refused = (await ask(one, client="free")).response
    assert refused.status_code == 429 and "10 tokens a minute" in error_of(refused)["message"]
    assert int(refused.headers["retry-after"]) > 3000


async def test_a_quota_is_of_a_day_and_is_told_of_once() -> None:
    with provider(whole({})) as listener:
        webhooks = Webhooks()
        webhooks.listen([Webhook(listener.url)], Redactor())
        one = limits(CONFIG.replace("burst: 2", "burst: 9"), webhooks=webhooks)
        one.ended(told(client="tester", usage=ir.Usage(input=900, output=99)), exchange.of(flow()))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert (await ask(one)).response.status_code == 200
        one.ended(told(client="tester", usage=ir.Usage(output=1)), exchange.of(flow()))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        for _ in range(3):
            refused = (await ask(one)).response
            assert refused.status_code == 429 and "1,000 tokens of today" in error_of(refused)["message"]
            assert 0 < int(refused.headers["retry-after"]) <= 86_400
        await webhooks.done()
        assert [seen.json["type"] for seen in listener.seen] == ["quota.exceeded"]
        assert listener.seen[0].json["data"] == {"client": "tester", "quota": 1000, "used": 1000}


async def test_without_limits_nothing_is_written_down() -> None:
    shared = Shared()
    answer = await ask(limits(shared=shared), client="free")
    assert not [name for name in answer.response.headers if "ratelimit" in name]
    assert await shared.store.scan("limits") == {}


@pytest.mark.parametrize("now, seconds", [(0.0, 86_400.0), (86_399.0, 1.0), (86_400.0, 86_400.0)])
def test_midnight(now: float, seconds: float) -> None:
    assert until_midnight(now) == seconds
