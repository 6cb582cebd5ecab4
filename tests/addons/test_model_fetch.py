"""Providers' lists, asked for with the pool's credentials, kept, and their failures."""

from __future__ import annotations

import asyncio
import time

import pytest
from exchanges import applied
from scripted import provider, whole

from cliproxy.addons import model_fetch
from cliproxy.addons.model_fetch import AGAIN, FRESH, Fetched, ModelLists


def lists(config: str) -> ModelLists:
    made, now = ModelLists(), applied(config)
    made.use(now.settings, now.routes)
    return made


def refreshed(made: ModelLists) -> dict[str, list[str]]:
    asyncio.run(made.refresh(made.due(time.time())))
    return {name: [model.id for model in models] for name, models in made.known().items()}


def test_each_format_is_asked_in_its_way_with_its_own_key() -> None:
    with provider(whole({"data": [{"id": "m"}]})) as up:
        config = f"""
openai: {{api-key: sk-test-o, base-url: "{up.url}/v1"}}
anthropic: {{api-key: sk-test-a, base-url: "{up.url}"}}
gemini: {{api-key: sk-test-g, base-url: "{up.url}"}}
custom-providers: {{mine: {{base-url: "{up.url}/mine/v1", headers: {{x-team: blue}}}}}}
"""
        found = refreshed(lists(config))
        seen = {one.path: one.headers for one in up.seen}
    assert found == {"openai": ["m"], "anthropic": ["m"], "gemini": ["m"], "mine": ["m"]}
    assert seen["/v1/models"]["authorization"] == "Bearer sk-test-o"
    assert seen["/v1/models?limit=1000"]["x-api-key"] == "sk-test-a"
    assert seen["/v1/models?limit=1000"]["anthropic-version"]
    assert seen["/v1beta/models?pageSize=1000"]["x-goog-api-key"] == "sk-test-g"
    assert "authorization" not in seen["/mine/v1/models"] and seen["/mine/v1/models"]["x-team"] == "blue"


def test_all_pages() -> None:
    pages = whole({"models": [{"name": "models/a"}], "nextPageToken": "t"}), whole({"models": [{"name": "models/b"}]})
    with provider(*pages) as up:
        found = refreshed(lists(f"gemini: {{api-key: sk-test-g, base-url: '{up.url}'}}"))
        assert [one.path for one in up.seen][1] == "/v1beta/models?pageSize=1000&pageToken=t"
    assert found == {"gemini": ["a", "b"]}


def test_the_next_credential_is_tried() -> None:
    with provider(whole({}, 401), whole({"data": [{"id": "m"}]})) as up:
        config = f"""
openai: {{api-key: sk-test-1, base-url: "{up.url}"}}
load-balance: {{credentials: {{openai: [{{key: sk-test-2}}]}}}}
"""
        assert refreshed(lists(config)) == {"openai": ["m"]}
        assert [one.headers["authorization"] for one in up.seen] == ["Bearer sk-test-1", "Bearer sk-test-2"]


@pytest.mark.parametrize("answer", [whole({}, 500), whole(b"<html>"), whole([])])
def test_a_provider_without_a_list_is_not_asked_again_at_once(answer: object) -> None:
    with provider(answer) as up:  # type: ignore[arg-type]
        made = lists(f"openai: {{api-key: sk-test-o, base-url: '{up.url}'}}")
        assert refreshed(made) == {}
        assert made.due(time.time()) == []
        assert [one.name for one in made.due(time.time() + AGAIN + 1)] == ["openai"]


def test_a_list_that_cant_be_had_anew_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(whole({"data": [{"id": "m"}]}), whole({}, 500)) as up:
        made = lists(f"openai: {{api-key: sk-test-o, base-url: '{up.url}'}}")
        refreshed(made)
        monkeypatch.setattr(model_fetch, "FRESH", -1.0)
        assert refreshed(made) == {"openai": ["m"]}
        assert len(up.seen) == 2


def test_who_is_not_asked() -> None:
    made = lists("""
openai: {api-key: sk-test-o, models: [gpt-test]}
vertex: {api-key: sk-test-v}
gemini: {api-key: sk-test-g, replay: "/nowhere"}
load-balance: {credentials: {anthropic: [{key: sk-test-a, models: [claude-test]}]}}
""")
    assert [one.name for one in made.due(time.time())] == ["vertex"]
    assert refreshed(made) == {}, "Vertex AI has no such list, and nothing was sent"


def test_when_a_list_is_due() -> None:
    assert not Fetched((), 100.0).due(100 + FRESH) and Fetched((), 100.0).due(101 + FRESH)
    assert not Fetched(None, 100.0).due(100 + AGAIN) and Fetched(None, 100.0).due(101 + AGAIN)
