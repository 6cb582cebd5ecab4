from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir


def parsed(path: str = "/v1/messages", **body: Any) -> ir.Request:
    return anthropic.parse_request({"model": "m", "messages": [], **body}, path)


def test_settings() -> None:
    request = parsed(
        stream=True,
        max_tokens=5,
        temperature=0.5,
        top_p=0.9,
        top_k=3,
        stop_sequences=["a", "b"],
        metadata={"user_id": "u"},
        service_tier="standard_only",
    )
    assert request == ir.Request(
        "m",
        (),
        stream=True,
        max_tokens=5,
        temperature=0.5,
        top_p=0.9,
        top_k=3,
        stop=("a", "b"),
        user="u",
        service_tier="default",
    )


@pytest.mark.parametrize(
    "system, parts",
    [
        ("be brief", (ir.Text("be brief"),)),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], (ir.Text("a"), ir.Text("b"))),
        ("", None),
        ([], None),
        (None, None),
    ],
)
def test_the_system_prompt(system: Any, parts: tuple[ir.Part, ...] | None) -> None:
    """Edge 11."""
    assert parsed(system=system).messages == ((ir.Message("system", parts),) if parts else ())


def test_system_messages_between_turns_keep_their_place() -> None:
    """Claude Code's beta mid-conversation-system; ollama/ollama#17774."""
    roles = ["user", "system", "assistant", "user"]
    request = parsed(messages=[{"role": role, "content": "x"} for role in roles])
    assert [message.role for message in request.messages] == roles


@pytest.mark.parametrize("at", ["output_config", "output_format"])
def test_structured_output(at: str) -> None:
    """Edge 25; `output_format` is the beta's word."""
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    said = {"type": "json_schema", "schema": schema}
    request = parsed(**{at: {"format": said} if at == "output_config" else said})
    assert request.response_format == ir.ResponseFormat(schema)
    assert anthropic.render_request(request)["output_config"] == {"format": said}


def test_vertex_names_the_model_in_the_path() -> None:
    path = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict"
    request = anthropic.parse_request({"anthropic_version": "vertex-2023-10-16", "messages": []}, path)
    assert (request.model, request.stream) == ("claude-sonnet-4@20250514", True)
    assert request.extra == ir.Extra("anthropic", {"anthropic_version": "vertex-2023-10-16"})


EXTRA: dict[str, Any] = {
    "container": "c_1",
    "context_management": {"edits": []},
    "mcp_servers": [{"type": "url"}],
    "thread": {"type": "create"},
    "cache_control": {"type": "ephemeral"},
    "metadata": {"tag": "x"},
    "output_config": {"task_budget": {"total": 3}},
    "service_tier": "tomorrow",
    "thinking": {"type": "between_tools"},
    "speed": "fast",
}


def test_what_only_anthropic_has_words_for_is_kept_for_it() -> None:
    request = parsed(**EXTRA)
    assert request.extra == ir.Extra("anthropic", EXTRA)
    again = anthropic.render_request(request)
    assert {key: again[key] for key in EXTRA} == EXTRA


def test_what_is_read_in_part_is_put_together_again() -> None:
    body = {"metadata": {"user_id": "u", "tag": "x"}, "output_config": {"effort": "low", "task_budget": {"total": 3}}}
    again = anthropic.render_request(parsed(**body))
    assert {key: again[key] for key in body} == body


@pytest.mark.parametrize(
    "body, message",
    [
        ({}, "model must be a string, not null."),
        ({"model": "m"}, "messages must be a list, not null."),
        ({"model": "m", "messages": {}}, "messages must be a list, not an object."),
        (
            {"model": "m", "messages": [{"role": "tool"}]},
            "messages[0].role must be one of user, assistant, system, not 'tool'.",
        ),
        ({"model": "m", "messages": [], "system": 3}, "system must be a string or a list of blocks, not a number."),
        ({"model": "m", "messages": [], "thinking": 3}, "thinking must be an object, not a number."),
        (
            {"model": "m", "messages": [], "thinking": {"type": "enabled", "budget_tokens": "x"}},
            "thinking.budget_tokens must be a number, not 'x'.",
        ),
        ({"model": "m", "messages": [], "metadata": []}, "metadata must be an object, not a list."),
        ([], "The body must be an object, not a list."),
    ],
)
def test_a_bad_request_says_what_and_where(body: Any, message: str) -> None:
    with pytest.raises(ir.BadRequest) as fault:
        anthropic.parse_request(body, "")
    assert str(fault.value) == message
