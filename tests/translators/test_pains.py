"""What users of such gateways suffer from most, one test or more each, for every pair of formats where it can occur.

The numbers are those of the pains that were collected from public issue threads; each docstring names its threads.

    pain                                          where it is tested
    1 to 12, 14, 16                               here
    6 (bytes of the same format stay),
    13 (no paid generation), 14 (HTTP), 16        also tests/gateway/test_pains.py, through the running gateway
    13 (a counter of tokens), 15                  not yet served: issue 4
    17 to 19, 24                                  tests/gateway/test_attempts.py: streams, cancellation, attempts
    20                                            426 in tests/gateway/test_pains.py; WebSocket itself: issue 6
    21 to 40                                      credentials, limits, operations: not translation
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from conversations import conversation, put_together, seals_in
from crossing import CLIENTS, PAIRS, TALKING, cross
from tongues import (
    ANTHROPIC_USAGE,
    COUNTS,
    ENDS,
    GEMINI_USAGE,
    RESPONSES_USAGE,
    SCHEMA,
    Call,
    asks,
    assistant,
    block,
    candidate,
    chat_body,
    chat_chunk,
    chat_usage,
    gemini_chunk,
    goes_on,
    hears,
    hears_stream,
    item_events,
    message_body,
    message_end,
    message_start,
    response_body,
    response_events,
    response_start,
    results,
    says,
    sse,
    streams,
    user,
)

from cliproxy.translators.formats import FORMATS
from cliproxy.translators.streams import Observer

each_pair = pytest.mark.parametrize("client, upstream", PAIRS, ids=["→".join(pair) for pair in PAIRS])
each_client = pytest.mark.parametrize("client, upstream", CLIENTS, ids=["→".join(pair) for pair in CLIENTS])
both_ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
TOOLS = {"look": SCHEMA}
TWO = (Call("call_1", "look", '{"at":"sky"}'), Call("call_2", "look", '{"at":"sea"}'))
LOOKED = [("look", {"at": "sky"})]


def from_(upstream: str, clients: tuple[str, ...] = TALKING) -> Any:
    """Every client but those of the provider's own format."""
    return pytest.mark.parametrize("client", [client for client in clients if client != upstream])


def to(client: str, upstreams: tuple[str, ...] = TALKING) -> Any:
    return pytest.mark.parametrize("upstream", [upstream for upstream in upstreams if upstream != client])


def blocks_are_in_order(events: list[Any]) -> bool:
    """Anthropic's grammar: one block after the other, counted from 0, each begun and stopped once."""
    open_, count = None, 0
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert open_ is None and event["index"] == count, event
                open_, count = count, count + 1
            case "content_block_delta":
                assert event["index"] == open_, event
            case "content_block_stop":
                assert event["index"] == open_, event
                open_ = None
    return open_ is None


# -- 1: tool arguments --------------------------------------------------------------------


@each_pair
@both_ways
def test_pain_01_tool_arguments_survive(client: str, upstream: str, stream: bool) -> None:
    """BerriAI/litellm#25836, #25561, #29491, #25605; decolua/9router#1371: `tool_use` with ``input: {}``."""
    call = Call(arguments='{"at":"sky","deep":{"list":[1,2.5,null,true],"text":"a \\"quoted\\" grüße 🙂 \\\\n"}}')
    crossing = cross(client, upstream, asks(client, tools=TOOLS), stream=stream)
    if stream:
        heard = hears_stream(client, crossing.stream(*streams(upstream, "So", thought="hm", calls=(call,))))
    else:
        heard = hears(client, crossing.whole(says(upstream, "So", thought="hm", calls=(call,))))
    assert heard.called == [("look", call.input)]
    assert (heard.text, heard.thought, heard.closed) == ("So", "hm", True)


@from_("openai_responses")
def test_pain_01_arguments_that_come_only_with_done(client: str) -> None:
    """BerriAI/litellm#25321: ``response.function_call_arguments.done`` or ``output_item.done`` without a delta."""
    item = {"id": "fc_0", "type": "function_call", "call_id": "call_1", "name": "look", "status": "completed",
            "arguments": '{"at":"sky"}'}  # fmt: skip
    added, *_, done, item_done = item_events(0, item)
    end = {"type": "response.completed", "response": response_body([item])}
    for events in ([added, done, item_done], [added, item_done], [item_done], [added], []):
        crossing = cross(client, "openai_responses", asks(client, tools=TOOLS), stream=True)
        heard = hears_stream(client, crossing.stream(*response_events([response_start(), *events, end])))
        assert heard.called == LOOKED, events
        assert heard.closed


@from_("anthropic")
def test_pain_01_arguments_that_stand_in_the_block_start(client: str) -> None:
    """BerriAI/litellm#25836: servers that imitate Anthropic send the whole `input` with ``content_block_start``."""
    start = {"type": "tool_use", "id": "call_1", "name": "look", "input": {"at": "sky"}}
    crossing = cross(client, "anthropic", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(message_start(), block(0, start), message_end("tool_use")))
    assert heard.called == LOOKED


