"""An answer with everything in it that a chat message can say."""

from __future__ import annotations

from cliproxy.translators import ir

CONTEXT = ir.Context("abc", 17, ir.Request("asked-for", include_usage=True))
SEAL = ir.Opaque("openai_chat", '[{"type":"reasoning.text","text":"Hm.","signature":"sig","index":0}]')
FULL = ir.Response(
    "x-1",
    "m",
    5,
    (
        ir.Reasoning("Hm.", SEAL),
        ir.Text(
            "Hello, world",
            (ir.Citation("https://a.example", "A", "quoted", 7, 12),),
            (ir.TokenLogprob("Hello", -0.5, (72,), (ir.TokenLogprob("Hi", -2.0, None),)),),
        ),
        ir.ToolCall("c1", "look", '{"a":1}', opaque=ir.Opaque("openai_chat", "thought")),
        ir.ToolCall("c2", "find", "{"),
    ),
    ir.Finish("tool_calls", ir.Usage(10, 6, 4, 2, 3), None, "default"),
)
