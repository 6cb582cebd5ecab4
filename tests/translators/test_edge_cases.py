"""The 25 edge cases that break a naive translator, each under its number, for every pair where it can occur.

What a pain of `test_pains` shows already for all pairs (3 and 8 in part, 16's cut calls) is here only what it adds.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from crossing import CLIENTS, MODELS, PAIRS, TALKING, cross
from mitmproxy import http
from tongues import (
    ANTHROPIC_USAGE,
    COUNTS,
    ENDS,
    SCHEMA,
    Call,
    asks,
    assistant,
    block,
    candidate,
    chat_body,
    chat_chunk,
    chat_usage,
    events_of,
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
    system,
    user,
)

from cliproxy.addons import translation
from cliproxy.translators.collect import collect

each_pair = pytest.mark.parametrize("client, upstream", PAIRS, ids=["→".join(pair) for pair in PAIRS])
each_client = pytest.mark.parametrize("client, upstream", CLIENTS, ids=["→".join(pair) for pair in CLIENTS])
both_ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
TOOLS = {"look": SCHEMA}
ONE, OTHER = Call("call_1"), Call("call_2", arguments='{"at":"sea"}')
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjQKJeLjz9MK"


def others(format: str) -> Any:
    return [name for name in TALKING if name != format]


# -- 1 to 3: results ------------------------------------------------------------------------


@pytest.mark.parametrize("upstream", others("anthropic"))
def test_edge_01_results_stand_before_the_text_that_came_with_them(upstream: str) -> None:
    body = asks("anthropic", user("Hi"), assistant("", ONE), results((ONE, "blue")), tools=TOOLS)
    body["messages"][2]["content"].insert(0, {"type": "text", "text": "and now"})
    sent = cross("anthropic", upstream, body).sent
    said = json.dumps(sent)
    assert said.index("blue") < said.index("and now")
    match upstream:
        case "openai_chat":
            assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "tool", "user"]
        case "openai_responses":
            assert [item["type"] for item in sent["input"][-2:]] == ["function_call_output", "message"]
        case _:
            assert "functionResponse" in sent["contents"][2]["parts"][0]


@each_pair
@pytest.mark.parametrize("how", ["reversed", "split"])
def test_edge_02_parallel_results_are_regrouped_in_call_order(client: str, upstream: str, how: str) -> None:
    late = (results((OTHER, "green"), (ONE, "blue")),)
    if how == "split":
        late = (results((OTHER, "green")), user("wait"), results((ONE, "blue")))  # type: ignore[assignment]
    sent = cross(client, upstream, asks(client, user("Hi"), assistant("", ONE, OTHER), *late, tools=TOOLS)).sent
    said = json.dumps(sent)
    assert said.index("blue") < said.index("green")
    match upstream:
        case "anthropic":
            (turn,) = [m for m in sent["messages"] if any(one["type"] == "tool_result" for one in m["content"])]
            assert [one.get("tool_use_id") for one in turn["content"]][:2] == ["call_1", "call_2"]
        case "gemini":
            (content,) = [c for c in sent["contents"] if any("functionResponse" in part for part in c["parts"])]
            assert [part["functionResponse"]["response"] for part in content["parts"][:2]] == [
                {"output": "blue"}, {"output": "green"},
            ]  # fmt: skip


@each_pair
def test_edge_03_a_result_told_twice_counts_as_it_was_told_last(client: str, upstream: str) -> None:
    turns = (user("Hi"), assistant("", ONE), results((ONE, "crimson")), results((ONE, "blue")), user("?"))
    said = json.dumps(cross(client, upstream, asks(client, *turns, tools=TOOLS)).sent)
    assert (said.count("blue"), said.count("crimson")) == (1, 0)


@each_pair
def test_edge_03_missing_results_are_made_up_the_same_each_time(client: str, upstream: str) -> None:
    """The same history must give the same bytes, or the prompt cache is lost."""
    body = asks(client, user("Hi"), assistant("", ONE, OTHER), results((OTHER, "green")), user("?"), tools=TOOLS)
    assert cross(client, upstream, body).sent == cross(client, upstream, body).sent


# -- 4 to 6: streamed calls -----------------------------------------------------------------


def piece(index: Any = 0, id: Any = None, name: Any = None, arguments: Any = None, **more: Any) -> bytes:
    """One chunk of a chat stream with one piece of a call; None stands for null."""
    return chat_chunk(
        {"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}, **more}]}
    )


LOOK = '{"at":"sky"}'
STREAMED_CALLS: dict[str, list[bytes]] = {
    "id late": [piece(name="look"), piece(id="call_1"), piece(arguments=LOOK)],
    "name late": [piece(id="call_1"), piece(name="look"), piece(arguments=LOOK)],
    "arguments before the name": [piece(id="call_1", arguments='{"at":'), piece(name="look", arguments='"sky"}')],
    "nulls on every continuation": [
        piece(id="call_1", name="look", arguments=""),
        piece(arguments='{"at":'),
        piece(arguments='"sky"}'),
    ],
    "empty id and name on continuations": [piece(id="call_1", name="look"), piece(id="", name="", arguments=LOOK)],
    "id and name on every chunk": [piece(id="call_1", name="look", arguments=one) for one in ('{"at"', ':"sky"}')],
    "another id on the continuation": [piece(id="call_1", name="look"), piece(id="call_x", arguments=LOOK)],
    "arguments as an object": [piece(id="call_1", name="look", arguments={"at": "sky"})],
    "no index": [
        chat_chunk({"tool_calls": [{"id": "call_1", "function": {"name": "look", "arguments": LOOK}}]}),
    ],
}


@pytest.mark.parametrize("client", others("openai_chat"))
@pytest.mark.parametrize("how", STREAMED_CALLS)
def test_edge_04_a_streamed_call_in_odd_pieces(client: str, how: str) -> None:
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*STREAMED_CALLS[how], chat_chunk({}, "tool_calls"), sse("[DONE]")))
    assert heard.called == [("look", {"at": "sky"})]
    assert [id for id, *_ in heard.calls.values()] == ["call_1"]


@pytest.mark.parametrize("client", others("openai_chat"))
def test_edge_04_a_call_that_never_gets_a_name_or_id(client: str) -> None:
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(piece(arguments=LOOK), chat_chunk({}, "tool_calls"), sse("[DONE]")))
    assert heard.called == [("tool_0", {"at": "sky"})]
    assert all(id for id, *_ in heard.calls.values())


@pytest.mark.parametrize("client", others("openai_chat"))
def test_edge_05_interleaved_parallel_calls(client: str) -> None:
    pieces = [
        piece(0, "call_1", "look", ""), piece(1, "call_2", "look", ""), piece(0, arguments='{"at":'),
        piece(1, arguments='{"at":'), piece(0, arguments='"sky"}'), piece(1, arguments='"sea"}'),
    ]  # fmt: skip
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    end = [chat_chunk({}, "tool_calls"), sse("[DONE]")]
    heard = hears_stream(client, crossing.stream(chat_chunk({"content": "So"}), *pieces, *end))
    assert heard.called == [("look", {"at": "sky"}), ("look", {"at": "sea"})]
    if client == "anthropic":
        order = [(one["type"].rpartition("_")[2], one["index"]) for one in heard.events if "index" in one]
        assert [pair for pair in order if pair[0] != "delta"] == [
            ("start", 0), ("stop", 0), ("start", 1), ("stop", 1), ("start", 2), ("stop", 2),
        ]  # fmt: skip


@pytest.mark.parametrize("upstream", others("openai_chat"))
def test_edge_05_calls_are_counted_from_0_not_by_their_block(upstream: str) -> None:
    crossing = cross("openai_chat", upstream, asks("openai_chat", tools=TOOLS), stream=True)
    heard = hears_stream("openai_chat", crossing.stream(*streams(upstream, "So", thought="hm", calls=(ONE, OTHER))))
    assert list(heard.calls) == [0, 1]


@pytest.mark.parametrize("client", others("openai_chat"))
def test_edge_06_usage_after_the_finish_reason_is_waited_for(client: str) -> None:
    *said, usage, done = streams("openai_chat", "So")
    for tail in ([usage, done], [usage], [chat_usage(None), usage, done]):
        heard = hears_stream(client, cross(client, "openai_chat", asks(client), stream=True).stream(*said, *tail))
        assert {key: heard.usage.get(key) for key in COUNTS[client]} == COUNTS[client]
        assert heard.end == ENDS[client]["stop"]


@each_client
def test_edge_06_nothing_comes_after_the_end(client: str, upstream: str) -> None:
    """Whatever a server still sends: `hears_stream` refuses it.

    Gemini has no last word: some servers say a finishReason with every chunk, and so its text goes on.
    """
    again = streams(upstream, "So")
    heard = hears_stream(client, cross(client, upstream, asks(client), stream=True).stream(*again, *again))
    assert (heard.text, heard.error) == ("So" if upstream != "gemini" else "SoSo", None)


# -- 7 and 8: ends and counts -----------------------------------------------------------------

CALLS_SAID_BUT_NONE_MADE = {
    "openai_chat": (
        chat_body({"content": "So"}, "tool_calls"),
        [chat_chunk({"content": "So"}, "tool_calls"), sse("[DONE]")],
    ),
    "anthropic": (
        message_body([{"type": "text", "text": "So"}], "tool_use"),
        [message_start(), block(0, {"type": "text", "text": "So"}), message_end("tool_use")],
    ),
}


@pytest.mark.parametrize("client, upstream", [pair for pair in CLIENTS if pair[1] in CALLS_SAID_BUT_NONE_MADE])
@both_ways
def test_edge_07_tool_calls_without_a_call_is_a_stop(client: str, upstream: str, stream: bool) -> None:
    whole, pieces = CALLS_SAID_BUT_NONE_MADE[upstream]
    crossing = cross(client, upstream, asks(client), stream=stream)
    heard = hears_stream(client, crossing.stream(*pieces)) if stream else hears(client, crossing.whole(whole))
    assert (heard.text, heard.end) == ("So", ENDS[client]["stop"])


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"])
@pytest.mark.parametrize("client", others("gemini"))
def test_edge_07_geminis_refusals(client: str, reason: str) -> None:
    heard = hears(client, cross(client, "gemini", asks(client)).whole(candidate([{"text": "So"}], reason)))
    assert heard.end == ENDS[client]["content_filter"]
    blocked = {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 3}}
    heard = hears(client, cross(client, "gemini", asks(client)).whole(blocked))
    assert heard.end == ENDS[client]["content_filter"]


@pytest.mark.parametrize("client", others("anthropic"))
def test_edge_08_a_0_that_was_said_is_not_a_count_that_was_not(client: str) -> None:
    def usage_of(usage: Any) -> Any:
        body = message_body([{"type": "text", "text": "So"}], usage=usage)
        return hears(client, cross(client, "anthropic", asks(client)).whole(body)).usage

    said = usage_of({"input_tokens": 30, "cache_read_input_tokens": 0, "output_tokens": 12})
    unsaid = usage_of({"input_tokens": 30, "output_tokens": 12})
    where = {"openai_chat": "prompt_tokens_details", "openai_responses": "input_tokens_details"}
    if client == "gemini":
        assert said["cachedContentTokenCount"] == 0
        assert "cachedContentTokenCount" not in unsaid
    else:
        assert said[where[client]]["cached_tokens"] == 0
        if client == "openai_chat":  # the Responses API requires the count
            assert "cached_tokens" not in unsaid.get(where[client], {})


@pytest.mark.parametrize("client", others("anthropic"))
def test_edge_08_message_start_and_message_delta_are_one_count(client: str) -> None:
    """Input in the one, output in the other, or all of it again in the second."""
    text = block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "So"})
    for final in ({"output_tokens": 12}, ANTHROPIC_USAGE, {**ANTHROPIC_USAGE, "input_tokens": 0}):
        more = {"stream_options": {"include_usage": True}} if client == "openai_chat" else {}
        crossing = cross(client, "anthropic", asks(client, **more), stream=True)
        heard = hears_stream(client, crossing.stream(message_start(), text, message_end(usage=final)))
        assert {key: heard.usage.get(key) for key in COUNTS[client]} == COUNTS[client]


# -- 9 and 10: signatures -----------------------------------------------------------------------

BYPASS = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")


@pytest.mark.parametrize("client", others("gemini"))
def test_edge_09_gemini_3_wants_a_signature_on_calls_made_elsewhere(client: str) -> None:
    body = asks(client, user("Hi"), assistant("", ONE, OTHER), results((ONE, "blue"), (OTHER, "green")), tools=TOOLS)
    for model, wanted in (("gemini-3-pro-preview", True), ("gemini-2.5-pro", False)):
        sent = cross(client, "gemini", body, model).sent
        calls = [part for content in sent["contents"] for part in content["parts"] if "functionCall" in part]
        assert [part.get("thoughtSignature") in BYPASS for part in calls] == [wanted, wanted]


@pytest.mark.parametrize("client", others("gemini"))
def test_edge_09_of_geminis_own_parallel_calls_only_the_first_is_signed(client: str) -> None:
    parts = [{"functionCall": {"id": c.id, "name": c.name, "args": c.input}} for c in (ONE, OTHER)]
    parts[0]["thoughtSignature"] = "c2lnbmVk"  # type: ignore[assignment]
    asked = asks(client, tools=TOOLS)
    answer = cross(client, "gemini", asked, "gemini-3-pro-preview").whole(candidate(parts))
    follow = goes_on(client, asked, answer, results((ONE, "blue"), (OTHER, "green")))
    sent = cross(client, "gemini", follow, "gemini-3-pro-preview").sent
    calls = [part for content in sent["contents"] for part in content["parts"] if "functionCall" in part]
    assert [part.get("thoughtSignature") for part in calls] == ["c2lnbmVk", None]


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "gemini"])
def test_edge_09_redacted_thinking_is_for_claude_alone(upstream: str) -> None:
    body = asks("anthropic", user("Hi"), assistant("So"), user("?"))
    body["messages"][1]["content"].insert(0, {"type": "redacted_thinking", "data": "c2VjcmV0"})
    crossing = cross("anthropic", upstream, body)
    assert "c2VjcmV0" not in json.dumps(crossing.sent)
    assert "reasoning.opaque" in crossing.lost


@pytest.mark.parametrize("upstream", ["gemini", "openai_responses"])
def test_edge_10_one_signature_after_the_thought_on_its_block(upstream: str) -> None:
    if upstream == "gemini":
        pieces = [
            gemini_chunk([{"text": "hm", "thought": True}]),
            gemini_chunk([{"text": "", "thought": True, "thoughtSignature": "c2lnbmVk"}]),
            gemini_chunk([{"text": "So"}], "STOP"),
        ]
    else:
        pieces = streams(upstream, "So", thought="hm", signature="c2lnbmVk")
    events = hears_stream(
        "anthropic", cross("anthropic", upstream, asks("anthropic"), stream=True).stream(*pieces)
    ).events
    deltas = [(one["index"], one["delta"]["type"]) for one in events if one["type"] == "content_block_delta"]
    assert [kind for _, kind in deltas].count("signature_delta") == 1
    at = deltas.index((0, "signature_delta"))
    assert all(pair == (0, "thinking_delta") for pair in deltas[:at])
    assert all(index > 0 for index, _ in deltas[at + 1 :])


def test_edge_10_a_signature_alone_opens_no_empty_block() -> None:
    pieces = [gemini_chunk([{"text": "So"}]), gemini_chunk([{"text": "", "thoughtSignature": "c2lnbmVk"}], "STOP")]
    heard = hears_stream("anthropic", cross("anthropic", "gemini", asks("anthropic"), stream=True).stream(*pieces))
    kinds = [one["content_block"]["type"] for one in heard.events if one["type"] == "content_block_start"]
    assert kinds.count("text") == 1
    assert "thinking" not in kinds, "redacted_thinking carries a seal without thoughts"


# -- 11 to 13: turns ------------------------------------------------------------------------------

BRIEF = "Be brief."
SYSTEMS: list[tuple[str, dict[str, Any]]] = [
    ("openai_chat", {"messages": [{"role": "system", "content": BRIEF}]}),
    ("openai_chat", {"messages": [{"role": "system", "content": [{"type": "text", "text": BRIEF}]}]}),
    ("openai_chat", {"messages": [{"role": "developer", "content": BRIEF}]}),
    ("openai_chat", {"messages": [{"role": "system", "content": "Be"}, {"role": "system", "content": BRIEF}]}),
    ("openai_responses", {"instructions": BRIEF}),
    ("openai_responses", {"input": [{"role": "developer", "content": BRIEF}]}),
    (
        "openai_responses",
        {"input": [{"type": "message", "role": "system", "content": [{"type": "input_text", "text": BRIEF}]}]},
    ),
    ("anthropic", {"system": BRIEF}),
    (
        "anthropic",
        {
            "system": [
                {"type": "text", "text": "Be"},
                {"type": "text", "text": BRIEF, "cache_control": {"type": "ephemeral"}},
            ]
        },
    ),
    ("gemini", {"systemInstruction": {"parts": [{"text": BRIEF}]}}),
    ("gemini", {"system_instruction": {"role": "user", "parts": [{"text": BRIEF}]}}),
    ("gemini", {"systemInstruction": {"role": "system", "parts": {"text": BRIEF}}}),
    ("gemini", {"systemInstruction": BRIEF}),
]


def system_of(upstream: str, sent: Any) -> str:
    match upstream:
        case "openai_chat":
            return "".join(json.dumps(m["content"]) for m in sent["messages"] if m["role"] in ("system", "developer"))
        case "openai_responses":
            items = [item for item in sent["input"] if item.get("role") in ("system", "developer")]
            return str(sent.get("instructions", "")) + json.dumps(items)
        case "anthropic":
            return json.dumps(sent.get("system", ""))
        case _:
            return json.dumps(sent.get("systemInstruction", ""))


@pytest.mark.parametrize("upstream", TALKING)
@pytest.mark.parametrize("client, said", SYSTEMS, ids=[f"{c}-{n}" for n, (c, _) in enumerate(SYSTEMS)])
def test_edge_11_the_system_prompt_in_every_shape(client: str, said: dict[str, Any], upstream: str) -> None:
    if client == upstream:
        return
    plain = asks(client)
    body = {
        **plain,
        **{
            key: value + plain[key] if isinstance(value, list) and key in plain else value
            for key, value in said.items()
        },
    }
    crossing = cross(client, upstream, body)
    assert BRIEF in system_of(upstream, crossing.sent)
    assert "Hi" in json.dumps(crossing.sent)
    assert not [name for name in crossing.lost if name.startswith("system")]


@each_pair
@pytest.mark.parametrize("empty", ["", [], None])
def test_edge_11_an_empty_system_prompt_is_none(client: str, upstream: str, empty: Any) -> None:
    field = {"openai_responses": "instructions", "anthropic": "system", "gemini": "systemInstruction"}.get(client)
    body = (
        {**asks(client), field: empty} if field and not (client == "openai_responses" and empty == []) else asks(client)
    )
    if client == "openai_chat":
        body["messages"].insert(0, {"role": "system", "content": empty})
    sent = cross(client, upstream, body).sent
    assert "system" not in sent and "systemInstruction" not in sent and "instructions" not in sent


@each_pair
def test_edge_11_a_system_prompt_alone_gets_a_users_turn(client: str, upstream: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "openai_chat": {"messages": [{"role": "system", "content": BRIEF}]},
        "openai_responses": {"instructions": BRIEF, "input": []},
        "anthropic": {"system": BRIEF, "messages": [], "max_tokens": 5},
        "gemini": {"systemInstruction": {"parts": [{"text": BRIEF}]}, "contents": []},
    }
    sent = cross(client, upstream, bodies[client]).sent
    assert BRIEF in json.dumps(sent)
    turns = sent.get("messages") or sent.get("contents") or sent["input"]
    assert turns
    if upstream in ("anthropic", "gemini"):
        assert turns[0]["role"] == "user"


@pytest.mark.parametrize("client, upstream", [pair for pair in PAIRS if pair[0] in ("openai_chat", "openai_responses")])
def test_edge_11_a_system_message_between_turns_keeps_its_place(client: str, upstream: str) -> None:
    """Moved to the top it would change the beginning of the prompt, and with it lose the cache."""
    body = asks(client, system(BRIEF), user("Hi"), assistant("So"), system("Now long."), user("?"))
    crossing = cross(client, upstream, body)
    said = json.dumps(
        crossing.sent["messages"]
        if "messages" in crossing.sent
        else crossing.sent.get("contents") or crossing.sent["input"]
    )
    assert said.index("So") < said.index("Now long.") < said.index("?")
    assert ("system.mid" in crossing.lost) == (upstream in ("anthropic", "gemini"))


@pytest.mark.parametrize("client", others("anthropic"))
def test_edge_12_neighbours_of_one_role_are_one_message(client: str) -> None:
    turns = (user("one"), user("two"), assistant("So"), assistant("", ONE), results((ONE, "blue")), user("?"))
    sent = cross(client, "anthropic", asks(client, *turns, tools=TOOLS)).sent
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user"]
    assert [one["type"] for one in sent["messages"][1]["content"]] == ["text", "tool_use"]
    assert [one["type"] for one in sent["messages"][2]["content"]] == ["tool_result", "text"]


@pytest.mark.parametrize("client", ["openai_responses", "gemini"])
def test_edge_12_a_call_stands_behind_the_text_of_its_turn(client: str) -> None:
    body = asks(client, user("Hi"), assistant("", ONE), assistant("So"), results((ONE, "blue")), tools=TOOLS)
    sent = cross(client, "anthropic", body).sent
    assert [one["type"] for one in sent["messages"][1]["content"]] == ["text", "tool_use"]


@pytest.mark.parametrize("client", others("gemini"))
@pytest.mark.parametrize("model, prefilled", [("gemini-2.5-pro", True), ("gemini-3.6-flash", False)])
def test_edge_12_newer_gemini_takes_no_prefill(client: str, model: str, prefilled: bool) -> None:
    sent = cross(client, "gemini", asks(client, user("Hi"), assistant("So")), model).sent
    assert (sent["contents"][-1]["role"] == "model") == prefilled
    assert "So" in json.dumps(sent)


@pytest.mark.parametrize("upstream", others("gemini"))
def test_edge_13_geminis_results_are_paired_first_in_first_out(upstream: str) -> None:
    """Two calls of one name, none with an id: what Google's own SDKs send."""
    contents = [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {"at": at}}} for at in ("sky", "sea")]},
        {
            "role": "user",
            "parts": [{"functionResponse": {"name": "look", "response": {"output": o}}} for o in ("blue", "green")],
        },
    ]
    body = {
        "contents": contents,
        **{key: value for key, value in asks("gemini", tools=TOOLS).items() if key == "tools"},
    }
    one, two = cross("gemini", upstream, body).sent, cross("gemini", upstream, body).sent
    assert one == two, "ids must be the same each time"
    said = json.dumps(one)
    ids = re.findall(r'"(?:tool_call_id|tool_use_id|call_id)": "([^"]+)"', said)
    assert len(set(ids)) == 2
    assert said.index("blue") < said.index("green")