@pytest.mark.parametrize("client, upstream", [pair for pair in PAIRS if "gemini" not in pair])
def test_pain_01_arguments_stream_as_they_come(client: str, upstream: str) -> None:
    """BerriAI/litellm#25605: not in one piece at the end (Gemini has no pieces of arguments on this wire)."""
    pieces = [event + b"\n\n" for event in b"".join(streams(upstream, calls=(Call(),))).split(b"\n\n") if event]
    crossing = cross(client, upstream, asks(client, tools=TOOLS), stream=True)
    said = 0
    for piece, out in zip(pieces, crossing.pieces(*pieces), strict=False):
        if "sky" in piece.decode():
            break
        said += b'\\"at\\"' in out or b'\\"at' in out
    assert said, "the first half of the arguments was held back"


# -- 2: text and calls --------------------------------------------------------------------


@from_("openai_chat", tuple(FORMATS))
@both_ways
def test_pain_02_text_beside_empty_tool_calls_stays(client: str, stream: bool) -> None:
    """BerriAI/litellm#29286: content with ``tool_calls: []`` makes the text vanish."""
    crossing = cross(client, "openai_chat", asks(client), stream=stream)
    if stream:
        chunk = chat_chunk({"role": "assistant", "content": "Hello", "tool_calls": []})
        heard = hears_stream(client, crossing.stream(chunk, chat_chunk({"tool_calls": []}, "stop"), sse("[DONE]")))
    else:
        heard = hears(client, crossing.whole(chat_body({"content": "Hello", "tool_calls": []})))
    assert (heard.text, heard.calls) == ("Hello", {})
    assert heard.end == ENDS[client]["stop"]


@to("openai_chat")
def test_pain_02_empty_tool_calls_in_the_history_are_none(upstream: str) -> None:
    """BerriAI/litellm#29286, in the other direction."""
    body = asks("openai_chat", user("Hi"), assistant("So I said"), user("Go on"))
    body["messages"][1]["tool_calls"] = []
    sent = json.dumps(cross("openai_chat", upstream, body).sent)
    assert "So I said" in sent
    assert "tool_use" not in sent and "function" not in sent


@from_("openai_chat")
def test_pain_02_text_and_call_in_one_chunk(client: str) -> None:
    """BerriAI/litellm#18238: of a chunk with content and tool_calls one is lost."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at":"sky"}'}}
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    chunk = chat_chunk({"role": "assistant", "content": "So", "tool_calls": [call]}, "tool_calls")
    heard = hears_stream(client, crossing.stream(chunk, sse("[DONE]")))
    assert (heard.text, heard.called, heard.end) == ("So", LOOKED, ENDS[client]["tool_calls"])


# -- 3: one call is one block ---------------------------------------------------------------


@from_("openai_chat")
def test_pain_03_a_call_that_repeats_its_id_and_name_is_one(client: str) -> None:
    """diegosouzapw/OmniRoute#686: one tool call split into many content blocks."""
    pieces = [
        chat_chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                    "function": {"name": "look", "arguments": piece}}]})
        for piece in ('{"at"', ':"s', 'ky"}')
    ]  # fmt: skip
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*pieces, chat_chunk({}, "tool_calls"), sse("[DONE]")))
    assert heard.called == LOOKED


@from_("openai_chat")
def test_pain_03_parallel_calls_under_one_index_are_two(client: str) -> None:
    """router-for-me/CLIProxyAPI#5851: a wrong index joins two calls."""
    pieces = [
        chat_chunk({"tool_calls": [{"index": 0, "id": call.id, "type": "function",
                                    "function": {"name": call.name, "arguments": call.arguments}}]})
        for call in TWO
    ]  # fmt: skip
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*pieces, chat_chunk({}, "tool_calls"), sse("[DONE]")))
    assert heard.called == [("look", {"at": "sky"}), ("look", {"at": "sea"})]


@pytest.mark.parametrize("upstream", [upstream for upstream in TALKING if upstream != "anthropic"])
def test_pain_03_every_delta_finds_its_block(upstream: str) -> None:
    """decolua/9router#2248: "Content block not found"."""
    crossing = cross("anthropic", upstream, asks("anthropic", tools=TOOLS), stream=True)
    heard = hears_stream("anthropic", crossing.stream(*streams(upstream, "So", thought="hm", calls=TWO)))
    assert blocks_are_in_order(heard.events)
    assert heard.called == [("look", {"at": "sky"}), ("look", {"at": "sea"})]


@each_pair
def test_pain_03_two_streams_at_once_share_nothing(client: str, upstream: str) -> None:
    """decolua/9router#2248: state shared between translators."""
    first = cross(client, upstream, asks(client, tools=TOOLS), stream=True)
    second = cross(client, upstream, asks(client, tools=TOOLS), stream=True)
    ones = first.pieces(*streams(upstream, "one", calls=(Call("call_1"),)))
    twos = second.pieces(*streams(upstream, "two", calls=(Call("call_2", arguments='{"at":"sea"}'),)))
    outs: list[tuple[bytes, bytes]] = list(zip(ones, twos, strict=True))
    one, two = (hears_stream(client, b"".join(side)) for side in zip(*outs, strict=True))
    assert (one.text, one.called) == ("one", LOOKED)
    assert (two.text, two.called) == ("two", [("look", {"at": "sea"})])


@each_pair
def test_pain_03_ids_used_again_in_a_later_turn_are_made_unique(client: str, upstream: str) -> None:
    """router-for-me/CLIProxyAPI#5851: some servers count their calls from call_0 in every answer."""
    one, two = Call("call_0"), Call("call_0", arguments='{"at":"sea"}')
    turns = (
        user("Hi"),
        assistant("", one),
        results((one, "blue")),
        assistant("", two),
        results((two, "green")),
        user("?"),
    )
    sent = cross(client, upstream, asks(client, *turns, tools=TOOLS)).sent
    calls, told = conversation(upstream, sent)
    assert len({id for id, _ in calls}) == 2
    assert told == [(calls[0][0], "blue"), (calls[1][0], "green")]


