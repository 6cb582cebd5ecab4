"""Lists of models in each client's shape, and page by page."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons.model_info import ModelInfo
from cliproxy.addons.model_shapes import (
    EPOCH,
    anthropic_list,
    anthropic_model,
    gemini_list,
    gemini_model,
    openai_list,
    openai_model,
)
from cliproxy.addons.requests import Refused

KNOWN = ModelInfo("g", "gemini", 1000, 100, "Gee", "2026-01-01T00:00:00Z", ("generateContent",))
BARE = ModelInfo("x", "mine")
MANY = [ModelInfo(name, "mine") for name in "abcde"]


def test_limits_in_each_clients_words() -> None:
    assert openai_model(KNOWN) == {
        "id": "g", "object": "model", "created": 1767225600, "owned_by": "google", "context_window": 1000,
        "context_length": 1000, "max_output_tokens": 100,
    }  # fmt: skip
    assert anthropic_model(KNOWN) == {
        "type": "model", "id": "g", "display_name": "Gee", "created_at": "2026-01-01T00:00:00Z",
        "max_input_tokens": 1000, "max_tokens": 100,
    }  # fmt: skip
    assert gemini_model(KNOWN) == {
        "name": "models/g", "displayName": "Gee", "inputTokenLimit": 1000, "outputTokenLimit": 100,
        "supportedGenerationMethods": ["generateContent"],
    }  # fmt: skip


def test_what_nobody_knows_is_not_said() -> None:
    assert openai_model(BARE) == {"id": "x", "object": "model", "created": 0, "owned_by": "mine"}
    assert anthropic_model(BARE) == {"type": "model", "id": "x", "display_name": "x", "created_at": EPOCH}
    assert anthropic_model(ModelInfo("x", "m", created=1767225600))["created_at"] == "2026-01-01T00:00:00Z"
    assert openai_model(ModelInfo("x", "m", created="soon"))["created"] == 0


@pytest.mark.parametrize(
    "query, ids, more",
    [
        ({}, "abcde", False),
        ({"limit": "2"}, "ab", True),
        ({"limit": "2", "after_id": "b"}, "cd", True),
        ({"limit": "2", "after_id": "d"}, "e", False),
        ({"after_id": "e"}, "", False),
        ({"limit": "2", "before_id": "d"}, "bc", True),
        ({"limit": "3", "before_id": "d"}, "abc", False),
        ({"limit": "1000"}, "abcde", False),
    ],
)
def test_anthropics_pages(query: dict[str, str], ids: str, more: bool) -> None:
    page = anthropic_list(MANY, query)
    assert ("".join(each["id"] for each in page["data"]), page["has_more"]) == (ids, more)
    assert (page["first_id"], page["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))


def test_geminis_pages() -> None:
    seen, query = [], {"pageSize": "2"}
    for _ in range(3):
        page = gemini_list(MANY, query)
        seen.append("".join(each["name"].removeprefix("models/") for each in page["models"]))
        query = {"pageSize": "2", "pageToken": page.get("nextPageToken", "")}
    assert seen == ["ab", "cd", "e"] and query["pageToken"] == ""
    assert "nextPageToken" not in gemini_list(MANY, {})


@pytest.mark.parametrize(
    "shape, query, param",
    [
        (anthropic_list, {"limit": "many"}, "limit"),
        (anthropic_list, {"limit": "1001"}, "limit"),
        (anthropic_list, {"after_id": "nobody"}, "after_id"),
        (anthropic_list, {"before_id": "nobody"}, "before_id"),
        (gemini_list, {"pageSize": "-1"}, "pageSize"),
        (gemini_list, {"pageToken": "nobody"}, "pageToken"),
    ],
)
def test_a_page_that_cant_be(shape: Any, query: dict[str, str], param: str) -> None:
    with pytest.raises(Refused) as refused:
        shape(MANY, query)
    assert (refused.value.error.status, refused.value.error.param) == (400, param)


def test_codex_keeps_its_own_list() -> None:
    assert openai_list(MANY, {"client_version": "0.169.0"}) == {"models": []}
