from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import opaque
from cliproxy.translators.ir import (
    BadRequest,
    BuiltinCall,
    Extra,
    Foreign,
    Media,
    Message,
    Opaque,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from cliproxy.translators.openai_responses.parse_input import parse_input
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.wire import Fields

OWN = Extra(NAME, {})
USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "done"}


def parse(*items: object, stored: bool = False) -> list[Message]:
    return list(parse_input(Fields({"input": list(items)}), stored)[0])


def test_a_string_is_what_the_user_says() -> None:
    assert parse_input(Fields({"input": "hi"}), False) == ((Message("user", (Text("hi"),)),), ())
    assert parse_input(Fields({}), False) == ((), ())


@pytest.mark.parametrize(
    "item, message",
    [
        (USER, Message("user", (Text("hi"),))),
        ({"role": "user", "content": "hi"}, Message("user", (Text("hi"),))),
        ({"role": "system", "content": "hi"}, Message("system", (Text("hi"),))),
        ({"role": "developer", "content": "hi"}, Message("developer", (Text("hi"),))),
        ({"role": "assistant", "content": "hi"}, Message("assistant", (Text("hi"),))),
        ({"role": "user", "content": ""}, Message("user", (Text(""),))),
        (
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
            Message("assistant", (Refusal("no"),)),
        ),
        (CALL, Message("assistant", (ToolCall("call_1", "f", "{}"),))),
        (
            {**CALL, "namespace": "n", "status": "completed", "id": "fc_1"},
            Message("assistant", (ToolCall("call_1", "f", "{}", namespace="n"),)),
        ),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "*** Begin"},
            Message("assistant", (ToolCall("c", "patch", "*** Begin", "custom"),)),
        ),
        (OUTPUT, Message("tool", (ToolResult("call_1", (Text("done"),)),))),
        ({**OUTPUT, "output": ""}, Message("tool", (ToolResult("call_1", ()),))),
        (
            {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "ok"}]},
            Message("tool", (ToolResult("c", (Text("ok"),), kind="custom"),)),
        ),
    ],
)
def test_items(item: dict[str, Any], message: Message) -> None:
    """Messages with and without a type, calls and results of both kinds, as Codex and the SDKs send them."""
    assert parse(item) == [message]


def test_the_models_items_in_a_row_are_one_turn() -> None:
    """Edge case 2: parallel calls and their results are one turn each."""
    second = {**CALL, "call_id": "call_2"}
    messages = parse(
        USER, {"role": "assistant", "content": "so"}, CALL, second, OUTPUT, {**OUTPUT, "call_id": "call_2"}
    )
    assert [(message.role, len(message.parts)) for message in messages] == [("user", 1), ("assistant", 3), ("tool", 2)]
    assert [part.name for part in messages[2].parts if isinstance(part, ToolResult)] == ["f", "f"]


def test_ids_mean_something_only_where_items_are_stored() -> None:
    """Pain 7: an id without a store is a 404; sub2api#3588 strips the id, never the seal."""
    item = {**CALL, "id": "fc_1", "status": "incomplete"}
    assert parse(item)[0].parts[0].extra == Extra(NAME, {"status": "incomplete"})  # type: ignore[union-attr]
    assert parse(item, stored=True)[0].parts[0].extra == Extra(NAME, {"status": "incomplete", "id": "fc_1"})  # type: ignore[union-attr]
    message = {**USER, "id": "msg_1"}
    assert parse(message, stored=True)[0].extra == Extra(NAME, {"id": "msg_1"})
    assert parse(message)[0].extra is None


def test_phases_of_an_assistant() -> None:
    """Codex: "preserve and resend phase on all assistant messages"."""
    said = [{"type": "output_text", "text": "hm"}]
    (turn,) = parse(
        {"type": "message", "role": "assistant", "phase": "commentary", "content": said},
        {"type": "message", "role": "assistant", "phase": "final_answer", "content": said},
    )
    assert [part.extra.fields for part in turn.parts] == [  # type: ignore[union-attr]
        {"message": {"phase": "commentary"}},
        {"message": {"phase": "final_answer"}},
    ]


def thought(**fields: object) -> list[Message]:
    return parse({"type": "reasoning", "summary": [], **fields})


@pytest.mark.parametrize(
    "fields, parts",
    [
        ({"id": "rs_1", "encrypted_content": "E"}, (Reasoning("", Opaque(NAME, "E", "rs_1"), extra=OWN),)),
        (
            {"encrypted_content": "E", "summary": [{"type": "summary_text", "text": "a"}, {"text": "b"}]},
            (Reasoning("a\n\nb", Opaque(NAME, "E"), True, OWN),),
        ),
        ({"content": [{"type": "reasoning_text", "text": "t"}]}, (Reasoning("t", extra=OWN),)),
        (
            {"summary": [{"text": "s"}], "content": [{"text": "t"}], "encrypted_content": "E"},
            (Reasoning("s", None, True, OWN), Reasoning("t", Opaque(NAME, "E"), extra=OWN)),
        ),
    ],
)
def test_reasoning(fields: dict[str, Any], parts: tuple[Reasoning, ...]) -> None:
    assert thought(**fields) == [Message("assistant", parts)]