# -- 4: calls and results -------------------------------------------------------------------


ONE, OTHER = TWO
BROKEN_HISTORIES: dict[str, tuple[Any, ...]] = {
    "missing result": (user("Hi"), assistant("So", ONE, OTHER), results((ONE, "blue")), user("Go on")),
    "no result at all": (user("Hi"), assistant("", ONE), user("Never mind")),
    "result twice": (user("Hi"), assistant("", ONE), results((ONE, "red")), results((ONE, "blue")), user("?")),
    "result of no call": (user("Hi"), results((Call("call_9"), "lost")), assistant("So"), user("?")),
    "results reversed": (user("Hi"), assistant("", ONE, OTHER), results((OTHER, "green"), (ONE, "blue")), user("?")),
    "results apart": (
        user("Hi"),
        assistant("", ONE, OTHER),
        results((OTHER, "green")),
        user("wait"),
        results((ONE, "blue")),
    ),
    "call again": (user("Hi"), assistant("", ONE), assistant("", OTHER), results((ONE, "blue"), (OTHER, "green"))),
}


@each_pair
@pytest.mark.parametrize("history", BROKEN_HISTORIES)
def test_pain_04_every_call_has_one_result_right_behind_it(client: str, upstream: str, history: str) -> None:
    """router-for-me/CLIProxyAPI#497; anthropics/claude-code#5662, #20885: `tool_use` ids without `tool_result`."""
    crossing = cross(client, upstream, asks(client, *BROKEN_HISTORIES[history], tools=TOOLS))
    calls, told = conversation(upstream, crossing.sent)
    assert len(calls) == len(told)
    assert len({id for id, _ in calls}) == len(calls)
    said = json.dumps(crossing.sent)
    wanted = {"result twice": ["blue"], "result of no call": ["lost"], "no result at all": ["Never mind"]}
    assert all(word in said for word in wanted.get(history, ["blue"]))
    assert "red" not in [text for _, text in told]


# -- 5: why an answer ended -----------------------------------------------------------------


@each_client
@both_ways
@pytest.mark.parametrize("end", ["stop", "length", "content_filter"])
def test_pain_05_why_an_answer_ended(client: str, upstream: str, end: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#876, #866; MAXeaglet/commandcode-proxy#38: max_tokens reported as end_turn."""
    crossing = cross(client, upstream, asks(client), stream=stream)
    if stream:
        heard = hears_stream(client, crossing.stream(*streams(upstream, "So", end=end)))
    else:
        heard = hears(client, crossing.whole(says(upstream, "So", end=end)))
    assert (heard.text, heard.end, heard.closed) == ("So", ENDS[client][end], True)


CALLED_BUT_STOPPED: dict[str, tuple[Any, list[bytes]]] = {
    "openai_chat": (says("openai_chat", calls=TWO, end="stop"), streams("openai_chat", calls=TWO, end="stop")),
    "anthropic": (says("anthropic", calls=TWO, end="stop"), streams("anthropic", calls=TWO, end="stop")),
    "gemini": (says("gemini", calls=TWO), streams("gemini", calls=TWO)),
    "openai_responses": (says("openai_responses", calls=TWO), streams("openai_responses", calls=TWO)),
}


@each_pair
@both_ways
def test_pain_05_a_call_is_never_reported_as_stop(client: str, upstream: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#805; badrisnarayanan/antigravity-claude-proxy#96: the agent stops after one turn."""
    crossing = cross(client, upstream, asks(client, tools=TOOLS), stream=stream)
    whole, pieces = CALLED_BUT_STOPPED[upstream]
    heard = hears_stream(client, crossing.stream(*pieces)) if stream else hears(client, crossing.whole(whole))
    assert heard.end == ENDS[client]["tool_calls"]
    assert len(heard.called) == 2


@from_("openai_chat")
def test_pain_05_the_first_finish_reason_of_a_turn_with_calls_counts(client: str) -> None:
    """router-for-me/CLIProxyAPI#876: ``tool_calls`` overwritten by ``stop`` in a later chunk."""
    *calls, end, _, done = streams("openai_chat", calls=(ONE,))
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*calls, end, chat_chunk({}, "stop"), chat_usage(), done))
    assert heard.end == ENDS[client]["tool_calls"]


@from_("anthropic")
@both_ways
def test_pain_05_a_paused_turn_is_not_told_as_cut_or_called(client: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#866: `pause_turn` (Anthropic stops a long turn of its own, to be sent back)."""
    crossing = cross(client, "anthropic", asks(client), stream=stream)
    if stream:
        text = block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "So"})
        heard = hears_stream(client, crossing.stream(message_start(), text, message_end("pause_turn")))
    else:
        heard = hears(client, crossing.whole(message_body([{"type": "text", "text": "So"}], "pause_turn")))
    assert heard.text == "So"
    assert heard.end == {"openai_chat": "stop", "openai_responses": "incomplete", "gemini": "OTHER"}[client]


# -- 6, 7, 8: reasoning goes home ---------------------------------------------------------------

