"""Messages as contents."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.render_contents import GO_ON, render_contents, render_system
from cliproxy.translators.gemini.seals import BYPASS

G2, G3 = "gemini-2.5-flash", "gemini-3-flash-preview"
HI = ir.Message("user", (ir.Text("hi"),))
OWN, FOREIGN = ir.Opaque("gemini", "c2VhbA=="), ir.Opaque("anthropic", "s")
CALL = ir.ToolCall("toolu_1", "f", '{"a":1}')


def said(*messages: ir.Message, model: str = G2) -> Any:
    return render_contents(messages, model)


def answer(*parts: ir.Part) -> ir.Message:
    return ir.Message("assistant", parts)


def result(id: str, text: str = "x", **fields: Any) -> ir.ToolResult:
    return ir.ToolResult(id, (ir.Text(text),), **fields)


def test_leading_instructions_are_the_system_instruction() -> None:
    system, rest = render_system((ir.Message("system", (ir.Text("a"),)), ir.Message("developer", (ir.Text("b"),)), HI))
    assert (system, rest) == ({"parts": [{"text": "a"}, {"text": "b"}]}, (HI,))


def test_a_system_prompt_alone_is_what_the_user_says() -> None:
    """Edge 11: system-only needs a user message."""
    system, rest = render_system((ir.Message("system", (ir.Text("a"),)),))
    assert system is None and said(*rest) == [{"role": "user", "parts": [{"text": "a"}]}]


def test_later_instructions_keep_their_place() -> None:
    contents = said(HI, answer(ir.Text("x")), ir.Message("system", (ir.Text("now brief"),)))
    assert contents[-1] == {"role": "user", "parts": [{"text": "now brief"}]}


@pytest.mark.parametrize("messages", [(), (ir.Message("user", ()),), (answer(ir.Reasoning("", FOREIGN)),)])
def test_contents_are_never_empty(messages: tuple[ir.Message, ...]) -> None:
    assert said(*messages) == [{"role": "user", "parts": [{"text": " "}]}]


def test_an_empty_user_turn_stays_one() -> None:
    empty = ir.Message("user", (ir.Text(""),))
    assert said(empty, answer(CALL), ir.Message("tool", (result("toolu_1"),)))[0] == {
        "role": "user",
        "parts": [{"text": ""}],
    }


def test_a_call_never_comes_first() -> None:
    assert said(answer(CALL), ir.Message("tool", (result("toolu_1"),)))[0]["role"] == "user"


@pytest.mark.parametrize("model, added", [(G2, False), (G3, False), ("gemini-3.6-flash", True), ("another", True)])
def test_prefill(model: str, added: bool) -> None:
    """Edge 12: only older models go on with a turn of theirs."""
    contents = said(HI, answer(ir.Text("The answer is")), model=model)
    last = (
        {"role": "user", "parts": [{"text": GO_ON}]}
        if added
        else {"role": "model", "parts": [{"text": "The answer is"}]}
    )
    assert contents[-1] == last


def test_calls_and_results() -> None:
    """Edge 2: parallel results in one turn, in the order of the calls, also when reversed or split."""
    calls = answer(ir.Text("so"), CALL, ir.ToolCall("call_0_1", "g", ""))
    split = ir.Message("tool", (result("call_0_1", "two"),)), ir.Message("tool", (result("toolu_1", "one"),))
    assert said(HI, calls, *split)[1:] == [
        {"role": "model", "parts": [
            {"text": "so"}, {"functionCall": {"id": "toolu_1", "name": "f", "args": {"a": 1}}},
            {"functionCall": {"name": "g", "args": {}}},
        ]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "toolu_1", "name": "f", "response": {"output": "one"}}},
            {"functionResponse": {"name": "g", "response": {"output": "two"}}},
        ]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given, response",
    [
        (result("x", '{"a": 1}'), {"a": 1}),
        (result("x", "[1]"), {"output": "[1]"}),
        (result("x", '{"a": '), {"output": '{"a": '}),
        (result("x", "no", is_error=True), {"error": "no"}),
        (result("x", '{"code":1}', is_error=True), {"error": {"code": 1}}),
        (ir.ToolResult("x", (ir.Text("a"), ir.Text("b"))), {"output": "a\nb"}),
        (ir.ToolResult("x", ()), {}),
        (ir.ToolResult("x", (), is_error=True), {"error": ""}),
    ],
)
def test_responses_are_objects(given: ir.ToolResult, response: Any) -> None:
    (_, content) = said(HI, ir.Message("tool", (given,)))
    assert content["parts"][0]["functionResponse"]["response"] == response


def test_a_result_without_a_name_or_a_call_is_no_crash() -> None:
    (_, content) = said(HI, ir.Message("tool", (result("orphan"),)))
    assert content["parts"][0]["functionResponse"]["name"] == "orphan"


def test_files_in_results() -> None:
    """Edge 18: never base64 as text; inside the response from Gemini 3 on, beside it before."""
    image = ir.Media("image", "image/png", data="AA==")
    inline = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
    turn = ir.Message("tool", (ir.ToolResult("x", (ir.Text("see"), image), name="f"),))
    response = {"id": "x", "name": "f", "response": {"output": "see"}}
    assert said(HI, turn, model=G3)[1]["parts"] == [{"functionResponse": {**response, "parts": [inline]}}]
    assert said(HI, turn, model=G2)[1]["parts"] == [{"functionResponse": response}, inline]


def signatures(*parts: ir.Part, model: str) -> list[str | None]:
    return [part.get("thoughtSignature") for part in said(HI, answer(*parts), HI, model=model)[1]["parts"]]


def test_calls_made_elsewhere_bypass_the_check() -> None:
    """Edge 9: Gemini 3 wants a sentinel on them; foreign seals are never sent (pain 6)."""
    from dataclasses import replace

    foreign, signed = replace(CALL, opaque=FOREIGN), replace(CALL, opaque=OWN)
    assert signatures(CALL, foreign, model=G3) == [BYPASS, BYPASS]
    assert signatures(CALL, foreign, model=G2) == [None, None]
    assert signatures(signed, CALL, model=G3) == [OWN.data, None]  # of parallel calls only the first is signed
    assert signatures(signed, CALL, model=G2) == [OWN.data, None]


def test_reasoning() -> None:
    parts = answer(
        ir.Reasoning("hm", OWN), ir.Reasoning("mm", FOREIGN), ir.Reasoning("", OWN), ir.Reasoning("", FOREIGN)
    )
    assert said(HI, parts)[1]["parts"] == [
        {"text": "hm", "thought": True, "thoughtSignature": OWN.data},
        {"text": "mm", "thought": True},
        {"text": "", "thoughtSignature": OWN.data},
    ]


def test_what_others_did_at_their_place() -> None:
    """Code that ran elsewhere is shown as Gemini's own; other providers' searches and blocks have no place."""
    code = ir.BuiltinCall("srvtoolu_1", "code_execution", '{"code":"1"}')
    parts = answer(
        code, ir.BuiltinResult("srvtoolu_1", "code_execution", text="1"), ir.BuiltinCall("w", "web_search", "{}"),
        ir.Foreign("anthropic", "x", {}), ir.Foreign("gemini", "toolCall", {"toolCall": {}}), ir.Refusal("no"),
        ir.Media("image", file_id="file-1"),
    )  # fmt: skip
    assert said(HI, parts, HI)[1]["parts"] == [
        {"executableCode": {"code": "1", "language": "PYTHON", "id": "srvtoolu_1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1", "id": "srvtoolu_1"}},
        {"toolCall": {}},
        {"text": "no"},
    ]
