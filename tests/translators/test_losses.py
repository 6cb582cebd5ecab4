"""What a request asks and a target can't say: every feature is found where it is used, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cliproxy.translators import ir
from cliproxy.translators.losses import FATAL, FEATURES, LONGEST, MORE, UNREAD, fatal, features, losses


@dataclass
class Target:
    NAME: str = "target"
    SUPPORTS: frozenset[str] = frozenset()


def user(*parts: ir.Part) -> ir.Request:
    return ir.Request("m", (ir.Message("user", parts),))


def answered(*parts: ir.Part) -> ir.Request:
    return ir.Request("m", (ir.Message("assistant", parts),))


def result(*parts: ir.Text | ir.Media, error: bool = False) -> ir.Request:
    return ir.Request("m", (ir.Message("tool", (ir.ToolResult("c", parts, error),)),))


IMAGE = ir.Media("image", "image/png", "aGk=")
SYSTEM = ir.Message("system", (ir.Text("be brief"),))
HELLO = ir.Message("user", (ir.Text("hello"),))

USES: dict[str, ir.Request] = {
    "max_tokens": ir.Request("m", max_tokens=1),
    "temperature": ir.Request("m", temperature=0.0),
    "stop": ir.Request("m", stop=("x",)),
    "store": ir.Request("m", store=False),
    "thinking": ir.Request("m", thinking=ir.Thinking("low")),
    "metadata": ir.Request("m", metadata=(("a", "b"),)),
    "n": ir.Request("m", n=2),
    "system": ir.Request("m", (SYSTEM, HELLO)),
    "message.name": ir.Request("m", (ir.Message("user", (ir.Text("x"),), name="bob"),)),
    "tools": ir.Request("m", tools=(ir.Tool("f"),)),
    "tools.custom": ir.Request("m", tools=(ir.Tool("f", kind="custom"),)),
    "tools.web_search": ir.Request("m", tools=(ir.BuiltinTool("web_search"),)),
    "tool_choice.none": ir.Request("m", tool_choice=ir.ToolChoice("none")),
    "tool_choice.tool": ir.Request("m", tool_choice=ir.ToolChoice("tool", ("f",))),
    "response_format.json": ir.Request("m", response_format=ir.ResponseFormat()),
    "response_format.schema": ir.Request("m", response_format=ir.ResponseFormat({})),
    "image": user(IMAGE),
    "image.url": user(ir.Media("image", url="https://x.test")),
    "document.file_id": user(ir.Media("document", file_id="f")),
    "document.text": user(ir.Media("document", text="t")),
    "audio": user(ir.Media("audio", "audio/wav", "aGk=")),
    "cache": user(ir.Text("x", cache=ir.Cache())),
    "tool_result": result(ir.Text("x")),
    "reasoning": answered(ir.Reasoning("hm")),
    "reasoning.opaque": answered(ir.Reasoning(opaque=ir.Opaque("other", "s"))),
    "refusal": answered(ir.Refusal("no")),
    "citations": answered(ir.Text("x", (ir.Citation("https://x.test"),))),
    "builtin.web_search": answered(ir.BuiltinCall("b", "web_search", "{}")),
}


@pytest.mark.parametrize("name, request_", USES.items(), ids=USES)
def test_a_feature_is_found_where_it_is_used(name: str, request_: ir.Request) -> None:
    assert set(features(request_)) == {name}
    assert losses(request_, Target()) == [name]
    assert losses(request_, Target(SUPPORTS=frozenset({name}))) == []


def test_what_comes_in_company() -> None:
    assert set(features(ir.Request("m", (HELLO, SYSTEM)))) == {"system.mid"}
    assert set(features(ir.Request("m", tools=(ir.Tool("f", strict=False),)))) == {"tools", "tools.strict"}
    assert set(features(result(IMAGE, error=True))) == {"tool_result", "tool_result.image", "tool_result.error"}
    assert set(features(ir.Request("m", tool_choice=ir.ToolChoice("auto", ("f",))))) == {
        "tool_choice.auto", "tool_choice.names",
    }  # fmt: skip


def test_a_plain_question_uses_no_feature() -> None:
    assert not set(features(ir.Request("m", (HELLO,), stream=True, n=1)))


def test_sealed_reasoning_comes_home_but_goes_nowhere_else() -> None:
    request = answered(ir.Reasoning("hm", ir.Opaque("target", "s")))
    assert losses(request, Target()) == []
    assert losses(request, Target("elsewhere")) == ["reasoning", "reasoning.opaque"]


def test_what_only_one_format_can_say_is_a_loss_for_all_others() -> None:
    extra = ir.Extra("one", {"logit_bias": {}})
    request = ir.Request(
        "m",
        (ir.Message("user", (ir.Text("x", extra=extra), ir.Foreign("one", "poem", {}))),),
        tools=(ir.Tool("f", extra=extra), ir.ForeignTool("one", "computer", {})),
        extra=extra,
    )
    assert losses(request, Target("one", frozenset({"tools"}))) == []
    assert losses(request, Target("two", frozenset({"tools"}))) == [
        "one:logit_bias",
        "one:messages.content.logit_bias",
        "one:messages.content.poem",
        "one:tools.computer",
        "one:tools.logit_bias",
    ]


def test_every_feature_has_words_and_every_fatal_one_is_a_feature() -> None:
    assert FEATURES.keys() >= FATAL
    assert USES.keys() <= FEATURES.keys()
    assert fatal(["cache", "image", "n", "one:x"]) == ["image", "n"]


def test_fields_of_a_clients_own_invention_are_named_within_bounds() -> None:
    extra = ir.Extra("anthropic", {f"field-{number:04}": 1 for number in range(3 * UNREAD)})
    lost = losses(ir.Request("m", extra=extra), Target())
    assert len(lost) == UNREAD + 1 and MORE in lost and "anthropic:field-0000" in lost
    odd = ir.Extra("anthropic", {"a\r\nb": 1, "c" * 1000: 2})
    assert losses(ir.Request("m", extra=odd), Target()) == ["anthropic:a??b", "anthropic:" + "c" * (LONGEST - 10)]