SEAL = "RXZvIGRpZC9zaWduK3RoaXM="
"""base64 with every odd character, as signatures have them."""


def answered(client: str, upstream: str, stream: bool, **said: Any) -> tuple[dict[str, Any], Any]:
    """What a client asked and the whole answer it got; streamed answers are put together by the makers' own rules."""
    body = asks(client, tools=TOOLS)
    if client == "openai_responses":
        body |= {"include": ["reasoning.encrypted_content"], "store": False}
    crossing = cross(client, upstream, body, stream=stream)
    if not stream:
        return body, crossing.whole(says(upstream, **said))
    return body, put_together(client, hears_stream(client, crossing.stream(*streams(upstream, **said))).events)


SEALING = ("anthropic", "gemini", "openai_responses")
"""Formats whose providers seal their reasoning."""
SEALED_PAIRS = [(client, upstream) for client, upstream in PAIRS if upstream in SEALING]


@pytest.mark.parametrize("client, upstream", SEALED_PAIRS)
@both_ways
def test_pain_06_and_07_a_seal_comes_home_unchanged(client: str, upstream: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#1584, #2172 (JSON written anew); raine/claude-code-proxy#52, BerriAI/litellm#28668,
    codemie-ai/codemie-code#477, rynfar/meridian#655 (encrypted reasoning dropped between turns, with 200 OK)."""
    asked, answer = answered(client, upstream, stream, thought="hm", calls=(ONE,), signature=SEAL)
    crossing = cross(client, upstream, goes_on(client, asked, answer, results((ONE, "blue"))))
    assert seals_in(crossing.sent) == [SEAL]
    assert "reasoning.opaque" not in crossing.lost


@pytest.mark.parametrize("client, upstream", SEALED_PAIRS)
@both_ways
def test_pain_06_a_seal_is_never_sent_to_another_provider(client: str, upstream: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#3052; kaitranntt/ccs#415; decolua/9router#2227; lbjlaq/Antigravity-Manager#388:
    "Invalid signature in thinking block" after a change of model or account."""
    asked, answer = answered(client, upstream, stream, thought="hm", calls=(ONE,), signature=SEAL)
    follow = goes_on(client, asked, answer, results((ONE, "blue")))
    for other in TALKING:
        if other in (client, upstream):
            continue
        crossing = cross(client, other, follow)
        assert seals_in(crossing.sent) == []
        assert "reasoning.opaque" in crossing.lost, "dropped in silence"


@to("anthropic", ("openai_chat", "openai_responses", "gemini"))
def test_pain_06_claudes_own_seal_is_not_for_others(upstream: str) -> None:
    """lbjlaq/Antigravity-Manager#388: a conversation begun with Claude and gone on with another model."""
    body = asks("anthropic", user("Hi"), assistant("So", ONE), results((ONE, "blue")), tools=TOOLS)
    sealed = [{"type": "thinking", "thinking": "hm", "signature": SEAL}, {"type": "redacted_thinking", "data": SEAL}]
    body["messages"][1]["content"] = sealed + body["messages"][1]["content"]
    crossing = cross("anthropic", upstream, body)
    assert seals_in(crossing.sent) == []
    assert "reasoning.opaque" in crossing.lost


def test_pain_06_claude_gets_no_thinking_that_it_did_not_sign() -> None:
    """router-for-me/CLIProxyAPI#3052: unsigned thoughts of another model make Claude refuse the whole conversation."""
    for client in ("openai_chat", "openai_responses", "gemini"):
        asked, answer = answered(
            client, "openai_chat" if client != "openai_chat" else "gemini", False, thought="hm", calls=(ONE,)
        )
        crossing = cross(client, "anthropic", goes_on(client, asked, answer, results((ONE, "blue"))))
        assert '"thinking"' not in json.dumps(crossing.sent["messages"])


@pytest.mark.parametrize("client", ["openai_chat", "anthropic", "gemini"])
def test_pain_07_a_foreign_client_carries_encrypted_reasoning_without_its_id(client: str) -> None:
    """Wei-Shaw/sub2api#3588: with ``store: false`` an ``rs_…`` id names nothing, and sending it is a 404."""
    asked, answer = answered(client, "openai_responses", False, thought="hm", calls=(ONE,), signature=SEAL)
    sent = cross(client, "openai_responses", goes_on(client, asked, answer, results((ONE, "blue")))).sent
    (thought,) = [item for item in sent["input"] if item["type"] == "reasoning"]
    assert thought["encrypted_content"] == SEAL
    assert "id" not in thought
    assert sent["include"] == ["reasoning.encrypted_content"]
    assert sent["store"] is False


@pytest.mark.parametrize("client", ["openai_responses", "anthropic", "gemini"])
@both_ways
def test_pain_08_reasoning_content_is_passed_back(client: str, stream: bool) -> None:
    """Lordymine/opencode-go-cli#5; MAXeaglet/commandcode-proxy#26: DeepSeek and Moonshot refuse a history without."""
    asked, answer = answered(client, "openai_chat", stream, thought="hm hm", calls=(ONE,))
    crossing = cross(client, "openai_chat", goes_on(client, asked, answer, results((ONE, "blue"))))
    (said,) = [message for message in crossing.sent["messages"] if message["role"] == "assistant"]
    assert said["reasoning_content"] == "hm hm"
    assert [call["id"] for call in said["tool_calls"]] == ["call_1"]


# -- 9: schemas -----------------------------------------------------------------------------

HARD_SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$id": "tool",
    "type": "object",
    "additionalProperties": False,
    "$defs": {
        "place": {"type": "object", "properties": {"x": {"type": "integer", "multipleOf": 2}}, "required": ["x"]}
    },
    "properties": {
        "where": {"$ref": "#/$defs/place"},
        "kind": {"const": "fixed"},
        "choice": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "level": {"type": "integer", "enum": [1, 2]},
        "maybe": {"type": ["string", "null"]},
        "type": {"type": "string"},
        "const": {"type": "string"},
    },
    "required": ["where", "gone"],
    "propertyNames": {"pattern": "^[a-z]+$"},
    "patternProperties": {"^x-": {"type": "string"}},
}
OPENAPI_WORDS = {
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required",
    "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "anyOf", "propertyOrdering", "items",
    "minimum", "maximum", "example", "default",
}  # fmt: skip


def words_of(schema: Any) -> set[str]:
    """All keywords of a schema; names of properties are none."""
    found = set(schema)
    for inner in [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *filter(None, [schema.get("items")]),
    ]:
        found |= words_of(inner)
    return found


@pytest.mark.parametrize("client", ["openai_chat", "openai_responses", "anthropic"])
def test_pain_09_gemini_1_gets_only_the_words_it_knows(client: str) -> None:
    """router-for-me/CLIProxyAPI#507; decolua/9router#3018, #2317; nodetool-ai/nodetool#4761; vercel/ai#14369;
    NousResearch/hermes-agent#89673: one bad tool kills all."""
    body = asks(client, tools={"look": HARD_SCHEMA, "plain": SCHEMA, "none": {"type": "object", "properties": {}}})
    sent = cross(client, "gemini", body, "gemini-1.5-pro").sent
    look, plain, none = sent["tools"][0]["functionDeclarations"]
    assert words_of(look["parameters"]) <= OPENAPI_WORDS
    assert set(look["parameters"]["properties"]) == set(HARD_SCHEMA["properties"]), "properties named like keywords"
    assert look["parameters"]["properties"]["kind"] == {"type": "STRING", "enum": ["fixed"]}
    assert look["parameters"]["properties"]["level"]["enum"] == ["1", "2"]
    assert look["parameters"]["properties"]["where"]["properties"] == {"x": {"type": "INTEGER"}}
    assert look["parameters"]["required"] == ["where"]
    assert plain["parameters"]["properties"] == {"at": {"type": "STRING"}}
    assert "parameters" not in none


@pytest.mark.parametrize("client", ["openai_chat", "openai_responses", "anthropic"])
def test_pain_09_newer_models_get_the_schema_as_json_schema(client: str) -> None:
    """vercel/ai#14369: where `parametersJsonSchema` takes the whole, nothing needs to be cut off."""
    sent = cross(client, "gemini", asks(client, tools={"look": HARD_SCHEMA})).sent
    (declaration,) = sent["tools"][0]["functionDeclarations"]
    assert declaration["parametersJsonSchema"] == HARD_SCHEMA
    assert "parameters" not in declaration


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "anthropic"])
def test_pain_09_geminis_own_words_are_json_schema_elsewhere(upstream: str) -> None:
    """router-for-me/CLIProxyAPI#507, in the other direction: ``"type": "OBJECT"`` is no JSON Schema."""
    schema = {"type": "OBJECT", "properties": {"at": {"type": "STRING", "nullable": True}}, "required": ["at"]}
    body = asks("gemini", tools={"look": {}})
    body["tools"][0]["functionDeclarations"][0] = {"name": "look", "description": "Look.", "parameters": schema}
    (tool,) = cross("gemini", upstream, body).sent["tools"]
    sent = tool.get("input_schema") or tool.get("parameters") or tool["function"]["parameters"]
    assert sent == {"type": "object", "properties": {"at": {"type": ["string", "null"]}}, "required": ["at"]}


