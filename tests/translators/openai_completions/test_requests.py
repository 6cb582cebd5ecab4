from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir, losses, openai_chat
from cliproxy.translators.openai_completions import endpoint, parse_request, render_request
from cliproxy.translators.wire import dumps, loads


def parse(**body: Any) -> ir.Request:
    return parse_request({"model": "m", **body}, "/v1/completions")


def user(text: str) -> tuple[ir.Message, ...]:
    return (ir.Message("user", (ir.Text(text),)),)


@pytest.mark.parametrize("prompt", ["hi", ["hi"]])
def test_a_prompt_is_a_users_message(prompt: Any) -> None:
    assert parse(prompt=prompt).messages == user("hi")
    assert render_request(parse(prompt=prompt))["prompt"] == "hi"


@pytest.mark.parametrize(
    ("prompt", "lost"),
    [
        (["a", "b"], ["n", "openai_completions:messages.content.prompt"]),
        ([1, 2, 3], ["openai_completions:messages.content.prompt"]),
        ([[1], [2]], ["n", "openai_completions:messages.content.prompt"]),
    ],
)
def test_several_prompts_or_tokens_are_refused_elsewhere(prompt: Any, lost: list[str]) -> None:
    """They can't be said in any other format, so the client gets a 400 and no wrong answer."""
    request = parse(prompt=prompt)
    assert losses.fatal(losses.losses(request, openai_chat)) == lost
    assert render_request(request)["prompt"] == prompt


def test_n_is_for_each_prompt() -> None:
    request = parse(prompt=["a", "b"], n=3)
    assert (request.n, render_request(request)["n"]) == (6, 3)


def test_a_suffix_is_refused_elsewhere() -> None:
    request = parse(prompt="a", suffix="b")
    assert losses.fatal(losses.losses(request, openai_chat)) == ["openai_completions:suffix"]
    assert render_request(request)["suffix"] == "b"


@pytest.mark.parametrize(
    "said",
    [
        {"max_tokens": 5, "temperature": 0, "top_p": 1, "stop": ["a"], "seed": 1, "user": "u", "n": 1},
        {"logprobs": 0},
        {"logprobs": 3, "echo": True, "best_of": 2, "logit_bias": {"1": 2}},
        {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}},
    ],
)
def test_settings_survive(said: dict[str, Any]) -> None:
    assert render_request(parse(prompt="hi", **said)) == {"model": "m", "prompt": "hi", **said}


def test_azure_names_the_model_in_the_path() -> None:
    assert parse_request({"prompt": "hi"}, "/openai/deployments/d/completions?api-version=1").model == "d"


def test_a_conversation_is_written_as_a_script() -> None:
    messages = (
        ir.Message("system", (ir.Text("Be brief."),)),
        *user("Hi"),
        ir.Message("assistant", (ir.Reasoning("hm"), ir.Text("Yes?"))),
        *user("Bye"),
    )
    rendered = render_request(ir.Request("m", messages))
    assert rendered["prompt"] == "System: Be brief.\n\nUser: Hi\n\nAssistant: Yes?\n\nUser: Bye\n\nAssistant:"
    assert endpoint(ir.Request("m")) == "/completions"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], ""),
        ({"prompt": "hi"}, "model"),
        ({"model": "m", "prompt": 5}, "prompt"),
        ({"model": "m", "logprobs": "a"}, "logprobs"),
    ],
)
def test_the_fault_is_named(body: Any, param: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        parse_request(body, "")
    assert raised.value.param == param


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.fixed_dictionaries(
    {"model": st.just("m"), "prompt": JSON},
    optional=dict.fromkeys(["n", "logprobs", "stop", "stream_options", "suffix", "stream"], JSON),
)


@given(JSON | BODIES)
def test_any_json_is_a_request_or_a_bad_one(body: Any) -> None:
    try:
        request = parse_request(body, "")
    except ir.BadRequest:
        return
    assert parse_request(loads(dumps(render_request(request))), "").model == request.model