@pytest.mark.parametrize("client", others("gemini"))
def test_edge_13_names_are_filled_in_on_results(client: str) -> None:
    """Only Gemini wants the function's name on its result; the other formats say an id."""
    body = asks(client, user("Hi"), assistant("", ONE), results((ONE, "blue")), tools=TOOLS)
    sent = cross(client, "gemini", body).sent
    (answer,) = [part["functionResponse"] for part in sent["contents"][-1]["parts"]]
    assert (answer["name"], answer["response"]) == ("look", {"output": "blue"})


# -- 14 to 17: tools -------------------------------------------------------------------------------

LONG = "mcp__a_server_with_a_very_long_name__" + "x" * 60
NAMES = [LONG + "_one", LONG + "_two", "with.dot/and space", "1digit", "grüße"]
LEGAL = {
    "openai_chat": r"[a-zA-Z0-9_-]{1,64}",
    "openai_responses": r"[a-zA-Z0-9_-]{1,64}",
    "anthropic": r"[a-zA-Z0-9_-]{1,64}",
    "gemini": r"[a-zA-Z_][a-zA-Z0-9_.-]{0,63}",
}


def names_sent(upstream: str, sent: Any) -> list[str]:
    tools = sent["tools"]
    if upstream == "gemini":
        tools = tools[0]["functionDeclarations"]
    return [(tool.get("function") or tool)["name"] for tool in tools]