# -- 10: freeform tools ----------------------------------------------------------------------

PATCH = '*** Begin Patch\n*** Update File: a "b".py\n+grüße \\ 🙂\n*** End Patch'
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: begin_patch hunk+ end_patch"}
RESPONSES_CUSTOM = {"type": "custom", "name": "apply_patch", "description": "Edit files.", "format": GRAMMAR}
CHAT_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: begin_patch hunk+ end_patch"}}
CHAT_CUSTOM = {
    "type": "custom",
    "custom": {"name": "apply_patch", "description": "Edit files.", "format": CHAT_GRAMMAR},
}
CUSTOM = {"openai_responses": RESPONSES_CUSTOM, "openai_chat": CHAT_CUSTOM}
CUSTOM_PAIRS = [
    (client, upstream) for client, upstream in PAIRS if client in CUSTOM and upstream in ("anthropic", "gemini")
]


@pytest.mark.parametrize("client, upstream", CUSTOM_PAIRS)
@both_ways
def test_pain_10_freeform_tools_work_where_only_functions_are_known(client: str, upstream: str, stream: bool) -> None:
    """router-for-me/CLIProxyAPI#5753, #3790; icebear0828/codex-proxy#707; decolua/9router#1371: Codex's
    apply_patch silently unusable."""
    crossing = cross(client, upstream, {**asks(client), "tools": [CUSTOM[client]]}, stream=stream)
    said = json.dumps(crossing.sent["tools"])
    assert "apply_patch" in said and "begin_patch hunk+" in said and '"input"' in said
    assert crossing.refused == []
    call = Call("call_1", "apply_patch", json.dumps({"input": PATCH}))
    if stream:
        heard = hears_stream(client, crossing.stream(*streams(upstream, calls=(call,))))
    else:
        heard = hears(client, crossing.whole(says(upstream, calls=(call,))))
    assert list(heard.calls.values()) == [["call_1", "apply_patch", PATCH]]
    assert "custom" in json.dumps(heard.events)


