"""Providers' lists, as they truly are."""

from __future__ import annotations

from typing import Any

import pytest
from recordings import needed, records

from cliproxy.addons.model_info import ModelInfo, parse
from cliproxy.translators.wire import loads


def one(each: Any) -> ModelInfo:
    (model,), _ = parse("p", {"data": [each]})
    return model


@pytest.mark.parametrize(
    "said, context, output",
    [
        ({"context_window": 131072, "max_completion_tokens": 8192}, 131072, 8192),
        ({"context_length": 400000, "top_provider": {"context_length": 300000, "max_completion_tokens": 9}}, 400000, 9),
        ({"max_model_len": 8192}, 8192, None),
        ({"max_context_length": 131072}, 131072, None),
        ({"max_input_tokens": 200000, "max_tokens": 64000}, 200000, 64000),
        ({"inputTokenLimit": 1048576, "outputTokenLimit": 65536}, 1048576, 65536),
        ({"meta": {"n_ctx": 4096}}, 4096, None),
        ({"context_window": "large", "context_length": 0, "meta": None}, None, None),
        ({}, None, None),
    ],
)
def test_limits_wherever_a_list_says_them(said: Any, context: int | None, output: int | None) -> None:
    found = one({"id": "m", **said})
    assert (found.context, found.output) == (context, output)


def test_googles_names_and_methods() -> None:
    (model,), after = parse(
        "gemini",
        {"models": [{"name": "models/g", "displayName": "G", "supportedGenerationMethods": ["embedContent"]}],
         "nextPageToken": "t"},
    )  # fmt: skip
    assert (model.id, model.name, model.methods, after) == ("g", "G", ("embedContent",), "t")


def test_pages_of_anthropic() -> None:
    assert parse("a", {"data": [], "has_more": True, "last_id": "x"})[1] == "x"
    assert parse("a", {"data": [], "has_more": False, "last_id": "x"})[1] == ""


@pytest.mark.parametrize("body", [None, [], {}, {"data": {}}, {"models": "x"}])
def test_what_is_no_list(body: Any) -> None:
    with pytest.raises(ValueError):
        parse("p", body)


def test_what_has_no_name_is_left_out() -> None:
    assert parse("p", {"data": [{}, {"id": 5}, "x", {"id": "m"}]})[0] == [ModelInfo("m", "p")]


@needed
def test_recorded_lists_are_read() -> None:
    lists = [r for r in records("models-list") if r["status"] == 200 and r["op"] == "list"]
    read = 0
    for record in lists:
        body = loads(record["response_body"])
        if isinstance(body, dict) and isinstance(body.get("data", body.get("models")), list):
            read += bool(parse(record["provider"], body)[0])
    assert read
