import json
from typing import Any

from cliproxy.translators import ir, opaque
from cliproxy.translators.openai_chat.thoughts import join, parse_thoughts, render_thoughts, seal_of, text_in, text_of

SIGNED = {"type": "reasoning.text", "text": "hm", "signature": "sig", "format": "anthropic-claude-v1", "index": 0}
HIDDEN = {"type": "reasoning.encrypted", "data": "xyz", "id": "rs_1", "index": 1}


def seal(*details: Any) -> ir.Opaque:
    return ir.Opaque("openai_chat", json.dumps(list(details), separators=(",", ":")))


def test_the_names_of_a_thought() -> None:
    """`reasoning_content` and `reasoning` may both stand, with one text (GPUStack)."""
    assert text_of({"reasoning_content": "hm", "reasoning": "hm"}) == "hm"
    assert text_of({"reasoning_content": None, "reasoning": "hm"}) == "hm"
    assert text_of({"reasoning_content": [{"text": "a"}, {"text": "b"}]}) == "ab"
    assert text_in([SIGNED, HIDDEN, {"type": "reasoning.summary", "summary": "!"}]) == "hm!"


def test_a_list_with_a_seal_comes_back_as_it_was() -> None:
    """pains.md 6 and 7: the list is the provider's, and must be returned unchanged."""
    message = {"reasoning": "hm", "reasoning_details": [SIGNED, HIDDEN]}
    thoughts = list(parse_thoughts(message))
    assert thoughts == [ir.Reasoning("hm", seal(SIGNED, HIDDEN))]
    assert render_thoughts(thoughts, foreign=False) == {
        "reasoning_content": "hm",
        "reasoning_details": [SIGNED, HIDDEN],
    }


def test_a_list_without_a_seal_is_but_text() -> None:
    plain = {"type": "reasoning.text", "text": "hm", "signature": "", "index": 0}
    assert list(parse_thoughts({"reasoning_details": [plain]})) == [ir.Reasoning("hm")]
    assert seal_of([plain]) is None


def test_summary() -> None:
    details = [{"type": "reasoning.summary", "summary": "short"}]
    assert list(parse_thoughts({"reasoning_details": details})) == [ir.Reasoning("short", summary=True)]


def test_seals_of_other_formats_travel_through_a_chat_client() -> None:
    """raine/claude-code-proxy#52, in our direction: each thought keeps its own text and seal."""
    thoughts = [
        ir.Reasoning("one", ir.Opaque("anthropic", "sig1")),
        ir.Reasoning("", ir.Opaque("anthropic", "redacted")),
        ir.Reasoning("two", ir.Opaque("openai_responses", "enc", "rs_1"), summary=True),
    ]
    message = render_thoughts(thoughts, foreign=True)
    assert message["reasoning_content"] == "one\n\ntwo"
    assert list(parse_thoughts(message)) == thoughts


def test_seals_of_other_formats_never_reach_a_provider() -> None:
    """pains.md edge case 9."""
    thoughts = [ir.Reasoning("one", ir.Opaque("anthropic", "sig1"))]
    assert render_thoughts(thoughts, foreign=False) == {"reasoning_content": "one"}


def test_a_broken_seal_of_ours_is_left_out() -> None:
    for data in "", "no json", '{"a":1}':
        thoughts = [ir.Reasoning("one", ir.Opaque("openai_chat", data))]
        assert render_thoughts(thoughts, foreign=True) == {"reasoning_content": "one"}


def test_garbage_in_details() -> None:
    message = {"reasoning_details": [None, 3, {"type": 5, "data": ""}, {"type": "reasoning.text", "text": None}]}
    assert list(parse_thoughts(message)) == []
    packed = {"type": "reasoning.encrypted", "data": opaque.pack(ir.Opaque("gemini", "x"))}
    assert ir.Reasoning("", ir.Opaque("gemini", "x")) in list(parse_thoughts({"reasoning_details": [None, packed]}))


def test_pieces_of_a_stream_are_joined_by_index_and_type() -> None:
    details: list[dict[str, Any]] = []
    join(details, [{"type": "reasoning.text", "text": "h", "index": 0, "format": "f"}])
    join(details, [{"type": "reasoning.text", "text": "m", "index": 0, "format": None}, "odd"])
    join(details, [{"type": "reasoning.text", "signature": "sig", "index": 0}])
    join(details, [HIDDEN])
    assert details == [
        {"type": "reasoning.text", "text": "hm", "index": 0, "format": "f", "signature": "sig"},
        HIDDEN,
    ]