def test_pain_10_freeform_tools_between_the_openai_formats() -> None:
    """icebear0828/codex-proxy#707: both know custom tools, each in its own spelling."""
    sent = cross("openai_responses", "openai_chat", {**asks("openai_responses"), "tools": [RESPONSES_CUSTOM]}).sent
    assert sent["tools"] == [CHAT_CUSTOM]
    sent = cross("openai_chat", "openai_responses", {**asks("openai_chat"), "tools": [CHAT_CUSTOM]}).sent
    assert sent["tools"] == [RESPONSES_CUSTOM]


@pytest.mark.parametrize("upstream", ["openai_chat", "anthropic", "gemini"])
def test_pain_10_calls_and_results_of_freeform_tools_in_the_history(upstream: str) -> None:
    """router-for-me/CLIProxyAPI#3790: the next turn, with `custom_tool_call_output` as Codex writes it."""
    output = [{"type": "input_text", "text": "Done!"}]
    body = {
        "input": [
            {"role": "user", "content": "Hi"},
            {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": PATCH},
            {"type": "custom_tool_call_output", "call_id": "call_1", "output": output},
        ],
        "tools": [RESPONSES_CUSTOM],
    }
    crossing = cross("openai_responses", upstream, body)
    assert crossing.refused == []
    said = json.dumps(crossing.sent, ensure_ascii=False)
    assert "Done!" in said
    assert json.dumps(PATCH, ensure_ascii=False)[1:-1] in said


# -- 11: the provider's own search -------------------------------------------------------------

SEARCH_TOOL: dict[str, Any] = {
    "anthropic": {"tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 5}]},
    "openai_responses": {"tools": [{"type": "web_search"}]},
    "gemini": {"tools": [{"googleSearch": {}}]},
    "openai_chat": {"web_search_options": {}},
}
GROUNDED = candidate([{"text": "Blue."}])
GROUNDED["candidates"][0]["groundingMetadata"] = {
    "webSearchQueries": ["colour of the sky"],
    "groundingChunks": [{"web": {"uri": "https://sky.example/a", "title": "Sky"}}],
    "groundingSupports": [{"segment": {"startIndex": 0, "endIndex": 5, "text": "Blue."}, "groundingChunkIndices": [0]}],
}
SEARCHED: dict[str, Any] = {
    "gemini": GROUNDED,
    "openai_responses": response_body(
        [
            {
                "id": "ws_1",
                "type": "web_search_call",
                "status": "completed",
                "action": {
                    "type": "search",
                    "query": "colour of the sky",
                    "sources": [{"type": "url", "url": "https://sky.example/a"}],
                },
            },
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {
                        "type": "output_text",
                        "text": "Blue.",
                        "logprobs": [],
                        "annotations": [
                            {
                                "type": "url_citation",
                                "start_index": 0,
                                "end_index": 5,
                                "url": "https://sky.example/a",
                                "title": "Sky",
                            }
                        ],
                    }
                ],
            },
        ]
    ),
    "anthropic": message_body(
        [
            {
                "type": "server_tool_use",
                "id": "srvtoolu_1",
                "name": "web_search",
                "input": {"query": "colour of the sky"},
            },
            {
                "type": "web_search_tool_result",
                "tool_use_id": "srvtoolu_1",
                "content": [
                    {
                        "type": "web_search_result",
                        "url": "https://sky.example/a",
                        "title": "Sky",
                        "encrypted_content": "x",
                        "page_age": None,
                    }
                ],
            },
            {
                "type": "text",
                "text": "Blue.",
                "citations": [
                    {
                        "type": "web_search_result_location",
                        "url": "https://sky.example/a",
                        "title": "Sky",
                        "cited_text": "Blue.",
                        "encrypted_index": "x",
                    }
                ],
            },
        ]
    ),
}


@each_pair
def test_pain_11_a_search_is_asked_for_in_the_providers_own_words(client: str, upstream: str) -> None:
    """router-for-me/CLIProxyAPI#3132, #364, #842: the search tool became a function without a schema."""
    sent = cross(client, upstream, {**asks(client), **SEARCH_TOOL[client]}).sent
    wanted = SEARCH_TOOL[upstream]
    if upstream == "anthropic":
        assert sent["tools"][0]["type"].startswith("web_search_")
        assert sent["tools"][0]["name"] == "web_search"
    else:
        assert {key: sent[key] for key in wanted} == wanted


@pytest.mark.parametrize("upstream", ["gemini", "openai_responses"])
def test_pain_11_claude_code_sees_that_a_search_was_made(upstream: str) -> None:
    """1rgs/claude-code-proxy#68; router-for-me/CLIProxyAPI#842: "Did 0 searches"."""
    crossing = cross("anthropic", upstream, {**asks("anthropic"), **SEARCH_TOOL["anthropic"]})
    answer = crossing.whole(SEARCHED[upstream])
    (use,) = [one for one in answer["content"] if one["type"] == "server_tool_use"]
    (result,) = [one for one in answer["content"] if one["type"] == "web_search_tool_result"]
    assert (use["name"], use["input"]["query"]) == ("web_search", "colour of the sky")
    assert result["tool_use_id"] == use["id"]
    assert [one["url"] for one in result["content"]] == ["https://sky.example/a"]
    assert answer["stop_reason"] == "end_turn"


