"""Who hears of what became of an attempt."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import pytest

from cliproxy.addons.accounts.pool import Credential, Pool
from cliproxy.addons.accounts.shared_pool import SharedPool
from cliproxy.addons.outcomes import Outcomes
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.webhooks import Webhooks
from cliproxy.translators import ir

A, B = (Credential(id, "openai", "sk-test-secret", quota=100) for id in "ab")
BUSY = ir.Error(429, "org-secret-name is busy", retry_after=60)


class Told(Webhooks):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[str, dict[str, Any]]] = []

    def tell(self, event: str, data: Mapping[str, object], content: Mapping[str, object] | None = None) -> None:
        self.events.append((event, dict(data)))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def outcomes(told: Told) -> Outcomes:
    pool = Pool((A, B))
    return Outcomes(pool, SharedPool(Shared(), pool), told)


async def test_a_rest_is_told_once_with_its_scope_reason_and_end(
    outcomes: Outcomes, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(5):
        await outcomes.failed(A, "m", "limited", BUSY)
    ((event, data),) = told.events
    until = data.pop("until")
    assert event == "account.resting"
    assert data == {
        "account": "a",
        "provider": "openai",
        "model": "m",
        "scope": "model",
        "reason": "its rate limit is reached (429)",
    }
    assert until.endswith("+00:00")
    (line,) = caplog.messages
    assert line.startswith("a rests for 60 s") and line.endswith("its rate limit is reached (429)")
    assert "org-secret-name" not in line + repr(told.events), "what the provider says is not ours to tell"


async def test_a_provider_that_rests_as_a_whole_is_told_as_such(outcomes: Outcomes, told: Told) -> None:
    for one in (A, B):
        await outcomes.failed(one, "m", "failing", ir.Error(503, "x"))
    assert [(data["account"], data["scope"]) for _, data in told.events] == [
        ("a", "model"),
        ("b", "model"),
        (None, "provider"),
    ]


async def test_a_rest_after_a_success_is_told_again(outcomes: Outcomes, told: Told) -> None:
    await outcomes.failed(A, "m", "limited", BUSY)
    await outcomes.answered(A, "m", time.time())
    await outcomes.failed(A, "m", "limited", BUSY)
    assert len(told.events) == 2


async def test_a_request_fault_is_told_to_nobody(outcomes: Outcomes, told: Told) -> None:
    await outcomes.failed(A, "m", "request", ir.Error(400, "x"))
    assert told.events == []


@pytest.mark.parametrize(
    "usages, crossed",
    [
        ([ir.Usage(input=60, output=39)], False),
        ([ir.Usage(input=60, output=40)], True),
        ([ir.Usage(input=60), ir.Usage(output=60), ir.Usage(output=60)], True),
        ([None, ir.Usage()], False),
    ],
)
async def test_a_quota_is_told_when_it_is_reached(
    outcomes: Outcomes, told: Told, usages: list[ir.Usage | None], crossed: bool
) -> None:
    for usage in usages:
        await outcomes.used(A, usage)
    assert [event for event, _ in told.events] == ["quota.exceeded"] * crossed
    assert not crossed or told.events[0][1]["quota"] == 100
