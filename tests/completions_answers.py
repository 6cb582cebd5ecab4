"""An answer with everything in it that a legacy completion can say."""

from __future__ import annotations

from cliproxy.translators import ir

CONTEXT = ir.Context("abc", 17, ir.Request("asked-for", include_usage=True))
FULL = ir.Response(
    "x-1",
    "m",
    5,
    (ir.Text("Hello", (), (ir.TokenLogprob("Hello", -0.5, None, (ir.TokenLogprob("Hi", -2.0),)),)),),
    ir.Finish("length", ir.Usage(10, 6, 4)),
)