def test_reasoning_that_says_nothing() -> None:
    assert thought(id="rs_1", encrypted_content=None, content=None) == []
    (kept,) = parse({"type": "reasoning", "id": "rs_1", "summary": []}, stored=True)
    assert kept.parts == (Reasoning("", Opaque(NAME, "", "rs_1"), extra=OWN),)


def test_a_seal_of_another_format_comes_home() -> None:
    """Pain 7: packed into `encrypted_content` on the way out (raine/claude-code-proxy#52 the other way round)."""
    seal = Opaque("anthropic", "sig==")
    (turn,) = thought(id="rs_1", encrypted_content=opaque.pack(seal), summary=[{"text": "t"}])
    assert turn.parts == (Reasoning("t", seal, True),)


def test_a_carried_seal_goes_back_on_its_call() -> None:
    """Gemini's thought signatures stand on calls; here they travel before them."""
    carried = {"type": "reasoning", "summary": [], "encrypted_content": opaque.pack(Opaque("gemini", "S", "call_1"))}
    (turn,) = parse(carried, CALL)
    assert turn.parts == (ToolCall("call_1", "f", "{}", opaque=Opaque("gemini", "S")),)
    (apart,) = parse(carried, {**CALL, "call_id": "other"})
    assert len(apart.parts) == 2


@pytest.mark.parametrize(
    "item, role",
    [
        ({"type": "item_reference", "id": "msg_1"}, "user"),
        ({"id": "msg_1"}, "user"),
        ({"type": "computer_call_output", "call_id": "c"}, "user"),
        ({"type": "mcp_approval_response", "approve": True}, "user"),
        ({"type": "mcp_list_tools", "tools": []}, "assistant"),
        ({"type": "compaction", "encrypted_content": "E"}, "assistant"),
        ({"type": "tool_search_call"}, "assistant"),
    ],
)
def test_unknown_items_are_kept_whole(item: dict[str, Any], role: str) -> None:
    (message,) = parse(item)
    type = item.get("type", "item_reference")
    assert message == Message(role, (Foreign(NAME, f"input.{type}", item),))  # type: ignore[arg-type]


def test_hosted_calls() -> None:
    (turn,) = parse({"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}})
    assert turn.parts[0] == BuiltinCall("search_0", "web_search", '{"query":"q"}')


def test_additional_tools() -> None:
    """clients/README §4.6: for gpt-6 names Codex hands in its tools as an item."""
    tools = [{"type": "custom", "name": "exec"}]
    messages, added = parse_input(
        Fields({"input": [{"type": "additional_tools", "role": "developer", "tools": tools}, USER]}), False
    )
    assert len(messages) == 1
    assert [getattr(tool, "name", "") for tool in added] == ["exec"]


def test_images_in_results() -> None:
    """Edge case 18: images in tool results, also in stringified JSON."""
    parts = [{"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": "data:image/png;base64,AA"}]
    wanted = (Text("see"), Media("image", "image/png", "AA"))
    (plain,) = parse({**OUTPUT, "output": parts})
    assert plain.parts[0].parts == wanted  # type: ignore[union-attr]
    text = '[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]'
    (unfolded,) = parse({**OUTPUT, "output": text})
    assert unfolded.parts[0].parts == wanted  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ['[{"type":"input_image"}]', '[{"x":"input_image"', '[{"type":"input_image"},3]', "[]"]
)
def test_json_that_only_looks_like_parts_stays_text(text: str) -> None:
    (message,) = parse({**OUTPUT, "output": text})
    assert message.parts[0].parts == (Text(text),)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "item, path",
    [
        (5, "input[0]"),
        ({"role": "tool", "content": "x"}, "input[0].role"),
        ({"role": "user", "content": 5}, "input[0].content"),
        ({"type": 5}, "input[0].type"),
        ({"type": "function_call", "call_id": "c"}, "input[0].name"),
        ({**CALL, "arguments": {}}, "input[0].arguments"),
        ({**OUTPUT, "output": {}}, "input[0].output"),
        ({"type": "reasoning", "summary": "x"}, "input[0].summary"),
        ({"type": "additional_tools", "tools": [{"type": "function"}]}, "input[0].tools[0].name"),
        ({"type": "additional_tools", "tools": {}}, "input[0].tools"),
    ],
)
def test_wrong_kinds_are_named(item: object, path: str) -> None:
    with pytest.raises(BadRequest) as fault:
        parse(item)
    assert fault.value.param == path


def test_input_of_the_wrong_kind() -> None:
    with pytest.raises(BadRequest):
        parse_input(Fields({"input": {}}), False)