@each_pair
@both_ways
def test_edge_14_long_and_illegal_names_are_respelled_and_come_back(client: str, upstream: str, stream: bool) -> None:
    made = [Call(f"call_{n}", name) for n, name in enumerate(NAMES)]
    history = [user("Hi"), assistant("", *made), results(*((call, "blue") for call in made))]
    body = asks(client, *history, tools=dict.fromkeys(NAMES, SCHEMA))
    crossing = cross(client, upstream, body, stream=stream)
    sent = names_sent(upstream, crossing.sent)
    assert len(set(sent)) == len(NAMES)
    assert all(re.fullmatch(LEGAL[upstream], name) for name in sent)
    said = json.dumps(crossing.sent)
    assert LONG + "_one" not in said, "in the history too"
    calls = tuple(Call(f"call_{n}", name) for n, name in enumerate(sent))
    if stream:
        heard = hears_stream(client, crossing.stream(*streams(upstream, calls=calls)))
    else:
        heard = hears(client, crossing.whole(says(upstream, calls=calls)))
    assert [name for name, _ in heard.called] == NAMES


@each_pair
def test_edge_14_ids_are_sanitised_the_same_on_both_sides(client: str, upstream: str) -> None:
    odd = [Call("functions.look:0"), Call("call|with|bars", arguments='{"at":"sea"}'), Call("i" * 90)]
    turns = (user("Hi"), assistant("", *odd), results(*((call, f"r{n}") for n, call in enumerate(odd))))
    said = json.dumps(cross(client, upstream, asks(client, *turns, tools=TOOLS)).sent)
    ids = re.findall(r'"(?:id|call_id|tool_call_id|tool_use_id)": "([^"]+)"', said)
    assert len(ids) == 6
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id) for id in ids)


