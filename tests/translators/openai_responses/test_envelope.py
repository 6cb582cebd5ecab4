from __future__ import annotations

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_responses.envelope import envelope, failed, finished


def enveloped(request: ir.Request, start: ir.Start | None = None) -> ir.Json:
    return envelope(ir.Context("tok", 17, request), start or ir.Start("chatcmpl-1", "upstream"))


def test_what_was_asked_is_told_again() -> None:
    tool = ir.Tool("f", parameters={"type": "object", "properties": {}}, strict=True)
    request = ir.Request(
        "mine", tools=(tool,), tool_choice=ir.ToolChoice("required"), temperature=0.5, max_tokens=9,
        parallel_tool_calls=False, metadata=(("a", "b"),), extra=ir.Extra("openai_responses", {"truncation": "auto"}),
    )  # fmt: skip
    told = enveloped(request)
    assert (told["model"], told["id"], told["created_at"], told["status"]) == ("mine", "resp_tok", 17, "in_progress")
    assert told["tools"][0]["name"] == "f" and told["tool_choice"] == "required"
    assert (told["temperature"], told["max_output_tokens"], told["parallel_tool_calls"]) == (0.5, 9, False)
    assert (told["metadata"], told["truncation"], told["store"]) == ({"a": "b"}, "auto", False)


def test_the_providers_own_id_and_time_stay() -> None:
    told = enveloped(ir.Request(""), ir.Start("resp_1", "upstream", 5))
    assert (told["id"], told["created_at"], told["model"]) == ("resp_1", 5, "upstream")


@pytest.mark.parametrize(
    "reason, status, why",
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
        ("pause", "incomplete", {"reason": None}),
        ("error", "failed", None),
    ],
)
def test_ends(reason: ir.FinishReason, status: str, why: object) -> None:
    """Pain 5: max_tokens is no plain end, and neither is a paused turn."""
    told = finished(enveloped(ir.Request("m")), [], ir.Finish(reason, ir.Usage(1, 2), service_tier="flex"))
    assert (told["status"], told["incomplete_details"], told["service_tier"]) == (status, why, "flex")
    assert told["usage"]["total_tokens"] == 3


def test_failure() -> None:
    told = failed(enveloped(ir.Request("m")), [], ir.Error(429, "slow"))
    assert (told["status"], told["error"]) == ("failed", {"code": "rate_limit_exceeded", "message": "slow"})


@pytest.mark.parametrize("said, told", [("standard", "default"), ("provisioned", None), ("priority", "priority")])
def test_tiers_that_the_sdk_knows(said: str, told: str | None) -> None:
    assert finished(enveloped(ir.Request("m")), [], ir.Finish("stop", service_tier=said))["service_tier"] == told


@pytest.mark.parametrize("store, told", [(True, True), (False, False), (None, False)])
def test_whether_it_is_kept_is_what_the_caller_says(store: bool | None, told: bool) -> None:
    assert enveloped(ir.Request("m", store=store))["store"] is told
