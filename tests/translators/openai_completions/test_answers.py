from __future__ import annotations

from typing import Any

import openai_judge
import pytest
from completions_answers import CONTEXT, FULL
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_completions import parse_response, render_response
from cliproxy.translators.openai_completions.answers import render_logprobs
from cliproxy.translators.wire import dumps


def test_a_full_answer_survives() -> None:
    assert collect(parse_response(render_response(FULL, CONTEXT))) == FULL


def test_mistral_fills_the_middle_as_chat_does() -> None:
    choice = {"index": 0, "message": {"content": "return"}, "finish_reason": "stop"}
    assert collect(parse_response({"id": "x", "choices": [choice]})).parts == (ir.Text("return"),)


@pytest.mark.parametrize("answer", [{}, [], "hi", {"choices": []}, {"choices": [3]}])
def test_no_answer_at_all(answer: Any) -> None:
    with pytest.raises(ir.BadAnswer):
        list(parse_response(answer))


def test_an_error_inside_a_200_answer() -> None:
    assert list(parse_response({"error": {"message": "no", "code": 429}})) == [ir.Error(429, "no", "", "429")]


def test_a_refusal_is_text_and_calls_end_in_stop() -> None:
    response = ir.Response("", "", None, (ir.Reasoning("hm"), ir.Refusal("No.")), ir.Finish("tool_calls"))
    rendered = render_response(response, CONTEXT)
    assert rendered["choices"][0] == {"text": "No.", "index": 0, "logprobs": None, "finish_reason": "stop"}
    assert (rendered["id"], rendered["created"], rendered["model"]) == ("cmpl-abc", 17, "asked-for")


def test_logprobs_say_where_each_token_stands() -> None:
    rendered = render_logprobs((ir.TokenLogprob("ab", -1.0), ir.TokenLogprob("c", -2.0)), 4)
    assert rendered and rendered["text_offset"] == [4, 6]


def test_the_sdk_reads_it() -> None:
    read = openai_judge.client(dumps(render_response(FULL, CONTEXT))).completions.create(model="m", prompt="hi")
    assert read.choices[0].text == "Hello" and read.choices[0].logprobs.tokens == ["Hello"]
    assert read.usage.total_tokens == 16


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "text", "logprobs", "tokens", "token_logprobs", "usage"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_an_answer_or_a_bad_one(answer: Any) -> None:
    try:
        parsed = list(parse_response(answer))
    except ir.BadAnswer:
        return
    assert isinstance(parsed[-1], ir.Finish | ir.Error)
