"""A conversation reads as it went, and no bytes of media are in it."""

from __future__ import annotations

import base64

import pytest

from cliproxy.translators import ir
from cliproxy.translators.transcript import answer_text, media_text, request_text, usage_text

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + bytes(2000))
IMAGE = ir.Media("image", "image/png", PNG.decode())
CALL = ir.ToolCall("call_1", "get_weather", '{"city":"Paris","days":2}')

REQUEST = ir.Request(
    "claude-test",
    (
        ir.Message("system", (ir.Text("You are terse."),)),
        ir.Message("user", (ir.Text("What is this?\nAnd the weather?"), IMAGE)),
        ir.Message("assistant", (ir.Reasoning("Look first.", ir.Opaque("anthropic", "c2VhbA==")), CALL)),
        ir.Message("tool", (ir.ToolResult("call_1", (ir.Text("18 °C"),), True, "get_weather"),)),
    ),
    stream=True,
    max_tokens=1024,
    stop=("END", "STOP"),
    thinking=ir.Thinking(effort="high"),
    tools=(ir.Tool("get_weather", "Tells the weather.", {"properties": {"city": {}, "days": {}}}),),
    tool_choice=ir.ToolChoice("auto"),
)
ASKED = """\
model: claude-test (streamed)
max_tokens: 1024
stop: END, STOP
thinking: effort high
tool_choice: auto
tools: 1 (get_weather)

system:
  You are terse.

user:
  What is this?
  And the weather?
  [image, image/png, 640 × 480, 2.0 KB]

assistant:
  reasoning: [sealed, 8 bytes]
    Look first.
  call get_weather [call_1]:
    {
      "city": "Paris",
      "days": 2
    }

result get_weather [call_1]: ERROR
  18 °C

tool get_weather(city, days):
  Tells the weather.
"""
ANSWERED = """\
model: claude-test-1
finish: stop ('END')
tokens: 1,200 input (1,000 cached) + 34 output (20 reasoning)
cost: about $0.001234 (list price)

assistant:
  Hello there
  source: A page https://a.test
"""


def test_a_request_reads_as_a_conversation() -> None:
    assert request_text(REQUEST) == ASKED


def test_an_answer_says_what_it_took() -> None:
    parts = (ir.Text("Hello there", (ir.Citation("https://a.test", "A page"),)),)
    usage = ir.Usage(1200, 34, cache_read=1000, reasoning=20)
    response = ir.Response("x", "claude-test-1", None, parts, ir.Finish("stop", usage, "END"))
    assert answer_text(response, 0.001234) == ANSWERED


def test_an_error_is_told_with_what_came_before_it() -> None:
    error = ir.Error(529, "Overloaded", "overloaded_error")
    text = answer_text(ir.Response("x", "", None, (ir.Text("Hel"),), error=error))
    assert text == "error: 529 overloaded_error Overloaded\n\nassistant:\n  Hel\n"


@pytest.mark.parametrize(
    "part, line",
    [
        (ir.Media("image", url="https://a.test/x.png"), "[image, https://a.test/x.png]"),
        (ir.Media("document", "application/pdf", "QUJD", name="a.pdf"), "[document, a.pdf, application/pdf, 3 bytes]"),
        (ir.Media("audio", file_id="f_1"), "[audio, file f_1]"),
        (ir.Media("image", "image/png", "bm90IGEgcG5n"), "[image, image/png, 9 bytes]"),
    ],
)
def test_media_are_told_by_kind_and_size(part: ir.Media, line: str) -> None:
    assert media_text(part) == line


@pytest.mark.parametrize(
    "part, lines",
    [
        (ir.Refusal("No."), "  refusal: |\n    No."),
        (ir.Reasoning("In short", summary=True), "  reasoning in short:\n    In short"),
        (ir.ToolCall("c", "patch", "*** Begin", "custom", "fs"), "  call fs.patch [c]:\n    *** Begin"),
        (ir.ToolCall("c", "cut", '{"a": '), '  call cut [c]:\n    {"a":'),
        (ir.Media("document", text="plain"), "  [document]\n    plain"),
        (ir.BuiltinCall("b", "web_search", "{}"), "  the provider called web_search [b]:\n    {}"),
        (
            ir.BuiltinResult("b", "web_search", (ir.Citation("https://a.test", "A"),), error="late"),
            "  web_search found [b]: late\n    source: A https://a.test",
        ),
        (ir.Foreign("gemini", "odd", {}), "  [odd, known to gemini alone]"),
    ],
)
def test_every_part_has_words(part: ir.Part, lines: str) -> None:
    assert (
        answer_text(ir.Response("", "", None, (part,), ir.Finish("stop"))) == f"finish: stop\n\nassistant:\n{lines}\n"
    )


@pytest.mark.parametrize(
    "usage, text",
    [
        (ir.Usage(), "not said"),
        (ir.Usage(output=3), "3 output"),
        (ir.Usage(9, 2, cache_write=4), "9 input (4 written to the cache) + 2 output"),
    ],
)
def test_what_was_not_counted_is_not_told(usage: ir.Usage, text: str) -> None:
    assert usage_text(usage) == text
