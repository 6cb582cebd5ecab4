"""The model's name in answers: that, and no other byte."""

from __future__ import annotations

import json

import pytest

from cliproxy.translators.model_names import ArrayChanger, renamed


@pytest.mark.parametrize(
    "format, text, expected",
    [
        ("openai_chat", b'{ "model" : "m-1",\n "x":1.0}', b'{ "model" : "mine",\n "x":1.0}'),
        ("openai_completions", b'{"a":{"model":"m-1"},"model":"m-1"}', b'{"a":{"model":"m-1"},"model":"mine"}'),
        ("openai_responses", b'{"type":"t","response":{"model":"m-1"}}', b'{"type":"t","response":{"model":"mine"}}'),
        ("openai_responses", b'{"id":"r","model":"m-1"}', b'{"id":"r","model":"mine"}'),
        (
            "anthropic",
            b'{"type":"message_start","message":{"model":"m"}}',
            b'{"type":"message_start","message":{"model":"mine"}}',
        ),
        ("gemini", b'{"modelVersion":"m","candidates":[]}', b'{"modelVersion":"mine","candidates":[]}'),
        (
            "gemini",
            b'{"response":{"modelVersion":"m"},"traceId":"t"}',
            b'{"response":{"modelVersion":"mine"},"traceId":"t"}',
        ),
        ("openai_chat", b'{"choices":[{"delta":{"content":"\\"model\\":\\"m-1\\""}}]}', None),
        ("openai_chat", b'{"model":null}', None),
        ("openai_chat", b'{"model":{"a":1}}', None),
        ("openai_chat", b"[DONE]", None),
        ("openai_chat", b'{"model":', None),
        ("openai_chat", b'"model"', None),
        ("openai_chat", b"", None),
        ("anthropic", b'{"message":"model"}', None),
    ],
)
def test_only_the_name_changes(format: str, text: bytes, expected: bytes | None) -> None:
    assert renamed(format, "mine")(text) == (text if expected is None else expected)


def test_a_name_is_written_as_json() -> None:
    assert json.loads(renamed("openai_chat", 'my "model" ü')(b'{"model":"m"}')) == {"model": 'my "model" ü'}


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_array_is_changed_item_by_item_however_it_is_cut(size: int) -> None:
    items = [{"modelVersion": "m", "text": '[{"]'}, {"text": "ü"}, {"modelVersion": "m"}]
    sent = json.dumps(items, ensure_ascii=False).encode()
    changer = ArrayChanger(renamed("gemini", "mine"))
    told = b"".join(changer.feed(sent[at : at + size]) for at in range(0, len(sent), size)) + changer.close()
    assert json.loads(told) == [{**one, "modelVersion": "mine"} if "modelVersion" in one else one for one in items]


def test_an_empty_array_is_one() -> None:
    changer = ArrayChanger(renamed("gemini", "mine"))
    assert changer.feed(b"[]") + changer.close() == b"[]"