@each_pair
def test_edge_15_properties_named_like_keywords_stay(client: str, upstream: str) -> None:
    names = ("$ref", "const", "type", "properties", "title", "default", "x-extra", "$schema", "format", "required")
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": ["const"]}
    for model in (MODELS[upstream], "gemini-1.5-pro") if upstream == "gemini" else (MODELS[upstream],):
        sent = cross(client, upstream, asks(client, tools={"look": schema}), model).sent
        tool = sent["tools"][0]
        tool = tool.get("functionDeclarations", [tool])[0]
        tool = tool.get("function") or tool
        found = tool.get("parameters") or tool.get("parametersJsonSchema") or tool["input_schema"]
        assert set(found["properties"]) == set(names)
        assert found["required"] == ["const"]


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses"])
def test_edge_15_openai_wants_properties_on_an_object(upstream: str) -> None:
    for client in others(upstream):
        for schema in ({"type": "object"}, {}):
            tool = cross(client, upstream, asks(client, tools={"look": schema})).sent["tools"][0]
            tool = tool.get("function") or tool
            assert tool.get("parameters", {"type": "object", "properties": {}}) == {"type": "object", "properties": {}}


@pytest.mark.parametrize("client", others("anthropic"))
def test_edge_15_anthropic_wants_an_object_at_the_root(client: str) -> None:
    union = {"anyOf": [
        {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
        {"type": "object", "properties": {"near": {"type": "string"}}, "required": ["near"]},
    ]}  # fmt: skip
    for schema in (union, {"oneOf": union["anyOf"]}, {}):
        tool = cross(client, "anthropic", asks(client, tools={"look": schema})).sent["tools"][0]["input_schema"]
        assert tool["type"] == "object"
        assert not {"anyOf", "oneOf", "allOf"} & tool.keys()
        assert set(tool.get("properties", {})) == ({"at", "near"} if schema else set())


@pytest.mark.parametrize("client, upstream", [pair for pair in PAIRS if pair[0] in ("openai_chat", "openai_responses")])
@pytest.mark.parametrize("arguments", ["", "{", '{"at": "s', "[1]", '"text"', "null", "not json"])
def test_edge_16_arguments_that_are_no_object_are_not_lost(client: str, upstream: str, arguments: str) -> None:
    call = Call("call_1", "look", arguments)
    sent = cross(
        client, upstream, asks(client, user("Hi"), assistant("", call), results((call, "bad")), tools=TOOLS)
    ).sent
    said = json.dumps(sent)
    if arguments:
        assert json.dumps(arguments)[1:-1] in said
    elif upstream == "anthropic":
        assert sent["messages"][1]["content"][0]["input"] == {}
    elif upstream == "gemini":
        assert sent["contents"][1]["parts"][0]["functionCall"]["args"] == {}


@pytest.mark.parametrize("client", ["anthropic", "gemini"])
@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses"])
@pytest.mark.parametrize("arguments", ["", "{", "[1]", "not json"])
def test_edge_16_arguments_that_are_no_object_break_no_client(client: str, upstream: str, arguments: str) -> None:
    crossing = cross(client, upstream, asks(client, tools=TOOLS))
    (answered,) = hears(client, crossing.whole(says(upstream, calls=(Call(arguments=arguments),)))).called
    assert answered == ("look", {"_raw_arguments": arguments} if arguments else {})
    crossing = cross(client, upstream, asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*streams(upstream, calls=(Call(arguments=arguments),))))
    assert [name for _, name, _ in heard.calls.values()] == ["look"]
    assert heard.closed


