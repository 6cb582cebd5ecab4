"""Counting: once an exchange, bounded, kept in the store."""

from __future__ import annotations

import pytest
from endings import call, told

from cliproxy.addons.state.shared import Shared
from cliproxy.addons.usage import counts
from cliproxy.addons.usage.ledger import Ledger
from cliproxy.addons.usage.report import Question, counters, rows
from cliproxy.addons.usage.usage import Flusher, Usage


async def counted(shared: Shared, by: str = "model") -> list[dict[str, object]]:
    return rows(await counters(shared.store, Question(by), told().began), by)


async def test_an_exchange_is_counted_and_kept() -> None:
    shared = Shared()
    ledger = Ledger(shared)
    usage = Usage(shared, ledger)
    usage.ended(told(), call())
    usage.ended(told(status=500, failed=True, usage=None), call())
    await ledger.flush()
    found = await counted(shared)
    assert len(found) == 1
    assert (found[0]["requests"], found[0]["failures"], found[0]["input"]) == (2, 1, 1000)
    assert float(str(found[0]["cost_usd"])) > 0
    assert await shared.store.scan("metrics", "duration|") == {"duration|openai": {"4": 2, "seconds": 4}}


async def test_the_names_that_clients_make_up_are_bounded_beyond_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MODELS", 3)
    shared = Shared()
    for _ in range(2):
        ledger = Ledger(shared)
        usage = Usage(shared, ledger)
        await usage.prepare()
        for number in range(10):
            usage.ended(told(model=f"gpt-{number}" + "x" * 1000), call())
        await ledger.flush()
    found = await counted(shared)
    assert len(found) == 4 and found[0]["model"] == "(other)" and found[0]["requests"] == 14
    assert all(len(str(row["model"])) <= counts.LONGEST for row in found)


async def test_the_fields_that_clients_make_up_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "LOSSES", 3)
    shared = Shared()
    for _ in range(2):
        ledger = Ledger(shared)
        usage = Usage(shared, ledger)
        await usage.prepare()
        for number in range(10):
            usage.ended(told(lost=(f"anthropic:{number}", "anthropic:more")), call())
        await ledger.flush()
    (fields,) = (await shared.store.scan(counts.TABLE, "all|")).values()
    assert {name for name in fields if name.startswith(counts.LOST)} == {
        "lost.anthropic:0", "lost.anthropic:1", "lost.anthropic:more", "lost.(other)",
    }  # fmt: skip


async def test_one_that_fails_does_not_keep_the_others_from_being_kept(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def flush(self) -> None:
            raise RuntimeError("a defect")

    shared = Shared()
    ledger = Ledger(shared)
    ledger.add("usage", "a", {"n": 1})
    await Flusher([Broken(), ledger]).done()
    assert await shared.store.scan("usage") == {"a": {"n": 1}}
    assert "a defect" in caplog.text
