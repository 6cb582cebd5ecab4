"""A request for each feature of `losses.FEATURES`, and for some more that every format says in its own way."""

from __future__ import annotations

from dataclasses import replace

from cliproxy.translators import ir

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
    return ir.Request("m", (HELLO, ir.Message("assistant", parts), HELLO), tools=(TOOL,))


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
    "reasoning": after(ir.Reasoning("hm"), ir.Text("hi")),
    "refusal": after(ir.Refusal("no")),
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
    "foreign seal": after(ir.Reasoning("hm", ir.Opaque("another", "c2VhbA==")), ir.Text("hi")),
}
