"""What clients really send (`../shared/clients/README.md`, section 4) and need in answers (section 5).

section 4    1 models list, 3 keys and versions, 7 WebSocket, 10 headers: tests/gateway and tests/addons
             2 paths of google-genai: here and tests/addons; countTokens and embeddings: issue 4
             4 stateful requests: here, what is refused; kept histories: issue 6
             5 Claude Code, 6 Codex, 8 chat, 9 Gemini: here
section 5    here, each need under its format
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from crossing import TALKING, cross
from tongues import (
    ENDS,
    SCHEMA,
    Call,
    asks,
    assistant,
    chat_chunk,
    events_of,
    goes_on,
    hears,
    hears_stream,
    results,
    says,
    sse,
    streams,
    user,
)

TOOLS = {"look": SCHEMA}
ONE, OTHER = Call("call_1"), Call("call_2", arguments='{"at":"sea"}')


def others(format: str) -> Any:
    return pytest.mark.parametrize("upstream", [name for name in TALKING if name != format])


# -- Claude Code (4.5) -----------------------------------------------------------------------

CLAUDE_CODE: dict[str, Any] = {
    "max_tokens": 32000,
    "system": [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330"},
        {"type": "text", "text": "You are Claude Code.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "Do the task.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ],
    "messages": [{"role": "user", "content": [
        {"type": "text", "text": "<system-reminder>now</system-reminder>"},
        {"type": "text", "text": "Read it.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}],
    "metadata": {"user_id": json.dumps({"session_id": "0f" * 30, "account": "x" * 40})},
    "thinking": {"type": "enabled", "budget_tokens": 31999, "display": "omitted"},
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    "tools": [
        {"name": "Read", "description": "Read a file.", "input_schema": SCHEMA, "eager_input_streaming": True},
        {"name": "Web", "description": "Search.", "input_schema": SCHEMA, "defer_loading": True},
        {"type": "custom", "name": "Bash", "description": "Run.", "input_schema": SCHEMA},
    ],
}  # fmt: skip


@others("anthropic")
def test_claude_codes_request_reaches_every_provider(upstream: str) -> None:
    crossing = cross("anthropic", upstream, CLAUDE_CODE)
    assert crossing.refused == []
    said = json.dumps(crossing.sent)
    assert all(text in said for text in ("You are Claude Code.", "Do the task.", "Read it.", "system-reminder"))
    assert "context_management" not in said and "defer_loading" not in said and "eager_input_streaming" not in said
    assert {"anthropic:context_management", "anthropic:tools.defer_loading"} <= set(crossing.lost)
    tools = crossing.sent["tools"]
    names = [(tool.get("function") or tool)["name"] for tool in tools[0].get("functionDeclarations", tools)]
    assert names == ["Read", "Web", "Bash"], "type custom is an ordinary function at Anthropic's"


@pytest.mark.parametrize("upstream, key", [("openai_chat", "user"), ("openai_responses", "safety_identifier")])
def test_claude_codes_user_id_is_short_enough_for_openai(upstream: str, key: str) -> None:
    one, two = (cross("anthropic", upstream, CLAUDE_CODE).sent[key] for _ in range(2))
    assert one == two
    assert len(one) <= 64


@others("anthropic")
def test_claude_codes_400_reaches_it_as_an_anthropic_400(upstream: str) -> None:
    """On a 400 it sheds features and asks again, six times; a 502 it would only repeat."""
    crossing = cross("anthropic", upstream, CLAUDE_CODE)
    error = crossing.call.answer_format.parse_error(400, {"error": {"message": "no such field", "code": 400}})
    assert error.status == 400
    body = crossing.call.format.render_error(error)
    assert body == {"type": "error", "error": {"type": "invalid_request_error", "message": "no such field"}}


@others("anthropic")
def test_a_thread_without_its_history_is_named(upstream: str) -> None:
    """Section 4.4: anthropic's tool_runner goes on with a message id and only the tool's result."""
    body = asks("anthropic", results((ONE, "blue")), tools=TOOLS)
    body["thread"] = {"type": "continue", "previous_message_id": "msg_1"}
    crossing = cross("anthropic", upstream, body)
    assert "anthropic:thread" in crossing.lost
    assert "blue" in json.dumps(crossing.sent)


@others("openai_responses")
def test_a_response_that_only_its_maker_remembers_is_refused(upstream: str) -> None:
    body = {
        "previous_response_id": "resp_1",
        "input": [{"type": "function_call_output", "call_id": "c", "output": "x"}],
    }
    assert "previous_response_id" in cross("openai_responses", upstream, body).refused


# -- Codex (4.6) ------------------------------------------------------------------------------

GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: SOURCE"}
EXEC = {"type": "custom", "name": "exec", "description": "Run JavaScript.", "format": GRAMMAR}
CODEX: dict[str, Any] = {
    "instructions": "",
    "input": [
        {
            "type": "message",
            "role": "developer",
            "id": "msg_1",
            "content": [{"type": "input_text", "text": "You are Codex."}],
        },
        {"type": "message", "role": "user", "id": "msg_2", "content": [{"type": "input_text", "text": "Read it."}]},
    ],
    "tools": [
        {"type": "function", "name": "exec_command", "description": "Run.", "parameters": SCHEMA, "strict": False},
        {
            "type": "namespace",
            "name": "multi_agent_v1",
            "description": "Agents.",
            "tools": [
                {
                    "type": "function",
                    "name": "spawn_agent",
                    "description": "Spawn.",
                    "parameters": SCHEMA,
                    "strict": False,
                }
            ],
        },
        {"type": "custom", "name": "apply_patch", "description": "Patch.", "format": GRAMMAR},
        {"type": "web_search", "external_web_access": False},
        {"type": "tool_search", "execution": "client", "description": "Find tools.", "parameters": SCHEMA},
    ],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"effort": "medium", "summary": "auto"},
    "store": False,
    "stream": True,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "0199",
    "text": {"verbosity": "low"},
    "client_metadata": {"x": "y"},
}


@others("openai_responses")
def test_codexs_request_reaches_every_provider(upstream: str) -> None:
    crossing = cross("openai_responses", upstream, CODEX, stream=True)
    assert crossing.refused == []
    said = json.dumps(crossing.sent)
    assert all(text in said for text in ("You are Codex.", "Read it.", "exec_command", "spawn_agent", "apply_patch"))
    assert "client_metadata" not in said and "tool_search" not in said
    assert {"openai_responses:client_metadata", "openai_responses:tools.tool_search"} <= set(crossing.lost)


@others("openai_responses")
def test_codex_hears_whose_tool_was_called(upstream: str) -> None:
    """Without its namespace Codex does not know `spawn_agent`."""
    crossing = cross("openai_responses", upstream, CODEX, stream=True)
    said = json.dumps(crossing.sent["tools"])
    name = next(name for name in ("multi_agent_v1__spawn_agent", "spawn_agent") if f'"{name}"' in said)
    (item,) = [
        event["item"]
        for event in events_of(crossing.stream(*streams(upstream, calls=(Call("call_1", name),))))
        if event["type"] == "response.output_item.done"
    ]
    assert (item["type"], item["namespace"], item["name"]) == ("function_call", "multi_agent_v1", "spawn_agent")


@others("openai_responses")
def test_codex_hands_its_tools_in_as_an_item(upstream: str) -> None:
    """For gpt-6 names: no `tools`, but an `additional_tools` item with namespaces and one freeform tool."""
    added = {"type": "additional_tools", "tools": [EXEC, CODEX["tools"][1]]}
    body = {**{key: value for key, value in CODEX.items() if key != "tools"}, "input": [added, *CODEX["input"]]}
    crossing = cross("openai_responses", upstream, body, stream=True)
    assert crossing.refused == []
    said = json.dumps(crossing.sent["tools"])
    assert '"exec"' in said and "spawn_agent" in said
    code = 'text(await tools.look({at: "sky"}))'
    call = Call("call_1", "exec", json.dumps({"input": code}))
    if upstream == "openai_chat":
        head = {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "exec", "input": code}}
        pieces = [chat_chunk({"tool_calls": [head]}), chat_chunk({}, "tool_calls"), sse("[DONE]")]
    else:
        pieces = streams(upstream, calls=(call,))
    (item,) = events_of(crossing.stream(*pieces))[-1]["response"]["output"]
    assert (item["type"], item["name"], item["input"]) == ("custom_tool_call", "exec", code)


@others("openai_responses")
def test_codexs_next_turn(upstream: str) -> None:
    """Its own items come back: reasoning with a seal of another maker, both kinds of calls, both kinds of outputs."""
    crossing = cross("openai_responses", upstream, CODEX)
    answer = crossing.whole(says(upstream, "So", thought="hm", calls=(Call("call_1", "exec_command"),)))
    more = [
        {"type": "function_call_output", "call_id": "call_1", "output": "blue"},
        {"type": "custom_tool_call", "call_id": "call_2", "name": "apply_patch", "input": "*** Begin Patch"},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "patched"}]},
    ]
    body = goes_on("openai_responses", CODEX, answer)
    body["input"] = [*CODEX["input"], *answer["output"], *more]
    crossing = cross("openai_responses", upstream, body)
    said = json.dumps(crossing.sent)
    assert crossing.refused == []
    assert said.index("blue") < said.index("*** Begin Patch") < said.index("patched")


# -- chat (4.8) -----------------------------------------------------------------------------------

CALLED = {"id": "call_1", "index": 0, "function": {"name": "look", "arguments": '{"at":"sky"}'}}
CHATS: dict[str, list[dict[str, Any]]] = {
    "content null": [{"role": "assistant", "content": None, "tool_calls": [{**CALLED, "type": "function"}]}],
    "content empty": [{"role": "assistant", "content": "", "tool_calls": [{**CALLED, "type": "function"}]}],
    "no content": [{"role": "assistant", "tool_calls": [{**CALLED, "type": "function"}]}],
    "no type, an index": [{"role": "assistant", "tool_calls": [CALLED]}],
    "a list": [{"role": "assistant", "content": [{"type": "text", "text": "So"}], "tool_calls": [CALLED]}],
    "an empty list": [{"role": "assistant", "content": [], "tool_calls": [CALLED]}],
    "arguments as an object": [
        {"role": "assistant", "tool_calls": [{**CALLED, "function": {"name": "look", "arguments": {"at": "sky"}}}]},
    ],
}  # fmt: skip
RESULTS: dict[str, dict[str, Any]] = {
    "text": {"content": "blue"},
    "parts": {"content": [{"type": "text", "text": "blue"}]},
    "name": {"content": "blue", "name": "look"},
    "strings": {"content": ["blue"]},
}


@others("openai_chat")
@pytest.mark.parametrize("call", CHATS)
@pytest.mark.parametrize("result", RESULTS)
def test_chat_messages_in_every_dialect(upstream: str, call: str, result: str) -> None:
    """qwen, gptme, vibe, litellm, pi, copilot: one conversation in as many spellings."""
    told = {"role": "tool", "tool_call_id": "call_1", **RESULTS[result]}
    plain = {"role": "assistant"} if call == "no content" else {"role": "assistant", "content": None}
    system = [{"role": "system", "content": [{"type": "text", "text": "Be"}]}, {"role": "system", "content": "brief."}]
    body = {**asks("openai_chat", tools=TOOLS), "store": False, "stream": False}
    body["messages"] = [
        *system,
        {"role": "user", "content": "Hi"},
        *CHATS[call],
        told,
        plain,
        {"role": "user", "content": "?"},
    ]
    crossing = cross("openai_chat", upstream, body)
    said = json.dumps(crossing.sent)
    assert crossing.refused == []
    assert said.count("sky") == 1 and said.count("blue") == 1 and "brief." in said
    assert said.count("call_1") == 2


@others("openai_chat")
def test_cursor_sends_anthropics_tools_in_a_chat_request(upstream: str) -> None:
    """router-for-me/CLIProxyAPI#735, #601, #1165, #425: tools invisible, or printed as text."""
    body = asks("openai_chat")
    body["tools"] = [{"name": "look", "description": "Look.", "input_schema": SCHEMA}]
    crossing = cross("openai_chat", upstream, body)
    said = json.dumps(crossing.sent)
    assert json.dumps(SCHEMA["properties"]) in said, f"the schema is lost: {crossing.lost}"