CHOICES: dict[str, dict[str, dict[str, Any]]] = {
    "none": {
        "openai_chat": {"tool_choice": "none"},
        "openai_responses": {"tool_choice": "none"},
        "anthropic": {"tool_choice": {"type": "none"}},
        "gemini": {"toolConfig": {"functionCallingConfig": {"mode": "NONE"}}},
    },
    "auto": {
        "openai_chat": {"tool_choice": "auto"},
        "openai_responses": {"tool_choice": "auto"},
        "anthropic": {"tool_choice": {"type": "auto"}},
        "gemini": {"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}},
    },
    "any": {
        "openai_chat": {"tool_choice": "required"},
        "openai_responses": {"tool_choice": "required"},
        "anthropic": {"tool_choice": {"type": "any"}},
        "gemini": {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
    },
    "one": {
        "openai_chat": {"tool_choice": {"type": "function", "function": {"name": "look"}}},
        "openai_responses": {"tool_choice": {"type": "function", "name": "look"}},
        "anthropic": {"tool_choice": {"type": "tool", "name": "look"}},
        "gemini": {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}}},
    },
}


@each_pair
@pytest.mark.parametrize("choice", CHOICES)
def test_edge_17_the_choice_among_tools(client: str, upstream: str, choice: str) -> None:
    crossing = cross(client, upstream, asks(client, tools={"look": SCHEMA, "find": SCHEMA}, **CHOICES[choice][client]))
    wanted = CHOICES[choice][upstream]
    assert {key: crossing.sent.get(key) for key in wanted} == wanted
    assert crossing.lost == []


