"""A request for each feature of `losses.FEATURES`, and for some more that every format says in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cliproxy.translators import ir
from cliproxy.translators.ir import Json

HELLO = ir.Message("user", (ir.Text("hello"),))
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"], "additionalProperties": False}
TOOL = ir.Tool("look", "Look at it.", SCHEMA)
CALL = ir.ToolCall("call_1", "look", '{"at":"sky"}')
RESULT = ir.ToolResult("call_1", (ir.Text("blue"),), name="look")
PNG = "iVBORw0KGgo="
PDF = ir.Media("document", "application/pdf", "JVBERi0=", name="a.pdf")
SOURCE = ir.Citation("https://example.test/a", "A page")


def said(**settings: object) -> ir.Request:
    return ir.Request("m", (HELLO,), **settings)  # type: ignore[arg-type]


def shown(part: ir.Part) -> ir.Request:
    return ir.Request("m", (ir.Message("user", (ir.Text("see"), part)),))


def after(*parts: ir.Part) -> ir.Request:
    """A second turn, behind an answer made of these parts."""
    return ir.Request("m", (HELLO, ir.Message("assistant", parts), HELLO))


def resulted(result: ir.ToolResult, call: ir.ToolCall = CALL) -> ir.Request:
    messages = (HELLO, ir.Message("assistant", (call,)), ir.Message("tool", (result,)))
    return ir.Request("m", messages, tools=(TOOL,))


REQUESTS: dict[str, ir.Request] = {
    "text": said(),
    "stream": said(stream=True),
    "system": ir.Request("m", (ir.Message("system", (ir.Text("be brief"),)), HELLO)),
    "system.mid": ir.Request(
        "m", (HELLO, ir.Message("assistant", (ir.Text("hi"),)), ir.Message("system", (ir.Text("be brief"),)), HELLO)
    ),
    "turns": ir.Request("m", (HELLO, ir.Message("assistant", (ir.Text("hi"),)), HELLO)),
    "message.name": ir.Request("m", (ir.Message("user", (ir.Text("x"),), name="bob"),)),
    "max_tokens": said(max_tokens=700),
    "temperature": said(temperature=0.5),
    "top_p": said(top_p=0.9),
    "top_k": said(top_k=3),
    "stop": said(stop=("END",)),
    "seed": said(seed=1),
    "presence_penalty": said(presence_penalty=0.5),
    "frequency_penalty": said(frequency_penalty=0.5),
    "n": said(n=2),
    "logprobs": said(logprobs=True),
    "top_logprobs": said(logprobs=True, top_logprobs=2),
    "thinking effort": said(thinking=ir.Thinking("high")),
    "thinking budget": said(thinking=ir.Thinking(budget=8192)),
    "thinking off": said(thinking=ir.Thinking("none")),
    "tools": said(tools=(TOOL,)),
    "tools.strict": said(tools=(replace(TOOL, strict=True),)),
    "tools.custom": said(tools=(ir.Tool("patch", "Change files.", kind="custom"),)),
    "tools.namespace": said(tools=(replace(TOOL, namespace="eyes"),)),
    "tools.web_search": said(tools=(ir.BuiltinTool("web_search"),)),
    "tools.web_fetch": said(tools=(ir.BuiltinTool("web_fetch"),)),
    "tools.code_execution": said(tools=(ir.BuiltinTool("code_execution"),)),
    **{
        f"tool_choice.{mode}": said(tools=(TOOL,), tool_choice=ir.ToolChoice(mode))
        for mode in ("auto", "none", "required")
    },  # type: ignore[arg-type]
    "tool_choice.tool": said(tools=(TOOL,), tool_choice=ir.ToolChoice("tool", ("look",))),
    "tool_choice.names": said(
        tools=tuple(replace(TOOL, name=name) for name in ("look", "listen", "smell")),
        tool_choice=ir.ToolChoice("required", ("look", "listen")),
    ),
    "parallel_tool_calls": said(tools=(TOOL,), parallel_tool_calls=False),
    "response_format.json": said(response_format=ir.ResponseFormat()),
    "response_format.schema": said(response_format=ir.ResponseFormat(SCHEMA, "answer", strict=True)),
    "verbosity": said(verbosity="low"),
    "user": said(user="u1"),
    "metadata": said(metadata=(("a", "b"),)),
    "service_tier": said(service_tier="flex"),
    "prompt_cache_key": said(prompt_cache_key="k"),
    "store": said(store=False),
    "previous_response_id": said(previous_response_id="resp_1"),
    "image": shown(ir.Media("image", "image/png", PNG)),
    "image.url": shown(ir.Media("image", url="https://example.test/a.png")),
    "image.file_id": shown(ir.Media("image", file_id="file-1")),
    "image.detail": shown(ir.Media("image", "image/png", PNG, detail="high")),
    "document": shown(PDF),
    "document.url": shown(ir.Media("document", "application/pdf", url="https://example.test/a.pdf")),
    "document.file_id": shown(ir.Media("document", file_id="file-1")),
    "document.text": shown(ir.Media("document", "text/plain", text="words")),
    "audio": shown(ir.Media("audio", "audio/wav", "UklGRg==")),
    "audio.url": shown(ir.Media("audio", "audio/wav", url="https://example.test/a.wav")),
    "audio.file_id": shown(ir.Media("audio", "audio/wav", file_id="file-1")),
    "video": shown(ir.Media("video", "video/mp4", "AAAA")),
    "video.url": shown(ir.Media("video", "video/mp4", url="https://example.test/a.mp4")),
    "video.file_id": shown(ir.Media("video", "video/mp4", file_id="file-1")),
    "cache": ir.Request("m", (ir.Message("user", (ir.Text("x", cache=ir.Cache()),)),)),
    "tool_result": resulted(RESULT),
    "tool_result.error": resulted(replace(RESULT, is_error=True)),
    "tool_result.image": resulted(replace(RESULT, parts=(ir.Text("here"), ir.Media("image", "image/png", PNG)))),
    "tool_result.document": resulted(replace(RESULT, parts=(ir.Text("here"), PDF))),
    "parallel calls": ir.Request(
        "m",
        (
            HELLO,
            ir.Message("assistant", (ir.Text("both"), CALL, replace(CALL, id="call_2"))),
            ir.Message("tool", (RESULT, replace(RESULT, call_id="call_2"))),
        ),
        tools=(TOOL,),
    ),
    "reasoning": after(ir.Reasoning("I ponder"), ir.Text("hi")),
    "refusal": after(ir.Refusal("I decline")),
    "citations": after(ir.Text("it is so", (SOURCE,))),
    "builtin.web_search": after(
        ir.BuiltinCall("srvtoolu_1", "web_search", '{"query":"sky"}'),
        ir.BuiltinResult("srvtoolu_1", "web_search", (SOURCE,)),
        ir.Text("hi"),
    ),
    "builtin.web_fetch": after(
        ir.BuiltinCall("srvtoolu_1", "web_fetch", '{"url":"https://example.test/a"}'),
        ir.BuiltinResult("srvtoolu_1", "web_fetch", (SOURCE,)),
        ir.Text("hi"),
    ),
    "builtin.code_execution": after(
        ir.BuiltinCall("srvtoolu_1", "code_execution", '{"code":"1+1"}'),
        ir.BuiltinResult("srvtoolu_1", "code_execution", text="2"),
        ir.Text("hi"),
    ),
    "foreign seal": after(ir.Reasoning("I ponder", ir.Opaque("another", "c2VhbA==")), ir.Text("hi")),
}


# -- in the client's own words ------------------------------------------------------------


def chat(*messages: Json, **settings: Any) -> Json:
    return {"model": "m", "messages": [{"role": "user", "content": "hello"}, *messages], **settings}


def responses(*items: Json, **settings: Any) -> Json:
    return {"model": "m", "input": [{"role": "user", "content": "hello"}, *items], **settings}


def completion(**settings: Any) -> Json:
    return {"model": "m", "prompt": "hello", **settings}


def claude(*messages: Json, **settings: Any) -> Json:
    return {"model": "m", "max_tokens": 700, "messages": [{"role": "user", "content": "hello"}, *messages], **settings}


def gemini(*parts: Json, **settings: Any) -> Json:
    return {"contents": [{"role": "user", "parts": [{"text": "hello"}, *parts]}], **settings}


def chat_result(*parts: Json) -> Json:
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    tool = {"type": "function", "function": {"name": "look"}}
    called = {"role": "assistant", "tool_calls": [call]}
    return chat(called, {"role": "tool", "tool_call_id": "call_1", "content": list(parts)}, tools=[tool])


def claude_after(*blocks: Json) -> Json:
    return claude({"role": "assistant", "content": list(blocks)}, {"role": "user", "content": "go on"})


def claude_built_in(name: str, input: Json, kind: str, content: Any) -> Json:
    call = {"type": "server_tool_use", "id": "srvtoolu_1", "name": name, "input": input}
    return claude_after(call, {"type": kind, "tool_use_id": "srvtoolu_1", "content": content})


def gemini_file(media_type: str) -> Json:
    uri = "https://generativelanguage.googleapis.com/v1beta/files/abc"
    return gemini({"fileData": {"mimeType": media_type, "fileUri": uri}})


def resent(client: str, answer: Json) -> Json:
    """The answer as clients send it back: the very objects that they got."""
    match client:
        case "openai_chat":
            return chat(answer["choices"][0]["message"], {"role": "user", "content": "go on"})
        case "openai_responses":
            return responses(*answer["output"], {"role": "user", "content": "go on"}, store=False)
        case "anthropic":
            return claude_after(*answer["content"])
        case "gemini":
            again = {"role": "user", "parts": [{"text": "go on"}]}
            return {"contents": [{"parts": [{"text": "hello"}]}, answer["candidates"][0]["content"], again]}
        case _:
            return completion(prompt="hello" + answer["choices"][0]["text"])


_PAGE = {"type": "web_search_result", "url": SOURCE.url, "title": SOURCE.title, "encrypted_content": "c2VhbA=="}
_CITED = {
    "type": "web_search_result_location",
    "url": SOURCE.url,
    "title": SOURCE.title,
    "cited_text": "so",
    "encrypted_index": "c2VhbA==",
}
_FETCHED = {"type": "web_fetch_result", "url": SOURCE.url, "content": {"type": "document", "title": SOURCE.title}}
_RAN = {"type": "code_execution_result", "stdout": "2", "stderr": "", "return_code": 0, "content": []}

OWN_WORDS: dict[str, dict[str, Json]] = {
    "openai_chat": {
        "top_k": chat(top_k=3),
        "tool_result.image": chat_result({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}),
        "tool_result.document": chat_result(
            {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF.data}", "filename": "a.pdf"}}
        ),
        "audio.url": chat(
            {"role": "user", "content": [{"type": "input_audio", "input_audio": "https://x.test/a.wav"}]}
        ),
        "own field": chat(logit_bias={"50256": -100}),
        "own part": chat({"role": "user", "content": [{"type": "poem", "lines": []}]}),
        "own tool": chat(tools=[{"type": "mystery"}]),
    },
    "openai_responses": {
        "reasoning": responses(
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "I ponder"}]},
            {"role": "assistant", "content": "hi"},
            {"role": "user", "content": "go on"},
            store=False,
        ),
        "builtin.code_execution": responses(
            {
                "type": "code_interpreter_call",
                "id": "ci_1",
                "status": "completed",
                "container_id": "cntr_1",
                "code": "1+1",
                "outputs": [{"type": "logs", "logs": "2"}],
            },
            {"role": "user", "content": "go on"},
        ),
        "own field": responses(truncation="auto"),
        "own part": responses({"type": "compaction", "id": "cmp_1", "encrypted_content": "c2VhbA=="}),
        "own tool": responses(tools=[{"type": "mcp", "server_label": "s", "server_url": "https://x.test"}]),
    },
    "openai_completions": {
        "own field": completion(best_of=1),
        "several prompts": completion(prompt=["hello", "bye"]),
        "suffix": completion(suffix="the end"),
    },
    "anthropic": {
        "system.mid": claude(
            {"role": "assistant", "content": "hi"},
            {"role": "user", "content": "go on"},
            {"role": "system", "content": "be brief"},
        ),
        "reasoning": claude_after(
            {"type": "thinking", "thinking": "I ponder", "signature": ""}, {"type": "text", "text": "hi"}
        ),
        "citations": claude_after({"type": "text", "text": "it is so", "citations": [_CITED]}),
        "builtin.web_search": claude_built_in("web_search", {"query": "sky"}, "web_search_tool_result", [_PAGE]),
        "builtin.web_fetch": claude_built_in("web_fetch", {"url": SOURCE.url}, "web_fetch_tool_result", _FETCHED),
        "builtin.code_execution": claude_built_in(
            "code_execution", {"code": "1+1"}, "code_execution_tool_result", _RAN
        ),
        "own field": claude(container="c_1"),
        "own part": claude_after({"type": "compaction", "content": "all before"}),
        "own tool": claude(tools=[{"type": "computer_20250124", "name": "computer", "display_width_px": 1}]),
    },
    "gemini": {
        "image.file_id": gemini_file("image/png"),
        "document.file_id": gemini_file("application/pdf"),
        "audio.file_id": gemini_file("audio/wav"),
        "video.file_id": gemini_file("video/mp4"),
        "thinking off": gemini(generationConfig={"thinkingConfig": {"thinkingBudget": 0}}),
        "own field": gemini(safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]),
        "own part": gemini({"toolCall": {"toolType": "X"}}),
        "own tool": gemini(tools=[{"googleMaps": {}}]),
    },
}
"""What a format reads and would not write of its own: other servers' words, what needs a seal, what nobody else has."""