@pytest.mark.parametrize("client, upstream", [pair for pair in PAIRS if pair[1] in SEARCHED])
def test_pain_11_the_text_of_a_search_and_its_sources_reach_every_client(client: str, upstream: str) -> None:
    """router-for-me/CLIProxyAPI#3132: the answer without what it was made from."""
    answer = cross(client, upstream, {**asks(client), **SEARCH_TOOL[client]}).whole(SEARCHED[upstream])
    heard = hears(client, answer)
    assert heard.text == "Blue."
    assert heard.calls == {}, "a provider's search is no call for the client to answer"
    assert "https://sky.example/a" in json.dumps(answer)


# -- 12: tokens ---------------------------------------------------------------------------------


@each_client
@both_ways
def test_pain_12_tokens_are_the_same_in_every_format(client: str, upstream: str, stream: bool) -> None:
    """QuantumNous/new-api#2744, #6190, #1602; BerriAI/litellm#31069: cached tokens are in the input for OpenAI and
    Gemini, beside it for Anthropic."""
    more = {"stream_options": {"include_usage": True}} if client in ("openai_chat", "openai_completions") else {}
    crossing = cross(client, upstream, asks(client, **(more if stream else {})), stream=stream)
    if stream:
        heard = hears_stream(client, crossing.stream(*streams(upstream, "So")))
    else:
        heard = hears(client, crossing.whole(says(upstream, "So")))
    assert {key: heard.usage.get(key) for key in COUNTS[client]} == COUNTS[client]


NOTHING_COUNTED = {
    "openai_chat": lambda usage: chat_body({"content": "So"}, usage=usage),
    "anthropic": lambda usage: message_body([{"type": "text", "text": "So"}], usage=usage),
    "gemini": lambda usage: candidate([{"text": "So"}], usage=usage),
    "openai_responses": lambda usage: response_body(
        [{"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "So"}]}],
        usage=usage,
    ),
}
ODD_USAGE = {
    "openai_chat": {
        "prompt_tokens": 30.0,
        "completion_tokens": 12.0,
        "total_tokens": 42.0,
        "prompt_tokens_details": None,
    },
    "anthropic": {**ANTHROPIC_USAGE, "input_tokens": 20.0, "output_tokens": 12.0, "cache_creation": None},
    "gemini": {**GEMINI_USAGE, "promptTokenCount": 30.0, "promptTokensDetails": None},
    "openai_responses": {**RESPONSES_USAGE, "input_tokens": 30.0, "output_tokens_details": None},
}


@each_client
def test_pain_12_counts_that_are_odd_or_missing_break_nothing(client: str, upstream: str) -> None:
    """QuantumNous/new-api#1503, #4760: floats where integers should be, null, no usage at all."""
    for usage in (ODD_USAGE[upstream], None, {}):
        heard = hears(client, cross(client, upstream, asks(client)).whole(NOTHING_COUNTED[upstream](usage)))
        assert heard.text == "So"
        counts = [value for value in heard.usage.values() if isinstance(value, int | float)]
        assert all(isinstance(count, int) and count >= 0 for count in counts)
        if usage:
            output = {"anthropic": "output_tokens", "openai_responses": "output_tokens", "gemini": "totalTokenCount"}
            assert heard.usage[output.get(client, "completion_tokens")] == (42 if client == "gemini" else 12)


@from_("openai_chat", tuple(FORMATS))
def test_pain_12_what_is_known_of_a_stream_that_breaks_off_is_kept(client: str) -> None:
    """QuantumNous/new-api#6190: nothing counted when a stream is aborted."""
    crossing = cross(client, "anthropic" if client != "anthropic" else "gemini", asks(client), stream=True)
    upstream = crossing.call.answer_format.NAME
    first = message_start() if upstream == "anthropic" else gemini_chunk([{"text": "So"}], None, GEMINI_USAGE)
    observer = Observer(FORMATS[upstream])
    observer.feed(first)
    assert observer.collected.start and observer.collected.start.usage
    assert observer.collected.start.usage.input == 30


# -- 14: errors ---------------------------------------------------------------------------------

ERRORS: dict[str, Any] = {
    "openai_chat": {
        "error": {
            "message": "too long",
            "type": "invalid_request_error",
            "param": None,
            "code": "context_length_exceeded",
        }
    },
    "openai_responses": {
        "error": {
            "message": "too long",
            "type": "invalid_request_error",
            "param": None,
            "code": "context_length_exceeded",
        }
    },
    "anthropic": {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "too long"},
        "request_id": "req_1",
    },
    "gemini": {"error": {"code": 400, "message": "too long", "status": "INVALID_ARGUMENT", "details": []}},
}


def error_is_in_the_words_of(client: str, body: Any, status: int) -> str:
    """The message, after a check of the shape."""
    error = body["error"]
    match client:
        case "anthropic":
            assert body["type"] == "error"
            assert set(error) >= {"type", "message"}
            assert error["type"] in {
                "invalid_request_error", "authentication_error", "permission_error", "not_found_error", "api_error",
                "request_too_large", "rate_limit_error", "overloaded_error", "timeout_error", "billing_error",
            }  # fmt: skip
        case "gemini":
            assert error["code"] == status
            assert error["status"].isupper()
        case _:
            assert set(error) >= {"message", "type", "param", "code"}
            assert "type" not in body
    return str(error["message"])


@each_client
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 529])
def test_pain_14_a_providers_error_speaks_the_clients_dialect(client: str, upstream: str, status: int) -> None:
    """BerriAI/litellm#41826; mlflow/mlflow#25897; vercel/ai#18303: the SDK can't read it and shows nothing."""
    body = cross(client, upstream, asks(client)).error(status, ERRORS[upstream])
    assert error_is_in_the_words_of(client, body, status) == "too long"