PARALLEL_OFF: dict[str, dict[str, Any]] = {
    "openai_chat": {"parallel_tool_calls": False},
    "openai_responses": {"parallel_tool_calls": False},
    "anthropic": {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
}


@pytest.mark.parametrize("client, upstream", [pair for pair in PAIRS if pair[0] in PARALLEL_OFF])
def test_edge_17_the_parallel_flag(client: str, upstream: str) -> None:
    crossing = cross(client, upstream, asks(client, tools=TOOLS, **PARALLEL_OFF[client]))
    if upstream == "gemini":
        assert crossing.lost == ["parallel_tool_calls"], "Gemini has no word for it, and the client is told"
    else:
        for key, value in PARALLEL_OFF[upstream].items():
            assert crossing.sent[key] == value


# -- 18: media ----------------------------------------------------------------------------------------

IMAGE: dict[str, Any] = {
    "openai_chat": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    "openai_responses": {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
    "anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    "gemini": {"inlineData": {"mimeType": "image/png", "data": PNG}},
}
LINK = "https://pictures.example/a.png"
IMAGE_URL: dict[str, Any] = {
    "openai_chat": {"type": "image_url", "image_url": {"url": LINK}},
    "openai_responses": {"type": "input_image", "image_url": LINK},
    "anthropic": {"type": "image", "source": {"type": "url", "url": LINK}},
    "gemini": {"fileData": {"mimeType": "image/png", "fileUri": LINK}},
}
DOCUMENT: dict[str, Any] = {
    "openai_chat": {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
    "openai_responses": {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
    "anthropic": {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
    "gemini": {"inlineData": {"mimeType": "application/pdf", "data": PDF}},
}


def shows(client: str, part: Any) -> dict[str, Any]:
    match client:
        case "gemini":
            return {"contents": [{"role": "user", "parts": [{"text": "What?"}, part]}]}
        case "openai_responses":
            return {"input": [{"role": "user", "content": [{"type": "input_text", "text": "What?"}, part]}]}
        case _:
            return asks(client, messages=[{"role": "user", "content": [{"type": "text", "text": "What?"}, part]}])


def parts_of(upstream: str, sent: Any) -> list[Any]:
    turns = sent.get("messages") or sent.get("contents") or sent["input"]
    return [part for turn in turns for part in turn.get("content") or turn.get("parts") if isinstance(part, dict)]


@each_pair
@pytest.mark.parametrize("media", [IMAGE, IMAGE_URL], ids=["base64", "url"])
def test_edge_18_images(client: str, upstream: str, media: dict[str, Any]) -> None:
    crossing = cross(client, upstream, shows(client, media[client]))
    assert media[upstream] in parts_of(upstream, crossing.sent)
    assert crossing.lost == []


@each_pair
def test_edge_18_documents(client: str, upstream: str) -> None:
    crossing = cross(client, upstream, shows(client, DOCUMENT[client]))
    (part,) = [one for one in parts_of(upstream, crossing.sent) if PDF in json.dumps(one)]
    assert {key: value for key, value in part.items() if key != "title"} == DOCUMENT[upstream] or upstream.startswith(
        "openai"
    )
    assert part.get("type") in (DOCUMENT[upstream].get("type"),)


def image_result(client: str) -> dict[str, Any]:
    body = asks(client, user("Hi"), assistant("", ONE), results((ONE, "see")), tools=TOOLS)
    text = {"openai_responses": {"type": "input_text", "text": "see"}}.get(client, {"type": "text", "text": "see"})
    match client:
        case "openai_chat":
            body["messages"][2]["content"] = [text, IMAGE[client]]
        case "openai_responses":
            body["input"][2]["output"] = [text, IMAGE[client]]
        case "anthropic":
            body["messages"][2]["content"][0]["content"] = [text, IMAGE[client]]
        case _:
            body["contents"][2]["parts"][0]["functionResponse"]["parts"] = [IMAGE[client]]
    return body


@each_pair
def test_edge_18_images_in_tool_results_are_images(client: str, upstream: str) -> None:
    """Never base64 as text: that costs hundreds of thousands of tokens."""
    crossing = cross(client, upstream, image_result(client), "gemini-3-pro-preview" if upstream == "gemini" else "")
    said = json.dumps(crossing.sent)
    assert said.count(PNG) == 1
    assert "see" in said
    assert crossing.refused == []
    assert json.dumps(IMAGE[upstream]) in said


@pytest.mark.parametrize("upstream", others("openai_responses"))
def test_edge_18_images_in_stringified_json_are_images_too(upstream: str) -> None:
    body = image_result("openai_responses")
    body["input"][2]["output"] = json.dumps(body["input"][2]["output"])
    sent = cross("openai_responses", upstream, body, "gemini-3-pro-preview" if upstream == "gemini" else "").sent
    assert json.dumps(IMAGE[upstream]) in json.dumps(sent)


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "anthropic"])
@pytest.mark.parametrize("kind, mime", [("audio", "audio/wav"), ("video", "video/mp4"), ("document", "text/plain")])
def test_edge_18_other_inline_data_by_its_type(upstream: str, kind: str, mime: str) -> None:
    data = "aGVsbG8="
    crossing = cross("gemini", upstream, shows("gemini", {"inlineData": {"mimeType": mime, "data": data}}))
    said = json.dumps(crossing.sent)
    if crossing.refused:
        assert crossing.refused == [kind], "what can't be shown is refused, not dropped"
    else:
        assert data in said or "hello" in said
    assert (kind in crossing.refused) == ((upstream, kind) in (
        ("openai_responses", "video"), ("anthropic", "audio"), ("anthropic", "video"),
    ))  # fmt: skip


# -- 19 and 20: reasoning ---------------------------------------------------------------------------------


def test_edge_19_a_forced_tool_and_thinking_exclude_each_other_at_anthropics() -> None:
    body = asks("openai_chat", tools=TOOLS, tool_choice="required", reasoning_effort="high")
    sent = cross("openai_chat", "anthropic", body).sent
    assert "thinking" not in sent or sent["thinking"]["type"] == "disabled"
    assert sent["tool_choice"] == {"type": "any"}


@pytest.mark.parametrize("client, effort", [
    ("openai_chat", {"reasoning_effort": "high"}),
    ("openai_responses", {"reasoning": {"effort": "high"}}),
    ("gemini", {"generationConfig": {"thinkingConfig": {"thinkingBudget": 24576}, "temperature": 0.2, "topP": 0.5}}),
])  # fmt: skip
def test_edge_19_thinking_forces_temperature_and_a_budget_below_max_tokens(client: str, effort: dict[str, Any]) -> None:
    sampled = {} if client == "gemini" else {"temperature": 0.2, "top_p": 0.5}
    for limit in (None, 4000, 64000):
        named = {"openai_chat": "max_completion_tokens", "openai_responses": "max_output_tokens"}
        more = {named[client]: limit} if limit and client in named else {}
        sent = cross(client, "anthropic", asks(client, **effort, **sampled, **more)).sent
        assert sent["thinking"]["type"] == "enabled"
        assert 1024 <= sent["thinking"]["budget_tokens"] < sent["max_tokens"]
        assert sent.get("temperature", 1) == 1
        assert "top_k" not in sent and sent.get("top_p", 1) >= 0.95


@pytest.mark.parametrize("client", ["openai_chat", "openai_responses"])
def test_edge_19_temperature_and_top_p_not_both_for_newer_claudes(client: str) -> None:
    sent = cross(client, "anthropic", asks(client, temperature=0.2, top_p=0.5), "claude-sonnet-4-5").sent
    assert ("temperature" in sent) + ("top_p" in sent) == 1
    sent = cross(client, "anthropic", asks(client, temperature=1.7), "claude-sonnet-4-5").sent
    assert sent["temperature"] == 1


EFFORTS: dict[str, dict[str, Any]] = {
    "openai_chat": {"reasoning_effort": "high"},
    "openai_responses": {"reasoning": {"effort": "high"}},
    "anthropic": {"thinking": {"type": "enabled", "budget_tokens": 24576}, "max_tokens": 50000},
    "gemini": {"generationConfig": {"thinkingConfig": {"thinkingBudget": 24576}}},
}


@each_pair
def test_edge_20_effort_and_budget_are_the_same_amount(client: str, upstream: str) -> None:
    sent = cross(client, upstream, {**asks(client), **EFFORTS[client]}).sent
    match upstream:
        case "openai_chat":
            assert sent["reasoning_effort"] == "high"
        case "openai_responses":
            assert sent["reasoning"]["effort"] == "high"
        case "anthropic":
            assert sent["thinking"]["budget_tokens"] in range(24000, 24577)
        case _:
            assert sent["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 24576


@each_pair
@pytest.mark.parametrize("suffix", ["high", "24576"])
def test_edge_20_the_suffix_on_the_models_name(client: str, upstream: str, suffix: str) -> None:
    body = asks(client, **({"max_tokens": 50000} if client == "anthropic" else {}))
    crossing = cross(client, upstream, body, f"{MODELS[upstream]}({suffix})")
    assert crossing.sent.get("model", MODELS[upstream]) == MODELS[upstream]
    said = json.dumps(crossing.sent)
    assert '"high"' in said if upstream.startswith("openai") else "24576" in said


OFF: dict[str, dict[str, Any]] = {
    "openai_chat": {"reasoning_effort": "none"},
    "openai_responses": {"reasoning": {"effort": "none"}},
    "anthropic": {"thinking": {"type": "disabled"}},
    "gemini": {"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}},
}


@each_pair
def test_edge_20_no_reasoning(client: str, upstream: str) -> None:
    sent = cross(
        client, upstream, {**asks(client), **OFF[client]}, "gemini-2.5-flash" if upstream == "gemini" else ""
    ).sent
    match upstream:
        case "openai_chat":
            assert sent["reasoning_effort"] == "none"
        case "openai_responses":
            assert sent["reasoning"]["effort"] == "none"
            assert "include" not in sent
        case "anthropic":
            assert sent["thinking"] == {"type": "disabled"}
        case _:
            assert sent["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 0


def test_edge_20_levels_are_clamped_to_what_the_model_knows() -> None:
    for model, level in (("gemini-3-pro-preview", "HIGH"), ("gemini-3-flash-preview", "MEDIUM")):
        sent = cross("openai_chat", "gemini", asks("openai_chat", reasoning_effort="medium"), model).sent
        assert sent["generationConfig"]["thinkingConfig"]["thinkingLevel"] in (
            level,
            "LOW" if "pro" in model else level,
        )
    sent = cross("openai_chat", "gemini", asks("openai_chat", reasoning_effort="minimal"), "gemini-2.5-pro").sent
    assert sent["generationConfig"]["thinkingConfig"]["thinkingBudget"] >= 128
    sent = cross("openai_chat", "gemini", asks("openai_chat", reasoning_effort="none"), "gemini-2.5-pro").sent
    assert sent["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 128, "this model can't be told not to think"


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "gemini"])
def test_edge_20_adaptive_thinking_leaves_it_to_the_model(upstream: str) -> None:
    """What Claude Code sends for the newest models."""
    sent = cross("anthropic", upstream, asks("anthropic", thinking={"type": "adaptive"})).sent
    assert "reasoning_effort" not in sent
    assert "effort" not in sent.get("reasoning", {})
    if upstream == "gemini":
        assert sent["generationConfig"]["thinkingConfig"]["thinkingBudget"] == -1


@pytest.mark.parametrize(
    "client, asked",
    [
        ("gemini", {"generationConfig": {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 24576}}}),
        (
            "anthropic",
            {"thinking": {"type": "enabled", "budget_tokens": 24576, "display": "summarized"}, "max_tokens": 50000},
        ),
        ("openai_responses", {"reasoning": {"effort": "high", "summary": "auto"}}),
    ],
)
@pytest.mark.parametrize("upstream", ["gemini", "openai_responses", "anthropic"])
def test_edge_20_thoughts_that_were_asked_for_are_asked_for(client: str, asked: Any, upstream: str) -> None:
    if client == upstream:
        return
    sent = cross(client, upstream, {**asks(client), **asked}).sent
    match upstream:
        case "gemini":
            assert sent["generationConfig"]["thinkingConfig"]["includeThoughts"] is True
        case "openai_responses":
            assert sent["reasoning"]["summary"] == "auto"
        case _:
            assert sent["thinking"].get("display", "summarized") == "summarized"


# -- 21 and 22: streams and wholes ---------------------------------------------------------------------------


@pytest.mark.parametrize("upstream", others("openai_responses"))
def test_edge_21_the_whole_sequence_of_a_responses_stream(upstream: str) -> None:
    crossing = cross("openai_responses", upstream, asks("openai_responses", tools=TOOLS), stream=True)
    events = events_of(crossing.stream(*streams(upstream, "So", thought="hm", calls=(ONE, OTHER))))
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert kinds.count("response.completed") == 1
    added = [event["output_index"] for event in events if event["type"] == "response.output_item.added"]
    assert added == list(range(4))
    ids = {
        event["output_index"]: event["item"]["id"] for event in events if event["type"] == "response.output_item.added"
    }
    for event in events:
        if event["type"] == "response.output_item.done":
            assert ids[event["output_index"]] == event["item"]["id"]
        if "item_id" in event:
            assert ids[event["output_index"]] == event["item_id"]
    assert [item["id"] for item in events[-1]["response"]["output"]] == list(ids.values())


@pytest.mark.parametrize("upstream", others("openai_responses"))
@pytest.mark.parametrize("end", ["length", "content_filter"])
def test_edge_21_what_was_cut_is_incomplete(upstream: str, end: str) -> None:
    crossing = cross("openai_responses", upstream, asks("openai_responses"), stream=True)
    events = events_of(crossing.stream(*streams(upstream, "So", end=end)))
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": ENDS["openai_responses"][end]}


@pytest.mark.parametrize("upstream", ["openai_chat", "anthropic"])
def test_edge_21_cut_arguments_are_never_completed(upstream: str) -> None:
    crossing = cross("openai_responses", upstream, asks("openai_responses", tools=TOOLS), stream=True)
    pieces = streams(upstream, calls=(Call(arguments='{"at":"s'),), end="length")
    events = events_of(crossing.stream(*pieces))
    (item,) = events[-1]["response"]["output"]
    assert (events[-1]["type"], item["status"]) == ("response.incomplete", "incomplete")


@pytest.mark.parametrize("upstream", ["anthropic", "openai_chat"])
def test_edge_21_half_a_patch_is_never_completed(upstream: str) -> None:
    """A client such as Codex runs what is completed."""
    body = {**asks("openai_responses"), "tools": [{"type": "custom", "name": "apply_patch"}]}
    crossing = cross("openai_responses", upstream, body, stream=True)
    call = Call(name="apply_patch", arguments='{"input":"*** Begin Patch\\n+half')
    if upstream == "openai_chat":
        pieces = [
            piece(0, "call_1", custom={"name": "apply_patch", "input": "half"}, type="custom"),
            chat_chunk({}, "length"),
        ]
    else:
        pieces = streams(upstream, calls=(call,), end="length")
    events = events_of(crossing.stream(*pieces))
    (item,) = events[-1]["response"]["output"]
    assert (item["type"], item["status"]) == ("custom_tool_call", "incomplete")


@each_client
def test_edge_22_a_whole_answer_is_assembled_from_a_stream(client: str, upstream: str) -> None:
    """Some providers stream to whoever asks."""
    crossing = cross(client, upstream, asks(client))
    body = b"".join(streams(upstream, "So"))
    response = http.Response.make(200, body, {"content-type": "text/event-stream"})
    answer = collect(translation.whole_events(crossing.call, response))
    heard = hears(client, crossing.call.format.render_response(answer, crossing.call.context))
    assert (heard.text, heard.end) == ("So", ENDS[client]["stop"])
    assert {key: heard.usage.get(key) for key in COUNTS[client]} == COUNTS[client]


@each_client
def test_edge_22_whole_and_streamed_answers_say_the_same(client: str, upstream: str) -> None:
    whole = hears(client, cross(client, upstream, asks(client)).whole(says(upstream, "So", thought="hm")))
    crossing = cross(client, upstream, asks(client), stream=True)
    streamed = hears_stream(client, crossing.stream(*streams(upstream, "So", thought="hm")))
    assert (whole.text, whole.thought, whole.end) == (streamed.text, streamed.thought, streamed.end)


@each_client
def test_edge_22_an_error_in_a_200_has_a_real_status(client: str, upstream: str) -> None:
    """Also where a whole answer was asked for; the gateway's own test is in tests/gateway."""
    errors: dict[str, tuple[Any, int]] = {
        "openai_chat": ({"error": {"message": "busy", "type": "rate_limit_error", "code": 429}}, 429),
        "openai_responses": (
            {**response_body([], "failed"), "error": {"code": "rate_limit_exceeded", "message": "busy"}},
            429,
        ),
        "anthropic": ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, 529),
        "gemini": ({"error": {"code": 429, "message": "busy", "status": "RESOURCE_EXHAUSTED"}}, 429),
    }
    body, status = errors[upstream]
    crossing = cross(client, upstream, asks(client))
    response = http.Response.make(200, json.dumps(body).encode(), {"content-type": "application/json"})
    error = collect(translation.whole_events(crossing.call, response)).error
    assert error and (error.status, error.message) == (status, "busy")


# -- 23: other tools ----------------------------------------------------------------------------------------

NAMESPACES = [
    {"type": "namespace", "name": "multi_agent", "description": "Agents.", "tools": [
        {"type": "function", "name": "open", "description": "Open an agent.", "parameters": SCHEMA}]},
    {"type": "namespace", "name": "files", "description": "Files.", "tools": [
        {"type": "function", "name": "open", "description": "Open a file.", "parameters": SCHEMA}]},
    {"type": "function", "name": "open", "description": "Open anything.", "parameters": SCHEMA},
]  # fmt: skip


@pytest.mark.parametrize("upstream", others("openai_responses"))
@both_ways
def test_edge_23_tools_of_two_namespaces_with_one_name(upstream: str, stream: bool) -> None:
    """A provider refuses two tools of one name, and the client must learn whose tool was called."""
    crossing = cross("openai_responses", upstream, {**asks("openai_responses"), "tools": NAMESPACES}, stream=stream)
    sent = names_sent(upstream, crossing.sent)
    assert len(set(sent)) == 3
    calls = tuple(Call(f"call_{n}", name) for n, name in enumerate(sent))
    if stream:
        body = events_of(crossing.stream(*streams(upstream, calls=calls)))[-1]["response"]
    else:
        body = crossing.whole(says(upstream, calls=calls))
    called = [(item.get("namespace"), item["name"]) for item in body["output"]]
    assert called == [("multi_agent", "open"), ("files", "open"), (None, "open")]


@pytest.mark.parametrize("upstream", others("openai_responses"))
def test_edge_23_calls_of_a_namespace_in_the_history(upstream: str) -> None:
    call = {
        "type": "function_call",
        "call_id": "call_1",
        "namespace": "files",
        "name": "open",
        "arguments": '{"at":"sky"}',
    }
    result = {"type": "function_call_output", "call_id": "call_1", "output": "blue"}
    body = {"input": [{"role": "user", "content": "Hi"}, call, result], "tools": NAMESPACES}
    sent = cross("openai_responses", upstream, body).sent
    known = names_sent(upstream, sent)
    said = json.dumps(sent.get("messages") or sent["contents"])
    assert f'"name": "{known[1]}"' in said


@pytest.mark.parametrize("upstream", others("anthropic"))
def test_edge_23_an_earlier_search_of_claudes_goes_on_elsewhere(upstream: str) -> None:
    search = [
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "sky"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
            {"type": "web_search_result", "url": "https://sky.example/a", "title": "Sky", "encrypted_content": "x",
             "page_age": None}]},
        {"type": "text", "text": "Blue."},
    ]  # fmt: skip
    body = asks("anthropic", user("Hi"), assistant("So"), user("?"))
    body["messages"][1]["content"] = search
    crossing = cross("anthropic", upstream, body)
    assert "Blue." in json.dumps(crossing.sent)
    assert crossing.refused == []
    if upstream == "openai_responses":
        assert [item["type"] for item in crossing.sent["input"]] == ["message", "web_search_call", "message", "message"]
    else:
        assert "builtin.web_search" in crossing.lost


# -- 24: server-sent events -----------------------------------------------------------------------------------


def respelled(wire: bytes) -> dict[str, bytes]:
    """The same events as odd servers write them."""
    unix = wire.replace(b"\r\n", b"\n")
    return {
        "CRLF": unix.replace(b"\n", b"\r\n"),
        "CR": unix.replace(b"\n", b"\r"),
        "no space after data:": unix.replace(b"data: ", b"data:"),
        "comments": unix.replace(b"\n\n", b"\n\n: keep-alive\n\n"),
        "byte order mark": b"\xef\xbb\xbf" + unix,
        "id and retry lines": unix.replace(b"data: ", b"id: 7\nretry: 10\ndata: "),
        "no blank line at the end": unix.rstrip(b"\n"),
    }


@each_pair
@pytest.mark.parametrize(
    "how",
    [
        "CRLF",
        "CR",
        "no space after data:",
        "comments",
        "byte order mark",
        "id and retry lines",
        "no blank line at the end",
    ],
)
def test_edge_24_events_as_odd_servers_write_them(client: str, upstream: str, how: str) -> None:
    wire = respelled(b"".join(streams(upstream, "So 🙂", thought="hm", calls=(ONE,))))[how]
    crossing = cross(client, upstream, asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(wire))
    assert (heard.text, heard.called, heard.error) == ("So 🙂", [("look", {"at": "sky"})], None)


@each_pair
def test_edge_24_any_cut_of_the_bytes_says_the_same(client: str, upstream: str) -> None:
    wire = b"".join(streams(upstream, "So 🙂", calls=(ONE,)))
    once = hears_stream(client, cross(client, upstream, asks(client, tools=TOOLS), stream=True).stream(wire))
    for size in (1, 2, 7):
        cut = (wire[at : at + size] for at in range(0, len(wire), size))
        heard = hears_stream(client, cross(client, upstream, asks(client, tools=TOOLS), stream=True).stream(*cut))
        assert heard == once


NULLS: dict[str, list[bytes]] = {
    "openai_chat": [
        chat_chunk({"role": "assistant", "content": None, "tool_calls": None, "function_call": None, "refusal": None}),
        chat_chunk({"content": "So", "tool_calls": None, "reasoning_content": None}, logprobs=None),
        chat_chunk({"content": None}, "stop"),
        sse({"id": None, "choices": None, "usage": None}),
        sse("[DONE]"),
    ],
    "anthropic": [
        message_start({"input_tokens": None, "cache_read_input_tokens": None}),
        block(0, {"type": "text", "text": None, "citations": None}, {"type": "text_delta", "text": "So"}),
        message_end(usage={"output_tokens": None}),
    ],
    "gemini": [
        gemini_chunk([{"text": "So", "thought": None, "functionCall": None, "thoughtSignature": None}]),
        b'data: {"candidates": null, "promptFeedback": null, "usageMetadata": null}\r\n\r\n',
        b'data: {"candidates": [{"content": null, "finishReason": "STOP"}]}\r\n\r\n',
    ],
    "openai_responses": response_events([
        response_start(),
        *item_events(0, {"id": "msg_1", "type": "message", "role": "assistant", "status": None, "content": [
            {"type": "output_text", "text": "So", "annotations": None, "logprobs": None}]}),
        {"type": "response.completed", "response": {**response_body([], "completed", None), "output": None}},
    ]),
}  # fmt: skip


@each_client
def test_edge_24_nulls_everywhere(client: str, upstream: str) -> None:
    heard = hears_stream(client, cross(client, upstream, asks(client), stream=True).stream(*NULLS[upstream]))
    assert (heard.text, heard.error, heard.closed) == ("So", None, True)


def test_edge_24_data_over_several_lines() -> None:
    wire = b"".join(streams("openai_chat", "So")).replace(b'"choices"', b'\ndata: "choices"')
    heard = hears_stream("anthropic", cross("anthropic", "openai_chat", asks("anthropic"), stream=True).stream(wire))
    assert heard.text == "So"


# -- 25: settings -----------------------------------------------------------------------------------------------


def test_edge_25_at_most_four_breakpoints() -> None:
    """A breakpoint on a message, where the last part has none, is one on its last block."""
    cached = {"type": "ephemeral"}
    parts = [{"type": "text", "text": f"part {n}", "cache_control": cached} for n in range(6)]
    body = {
        "messages": [{"role": "user", "content": parts}, {"role": "user", "content": "last", "cache_control": cached}]
    }
    sent = cross("openai_chat", "anthropic", body).sent
    blocks = sent["messages"][0]["content"]
    assert [one["text"] for one in blocks if "cache_control" in one] == ["part 3", "part 4", "part 5", "last"]


LIMITS: list[tuple[str, dict[str, Any]]] = [
    ("openai_chat", {"max_tokens": 700}),
    ("openai_chat", {"max_completion_tokens": 700}),
    ("openai_chat", {"max_completion_tokens": 700, "max_tokens": 5}),
    ("openai_responses", {"max_output_tokens": 700}),
    ("anthropic", {"max_tokens": 700}),
    ("gemini", {"generationConfig": {"maxOutputTokens": 700}}),
    ("gemini", {"generation_config": {"max_output_tokens": 700}}),
]


@pytest.mark.parametrize("upstream", TALKING)
@pytest.mark.parametrize("client, said", LIMITS)
def test_edge_25_the_limit_under_all_its_names(client: str, said: dict[str, Any], upstream: str) -> None:
    if client == upstream:
        return
    sent = cross(client, upstream, {**asks(client), **said}).sent
    where = {"openai_chat": "max_completion_tokens", "openai_responses": "max_output_tokens", "anthropic": "max_tokens"}
    assert (sent["generationConfig"]["maxOutputTokens"] if upstream == "gemini" else sent[where[upstream]]) == 700


@pytest.mark.parametrize("upstream", ["openai_chat", "anthropic", "gemini", "openai_responses"])
@pytest.mark.parametrize("client, said", [
    ("openai_chat", {"stop": "END"}), ("openai_chat", {"stop": ["END"]}), ("openai_completions", {"stop": "END"}),
    ("anthropic", {"stop_sequences": ["END"]}), ("gemini", {"generationConfig": {"stopSequences": ["END"]}}),
])  # fmt: skip
def test_edge_25_stop_as_string_and_list(client: str, said: dict[str, Any], upstream: str) -> None:
    if client == upstream:
        return
    crossing = cross(client, upstream, {**asks(client), **said})
    match upstream:
        case "openai_chat":
            assert crossing.sent["stop"] == ["END"]
        case "anthropic":
            assert crossing.sent["stop_sequences"] == ["END"]
        case "gemini":
            assert crossing.sent["generationConfig"]["stopSequences"] == ["END"]
        case _:
            assert crossing.lost == ["stop"], "the Responses API has no stop sequences"


STRUCTURE = {
    "type": "object",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}
STRUCTURED: dict[str, dict[str, Any]] = {
    "openai_chat": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": STRUCTURE, "strict": True}}
    },
    "openai_responses": {"text": {"format": {"type": "json_schema", "name": "a", "schema": STRUCTURE, "strict": True}}},
    "anthropic": {"output_config": {"format": {"type": "json_schema", "schema": STRUCTURE}}},
    "gemini": {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": STRUCTURE}},
}


@each_pair
def test_edge_25_structured_output_on_every_pair(client: str, upstream: str) -> None:
    crossing = cross(client, upstream, {**asks(client), **STRUCTURED[client]})
    assert crossing.lost == []
    sent = crossing.sent
    match upstream:
        case "openai_chat":
            assert sent["response_format"]["type"] == "json_schema"
            assert sent["response_format"]["json_schema"]["schema"] == STRUCTURE
            assert sent["response_format"]["json_schema"]["name"]
        case "openai_responses":
            assert sent["text"]["format"]["schema"] == STRUCTURE
            assert sent["text"]["format"]["name"]
        case "anthropic":
            assert sent["output_config"]["format"] == {"type": "json_schema", "schema": STRUCTURE}
        case _:
            assert sent["generationConfig"].items() >= STRUCTURED["gemini"]["generationConfig"].items()