@others("openai_chat")
def test_old_functions_are_answered_as_such(upstream: str) -> None:
    body = {**asks("openai_chat"), "functions": [{"name": "look", "parameters": SCHEMA}], "function_call": "auto"}
    message = cross("openai_chat", upstream, body).whole(says(upstream, calls=(ONE,)))["choices"][0]
    assert message["message"]["function_call"]["name"] == "look"
    assert message["finish_reason"] == "function_call"


# -- Gemini (4.2, 4.9) ---------------------------------------------------------------------------------

SNAKE: dict[str, Any] = {
    "system_instruction": {"role": "user", "parts": [{"text": "Be brief."}]},
    "contents": [
        {
            "role": "user",
            "parts": [{"text": "Hi"}, {"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}],
        },
        {
            "role": "model",
            "parts": [{"function_call": {"name": "look", "args": {"at": "sky"}}, "thought_signature": "c2VhbA=="}],
        },
        {"role": "user", "parts": [{"function_response": {"name": "look", "response": {"output": "blue"}}}]},
    ],
    "tools": [{"function_declarations": [{"name": "look", "description": "Look.", "parameters_json_schema": SCHEMA}]}],
    "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["look"]}},
    "generation_config": {
        "max_output_tokens": 700,
        "stop_sequences": ["END"],
        "top_p": 0.5,
        "response_mime_type": "application/json",
        "response_json_schema": SCHEMA,
        "thinking_config": {"thinking_budget": 0},
    },
}


def camel(value: Any) -> Any:
    """The same request as the other clients spell it."""
    if isinstance(value, list):
        return [camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {"".join(p if not n else p.capitalize() for n, p in enumerate(key.split("_"))): key for key in value}
    return {name: value[key] if key in ("args", "response") else camel(value[key]) for name, key in named.items()}


@others("gemini")
def test_gemini_in_snake_case_is_gemini_in_camel_case(upstream: str) -> None:
    """litellm sends snake case throughout."""
    snake, other = cross("gemini", upstream, SNAKE), cross("gemini", upstream, camel(SNAKE))
    assert snake.sent == other.sent
    assert snake.lost == other.lost
    said = json.dumps(snake.sent)
    assert all(text in said for text in ("Be brief.", "sky", "blue", "iVBORw0KGgo="))


@others("gemini")
@pytest.mark.parametrize("key", ["parameters", "parametersJsonSchema", "parameters_json_schema"])
def test_gemini_schemas_under_each_of_their_names(upstream: str, key: str) -> None:
    body = {
        **asks("gemini"),
        "tools": [{"functionDeclarations": [{"name": "look", "description": "Look.", key: SCHEMA}]}],
    }
    (tool,) = cross("gemini", upstream, body).sent["tools"]
    tool = tool.get("function") or tool
    assert (tool.get("parameters") or tool["input_schema"]) == SCHEMA


@others("gemini")
def test_gemini_clis_request(upstream: str) -> None:
    """systemInstruction with role user, mode VALIDATED, server-side tools beside functions, ids of its own making."""
    body = {
        **asks(
            "gemini", user("Hi"), assistant("", Call("look-17-a")), results((Call("look-17-a"), "blue")), tools=TOOLS
        ),
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "toolConfig": {
            "functionCallingConfig": {"mode": "VALIDATED"},
            "includeServerSideToolInvocations": True,
        },
        "generationConfig": {"temperature": 1, "topP": 0.95, "topK": 64, "thinkingConfig": {"includeThoughts": True}},
    }
    body["tools"].append({"googleSearch": {}})
    crossing = cross("gemini", upstream, body, stream=True)
    assert crossing.refused == []
    assert "Be brief." in json.dumps(crossing.sent)
    assert json.dumps(crossing.sent).count("look-17-a") == 2


@pytest.mark.parametrize("path", [
    "/v1/models/{}:generateContent", "/v1beta/models/{}:generateContent", "/models/{}:generateContent",
    "/v1beta1/publishers/google/models/{}:generateContent",
])  # fmt: skip
@others("gemini")
def test_gemini_on_each_of_its_paths(upstream: str, path: str) -> None:
    crossing = cross("gemini", upstream, asks("gemini"), path=path.format("some-model"))
    assert crossing.sent["model"] == "some-model"
    assert crossing.call.stream is False


@others("gemini")
def test_gemini_without_sse_is_a_json_array(upstream: str) -> None:
    crossing = cross("gemini", upstream, asks("gemini"), path="/v1beta/models/some-model:streamGenerateContent")
    chunks = json.loads(crossing.stream(*streams(upstream, "So")))
    assert "".join(part["text"] for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]) == "So"
    broken = json.loads(
        cross("gemini", upstream, asks("gemini"), path="/v1beta/models/m:streamGenerateContent").stream()
    )
    assert "error" in broken[-1]


# -- what clients need in answers (5) -------------------------------------------------------------------


@others("anthropic")
def test_answer_anthropic_sse(upstream: str) -> None:
    """`event:` lines, usage in message_start and message_delta, stops of blocks, stop_reason, message_stop."""
    out = cross("anthropic", upstream, asks("anthropic", tools=TOOLS), stream=True).stream(
        *streams(upstream, "So", thought="hm", calls=(ONE, OTHER))
    )
    for event in out.decode().strip().split("\n\n"):
        name, data = event.split("\n")
        assert name == f"event: {json.loads(data.removeprefix('data: '))['type']}"
    events = events_of(out)
    assert events[0]["message"]["usage"].keys() >= {"input_tokens", "output_tokens"}
    assert events[-2]["type"] == "message_delta"
    assert (events[-2]["delta"]["stop_reason"], events[-1]["type"]) == ("tool_use", "message_stop")
    assert events[-2]["usage"]["output_tokens"] == 12
    kinds = [event["type"] for event in events]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 4


@others("openai_chat")
def test_answer_chat_sse(upstream: str) -> None:
    """role in the first chunk, `choices[].index`, the calls' index, id and type, finish_reason, a space after data:."""
    out = cross("openai_chat", upstream, asks("openai_chat", tools=TOOLS), stream=True).stream(
        *streams(upstream, "So", calls=(ONE, OTHER))
    )
    assert all(line.startswith("data: ") for line in out.decode().split("\n\n") if line)
    chunks = [event for event in events_of(out) if event != "[DONE]"]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert all(choice["index"] == 0 for chunk in chunks for choice in chunk["choices"])
    heads = [call for c in chunks for call in c["choices"][0]["delta"].get("tool_calls", ()) if "id" in call]
    assert [(head["index"], head["id"], head["type"]) for head in heads] == [
        (0, "call_1", "function"),
        (1, "call_2", "function"),
    ]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert "usage" not in chunks[-1] or chunks[-1]["usage"] is None, "nobody asked for it"


@others("openai_responses")
def test_answer_responses_sse(upstream: str) -> None:
    """output_item.done per item, the same ids in added, done and completed, and completed with id and output."""
    events = events_of(
        cross("openai_responses", upstream, asks("openai_responses", tools=TOOLS), stream=True).stream(
            *streams(upstream, "So", thought="hm", calls=(ONE, OTHER))
        )
    )
    added = [event["item"]["id"] for event in events if event["type"] == "response.output_item.added"]
    done = [event["item"]["id"] for event in events if event["type"] == "response.output_item.done"]
    final = events[-1]["response"]
    assert sorted(added) == sorted(done) == sorted(item["id"] for item in final["output"])
    assert final["id"] == events[0]["response"]["id"]
    assert final["usage"]["output_tokens"] == 12


@others("gemini")
def test_answer_gemini_sse(upstream: str) -> None:
    """finishReason on the last chunk, and thoughtSignature kept on the call."""
    pieces = streams(upstream, "So", thought="hm", calls=(ONE,), signature="c2VhbA==")
    heard = hears_stream("gemini", cross("gemini", upstream, asks("gemini", tools=TOOLS), stream=True).stream(*pieces))
    assert heard.events[-1]["candidates"][0]["finishReason"] == ENDS["gemini"]["tool_calls"]
    if upstream != "openai_chat":
        assert "thoughtSignature" in json.dumps(heard.events)


@pytest.mark.parametrize("client", TALKING)
def test_answers_to_an_openai_server_that_does_all_it_should_not(client: str) -> None:
    """Comments, CRLF, empty ids and names, finish `stop` with calls: section 5, "tolerated by all"."""
    if client == "openai_chat":
        return
    head = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}
    again = {"index": 0, "id": "", "function": {"name": "", "arguments": '{"at":"sky"}'}}
    pieces = [
        b": keep-alive\r\n\r\n",
        chat_chunk({"tool_calls": [head]}).replace(b"\n", b"\r\n"),
        chat_chunk({"tool_calls": [again]}),
        chat_chunk({}, "stop"),
        sse("[DONE]"),
    ]
    crossing = cross(client, "openai_chat", asks(client, tools=TOOLS), stream=True)
    heard = hears_stream(client, crossing.stream(*pieces))
    assert (heard.called, heard.end) == ([("look", {"at": "sky"})], ENDS[client]["tool_calls"])
    assert hears(client, crossing.whole(says("openai_chat", "So"))).text == "So"