@each_client
@pytest.mark.parametrize(
    "body",
    [
        "",
        "upstream gone",
        "<html><head><title>502 Bad Gateway</title></head></html>",
        [],
        None,
        {"detail": "no such thing"},
        {"error": "plain"},
        {"message": "bare"},
    ],
)
def test_pain_14_an_error_in_no_dialect_at_all_is_still_told(client: str, upstream: str, body: Any) -> None:
    """lbjlaq/Antigravity-Manager#3371: swallowed errors."""
    rendered = cross(client, upstream, asks(client)).error(502, body)
    assert error_is_in_the_words_of(client, rendered, 502)


ERROR_EVENTS: dict[str, list[bytes]] = {
    "openai_chat": [sse({"error": {"message": "overloaded", "type": "server_error", "code": 503}})],
    "openai_responses": response_events([
        {"type": "error", "code": "server_error", "message": "overloaded", "param": None},
    ]),
    "anthropic": [sse({"type": "error", "error": {"type": "overloaded_error", "message": "overloaded"}}, "error")],
    "gemini": [b'data: {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}\r\n\r\n'],
}  # fmt: skip
BEGINNINGS: dict[str, list[bytes]] = {
    "openai_chat": [chat_chunk({"role": "assistant", "content": "So"})],
    "openai_responses": response_events(
        [
            response_start(),
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": {"id": "msg_1", "type": "message", "content": []},
            },
            {
                "type": "response.output_text.delta",
                "item_id": "msg_1",
                "output_index": 0,
                "content_index": 0,
                "delta": "So",
            },
        ]
    ),
    "anthropic": [
        message_start(),
        block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "So"}, stop=False),
    ],
    "gemini": [gemini_chunk([{"text": "So"}])],
}


@each_client
def test_pain_14_an_error_in_a_stream_is_told_as_the_clients_error_event(client: str, upstream: str) -> None:
    """BerriAI/litellm#20361: Anthropic's clients need ``event: error``; a quiet end looks like a whole answer."""
    out = cross(client, upstream, asks(client), stream=True).stream(*BEGINNINGS[upstream], *ERROR_EVENTS[upstream])
    heard = hears_stream(client, out)
    assert "overloaded" in json.dumps(heard.error)
    assert heard.end == ""
    assert b"[DONE]" not in out and b"message_stop" not in out and b"response.completed" not in out
    if client == "anthropic":
        assert out.rstrip().rsplit(b"\n\n", 1)[-1].startswith(b"event: error\n")


# -- 16: streams without an end -----------------------------------------------------------------


@each_client
def test_pain_16_a_stream_without_its_end_is_an_error_not_a_hang(client: str, upstream: str) -> None:
    """9j/claude-code-mux#11; router-for-me/CLIProxyAPI#4527: no finish, no `message_stop`, and the client waits."""
    heard = hears_stream(client, cross(client, upstream, asks(client), stream=True).stream(*BEGINNINGS[upstream]))
    assert heard.text in ("So", "") and heard.error
    assert heard.closed or heard.end == ""


@each_pair
def test_pain_16_a_call_cut_in_its_arguments_is_never_complete(client: str, upstream: str) -> None:
    """router-for-me/CLIProxyAPI#4527: half of a tool call must not be run."""
    pieces = streams(upstream, calls=(Call(),))
    until = next(at for at, piece in enumerate(pieces) if b"at" in piece) + (upstream != "gemini")
    heard = hears_stream(
        client, cross(client, upstream, asks(client, tools=TOOLS), stream=True).stream(*pieces[:until])
    )
    assert heard.error
    assert heard.end == ""


@from_("openai_chat", tuple(FORMATS))
def test_pain_16_a_missing_done_is_no_error(client: str) -> None:
    """Perplexity and Hugging Face send no ``[DONE]``: a finish reason is an end."""
    pieces = streams("openai_chat", "So")[:-1]
    heard = hears_stream(client, cross(client, "openai_chat", asks(client), stream=True).stream(*pieces))
    assert (heard.text, heard.end, heard.error) == ("So", ENDS[client]["stop"], None)


@pytest.mark.parametrize("client", ["openai_chat", "openai_responses", "gemini"])
def test_pain_16_a_missing_message_stop_is_no_error(client: str) -> None:
    """9j/claude-code-mux#11: servers that imitate Anthropic end with the stop reason."""
    start = [message_start(), block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "So"})]
    end = message_end().split(b"\n\n")[0] + b"\n\n"
    heard = hears_stream(client, cross(client, "anthropic", asks(client), stream=True).stream(*start, end))
    assert (heard.text, heard.end, heard.error) == ("So", ENDS[client]["stop"], None)
