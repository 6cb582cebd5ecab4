"""The faults in the source of the program that this one replaces (`../shared/original.md`, section 11): none is copied.

 1 to 10, 18 (as bodies)          here
11, 12, 14, 15, 18, 19            tests/gateway/test_pains.py, through the running gateway
13 (management API)               issue 5
16 (`switch-preview-model`)       issue 4: routes and fallbacks
17 (usage details in memory)      issue 6: usage statistics
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from crossing import TALKING, cross
from tongues import (
    ENDS,
    GEMINI_USAGE,
    SCHEMA,
    Call,
    asks,
    assistant,
    candidate,
    chat_chunk,
    chat_usage,
    events_of,
    gemini_chunk,
    hears,
    hears_stream,
    results,
    says,
    sse,
    streams,
    system,
    user,
)

TOOLS = {"look": SCHEMA}
ONE, OTHER = Call("call_1"), Call("call_2", arguments='{"at":"sea"}')


def test_fault_01_openai_to_gemini_maps_every_setting() -> None:
    body = asks(
        "openai_chat", tools=TOOLS, stop=["END"], tool_choice="required", seed=7, presence_penalty=0.5,
        frequency_penalty=0.25, parallel_tool_calls=False,
    )  # fmt: skip
    crossing = cross("openai_chat", "gemini", body)
    config = crossing.sent["generationConfig"]
    assert config["stopSequences"] == ["END"]
    assert (config["seed"], config["presencePenalty"], config["frequencyPenalty"]) == (7, 0.5, 0.25)
    assert crossing.sent["toolConfig"]["functionCallingConfig"] == {"mode": "ANY"}
    assert crossing.lost == ["parallel_tool_calls"], "no word for it there, and the client is told"


def test_fault_01_a_linked_image_is_not_dropped() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}
    sent = cross("openai_chat", "gemini", {"messages": [{"role": "user", "content": [image]}]}).sent
    assert sent["contents"][0]["parts"][0]["fileData"]["fileUri"] == "https://pictures.example/a.png"


def test_fault_01_a_result_without_its_call_is_not_dropped() -> None:
    sent = cross("openai_chat", "gemini", asks("openai_chat", user("Hi"), results((ONE, "blue")), user("?"))).sent
    assert "blue" in json.dumps(sent)
    assert "functionResponse" not in json.dumps(sent)


def test_fault_02_claude_to_gemini_maps_limit_and_stops() -> None:
    sent = cross("anthropic", "gemini", asks("anthropic", stop_sequences=["END"], max_tokens=77)).sent
    assert sent["generationConfig"] == {"maxOutputTokens": 77, "stopSequences": ["END"]}


@pytest.mark.parametrize("kind, mime", [("image", "image/png"), ("document", "application/pdf")])
def test_fault_02_linked_images_and_documents_are_not_dropped(kind: str, mime: str) -> None:
    part = {"type": kind, "source": {"type": "url", "url": f"https://files.example/a.{mime.rpartition('/')[2]}"}}
    sent = cross("anthropic", "gemini", {"max_tokens": 9, "messages": [{"role": "user", "content": [part]}]}).sent
    assert sent["contents"][0]["parts"][0] == {"fileData": {"mimeType": mime, "fileUri": part["source"]["url"]}}


def test_fault_02_a_functions_name_is_not_guessed_from_an_id() -> None:
    call = Call("toolu_01AbC-9", "look")
    sent = cross(
        "anthropic", "gemini", asks("anthropic", user("Hi"), assistant("", call), results((call, "blue")), tools=TOOLS)
    ).sent
    assert sent["contents"][1]["parts"][0]["functionCall"]["name"] == "look"
    assert sent["contents"][2]["parts"][0]["functionResponse"]["name"] == "look"


def test_fault_03_gemini_to_openai_streams() -> None:
    """A legal finish reason, all text of a chunk, an end also without usage, a time of creation, the same ids again."""
    pieces = [gemini_chunk([{"text": "So "}, {"text": "much"}]), gemini_chunk([{"text": " more"}], "MAX_TOKENS")]
    crossing = cross("openai_chat", "gemini", asks("openai_chat"), stream=True)
    out = crossing.stream(*pieces)
    heard = hears_stream("openai_chat", out)
    assert (heard.text, heard.end, heard.closed) == ("So much more", "length", True)
    assert all(event["created"] > 0 for event in heard.events if event != "[DONE]")
    assert cross("openai_chat", "gemini", asks("openai_chat"), stream=True).stream(*pieces) == out


def test_fault_03_ids_of_calls_are_reproducible() -> None:
    body = candidate([{"functionCall": {"name": "look", "args": {"at": "sky"}}}])
    one, two = (cross("openai_chat", "gemini", asks("openai_chat", tools=TOOLS)).whole(body) for _ in range(2))
    assert one == two


def test_fault_04_gemini_to_claude_counts_cached_tokens_apart_and_names_the_answer() -> None:
    crossing = cross("anthropic", "gemini", asks("anthropic"))
    one = crossing.whole({**candidate([{"text": "So"}]), "responseId": "r7", "modelVersion": "gemini-2.5-pro-x"})
    assert (one["usage"]["input_tokens"], one["usage"]["cache_read_input_tokens"]) == (20, 10)
    assert (one["id"], one["model"]) == ("r7", "gemini-2.5-pro-x")
    body = candidate([{"text": "So"}])
    del body["responseId"], body["modelVersion"]
    bare = crossing.whole(body)
    assert (bare["id"], bare["model"]) == ("msg_abc123", "gemini-2.5-pro")


def test_fault_04_text_with_a_signature_is_text() -> None:
    answer = cross("anthropic", "gemini", asks("anthropic")).whole(
        candidate([{"text": "So", "thoughtSignature": "c2VhbA=="}])
    )
    heard = hears("anthropic", answer)
    assert (heard.text, heard.thought) == ("So", "")


def test_fault_05_parallel_calls_keep_their_order_for_a_gemini_client() -> None:
    calls = tuple(Call(f"call_{n}", f"tool_{n}") for n in range(20))
    for upstream in ("openai_chat", "openai_responses", "anthropic"):
        crossing = cross("gemini", upstream, asks("gemini", tools=TOOLS), stream=True)
        heard = hears_stream("gemini", crossing.stream(*streams(upstream, calls=calls)))
        assert [name for name, _ in heard.called] == [call.name for call in calls]


def test_fault_05_a_chunk_with_text_and_finish_keeps_both() -> None:
    crossing = cross("gemini", "openai_chat", asks("gemini"), stream=True)
    heard = hears_stream("gemini", crossing.stream(chat_chunk({"content": "So"}, "stop"), chat_usage(), sse("[DONE]")))
    assert (heard.text, heard.end) == ("So", "STOP")
    assert heard.usage["promptTokenCount"] == 30


def test_fault_06_claude_to_openai_counts_calls_and_streams_arguments() -> None:
    crossing = cross("openai_chat", "anthropic", asks("openai_chat", tools=TOOLS), stream=True)
    heard = hears_stream("openai_chat", crossing.stream(*streams("anthropic", "So", thought="hm", calls=(ONE, OTHER))))
    assert list(heard.calls) == [0, 1]
    pieces = [
        event["choices"][0]["delta"].get("tool_calls")
        for event in heard.events
        if event != "[DONE]" and event["choices"]
    ]
    assert len([piece for piece in pieces if piece and piece[0]["index"] == 0]) == 3, "the head and two pieces"


def test_fault_07_claude_client_to_openai() -> None:
    body = asks("anthropic", tools=TOOLS, tool_choice={"type": "none"})
    assert cross("anthropic", "openai_chat", body).sent["tool_choice"] == "none"
    body = asks("anthropic", tools=TOOLS, tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    assert cross("anthropic", "openai_chat", body).sent["parallel_tool_calls"] is False


def test_fault_07_documents_errors_and_server_tools_are_carried_or_named() -> None:
    document = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
    sent = cross(
        "anthropic", "openai_chat", {"max_tokens": 9, "messages": [{"role": "user", "content": [document]}]}
    ).sent
    assert sent["messages"][0]["content"][0]["file"]["file_data"] == "data:application/pdf;base64,JVBERi0="
    body = asks("anthropic", user("Hi"), assistant("", ONE), results((ONE, "no such file")), tools=TOOLS)
    body["messages"][2]["content"][0]["is_error"] = True
    assert "tool_result.error" in cross("anthropic", "openai_chat", body).lost
    body = asks("anthropic")
    body["tools"] = [
        {"type": "bash_20250124", "name": "bash"},
        {"type": "code_execution_20250825", "name": "code_execution"},
    ]
    crossing = cross("anthropic", "openai_chat", body)
    assert "tools" not in crossing.sent, "no function without a schema is made of a server's tool"
    assert {"tools.code_execution", "anthropic:tools.bash_20250124"} <= set(crossing.lost)


def test_fault_08_openai_to_claude_drops_no_setting() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = asks("openai_chat", tools=TOOLS, temperature=0.5, response_format=wanted, parallel_tool_calls=False)
    sent = cross("openai_chat", "anthropic", body).sent
    assert sent["temperature"] == 0.5
    assert sent["output_config"]["format"]["schema"] == schema
    assert sent["tool_choice"]["disable_parallel_tool_use"] is True
    sent = cross("openai_chat", "anthropic", asks("openai_chat", tools=TOOLS, tool_choice="none")).sent
    assert sent["tool_choice"] == {"type": "none"}


def test_fault_08_sound_is_refused_not_dropped() -> None:
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    crossing = cross("openai_chat", "anthropic", {"messages": [{"role": "user", "content": [sound]}]})
    assert crossing.refused == ["audio"]


def test_fault_09_gemini_to_claude_client() -> None:
    """A finishReason with every chunk ends nothing; sampling and the system prompt arrive, in both spellings."""
    calls = [
        gemini_chunk([{"functionCall": {"name": "look", "args": one.input}}], "STOP", GEMINI_USAGE)
        for one in (ONE, OTHER)
    ]
    crossing = cross("anthropic", "gemini", asks("anthropic", tools=TOOLS), stream=True)
    heard = hears_stream("anthropic", crossing.stream(*calls))
    assert [arguments for _, arguments in heard.called] == [{"at": "sky"}, {"at": "sea"}]
    assert heard.end == "tool_use"
    sent = cross("anthropic", "gemini", asks("anthropic", temperature=0.3, top_k=9)).sent
    assert (sent["generationConfig"]["temperature"], sent["generationConfig"]["topK"]) == (0.3, 9)


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses", "anthropic"])
def test_fault_09_the_system_prompt_in_both_spellings(key: str, upstream: str) -> None:
    sent = cross("gemini", upstream, {**asks("gemini"), key: {"parts": [{"text": "Be brief."}]}}).sent
    place = sent.get("system") or sent.get("instructions") or sent["messages"][0]
    assert "Be brief." in json.dumps(place)
    assert '"user"' not in json.dumps(place)


def test_fault_09_the_calls_of_a_streaming_gemini_client_end_once() -> None:
    for upstream in ("openai_chat", "openai_responses", "anthropic"):
        crossing = cross("gemini", upstream, asks("gemini", tools=TOOLS), stream=True)
        events = events_of(crossing.stream(*streams(upstream, calls=(ONE, OTHER))))
        assert [event["candidates"][0].get("finishReason") for event in events if event["candidates"]].count(
            "STOP"
        ) == 1


def test_fault_10_completions_do_not_stringify_or_drop() -> None:
    for prompt in (["one", "two"], [1, 2, 3], [[1, 2], [3]]):
        crossing = cross("openai_completions", "anthropic", {"prompt": prompt})
        assert crossing.refused, "several prompts and tokens can't be said elsewhere: refused, not stringified"
    for field, value, named in (("n", 2, "n"), ("suffix", "end", "openai_completions:suffix")):
        assert named in cross("openai_completions", "anthropic", {"prompt": "Hi", field: value}).refused
    crossing = cross("openai_completions", "openai_chat", {"prompt": "Hi", "seed": 5, "logit_bias": {"50256": -100}})
    assert crossing.sent["seed"] == 5
    assert crossing.lost == ["openai_completions:logit_bias"]
    assert cross("openai_completions", "openai_chat", {"prompt": ["Hi"]}).sent["messages"][0]["content"] == "Hi"


@pytest.mark.parametrize("upstream", TALKING)
def test_fault_10_a_tool_call_in_a_completion_does_not_break_its_stream(upstream: str) -> None:
    """There are no tools to be called; should a provider call one all the same, the text and the end stay."""
    crossing = cross("openai_completions", upstream, {"prompt": "Hi"}, stream=True)
    heard = hears_stream("openai_completions", crossing.stream(*streams(upstream, "So", calls=(ONE,))))
    assert (heard.text, heard.end, heard.closed) == ("So", "stop", True)


ERRORS: dict[str, Any] = {
    "openai_chat": {"error": {"message": "no", "type": "server_error", "param": None, "code": None}},
    "openai_responses": {"error": {"message": "no", "type": "server_error", "param": None, "code": None}},
    "anthropic": {"type": "error", "error": {"type": "api_error", "message": "no"}},
    "gemini": {"error": {"code": 500, "message": "no", "status": "INTERNAL"}},
}


@pytest.mark.parametrize("client", ["openai_chat", "openai_responses", "openai_completions", "anthropic", "gemini"])
@pytest.mark.parametrize("upstream", TALKING)
def test_fault_18_an_error_is_never_passed_on_in_another_formats_shape(client: str, upstream: str) -> None:
    if client == upstream:
        return
    shapes = {"anthropic": {"type", "message"}, "gemini": {"code", "message", "status"}}
    error = cross(client, upstream, asks(client)).error(500, ERRORS[upstream])["error"]
    assert set(error) == shapes.get(client, {"message", "type", "param", "code"})


def test_what_these_tests_speak_is_what_the_formats_say() -> None:
    """A system turn and a whole answer once, so that the helpers themselves are seen to work."""
    sent = cross("openai_chat", "anthropic", asks("openai_chat", system("Be brief."), user("Hi"))).sent
    assert sent["system"] == [{"type": "text", "text": "Be brief."}]
    heard = hears("openai_chat", cross("openai_chat", "anthropic", asks("openai_chat")).whole(says("anthropic", "So")))
    assert heard.end == ENDS["openai_chat"]["stop"]
