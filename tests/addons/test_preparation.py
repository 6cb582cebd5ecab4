"""What is known of a request before it is sent: its model's name there, and what gets lost."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import PATHS, begun, flow
from wires import MESSAGES_REQUEST

from cliproxy.addons.exchange import Exchange
from cliproxy.addons.preparation import prepare, prepared
from cliproxy.addons.routes import Routes
from cliproxy.addons.settings_load import parse

CONFIG = """
vertex: {api-key: sk-test-v, project: p}
load-balance: {credentials: {openai: [{key: sk-test-o, label: plus, door: chatgpt}]}}
"""
RESPONSES = {"model": "gpt-5", "input": "hi", "max_output_tokens": 5}


def asked(path: str, body: Any, headers: Any = ()) -> Exchange:
    return begun(flow("POST", path, body, headers), CONFIG)


def test_the_providers_name_of_a_model_is_what_it_is_asked_for() -> None:
    call = asked(PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "vertex-gemini-2.5-pro"})
    assert (prepared(call).model, call.model, call.answer_format.NAME) == (
        "gemini-2.5-pro",
        "vertex-gemini-2.5-pro",
        "gemini",
    )


def test_a_claude_model_at_vertex_is_spoken_to_in_its_own_format() -> None:
    assert asked(PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "vertex-claude-x"}).same_format


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5(low)"])
def test_what_an_entrance_refuses_is_lost_within_one_format_too(model: str) -> None:
    call = asked(PATHS["openai_responses"], {**RESPONSES, "model": model})
    assert (prepare(call), call.lost) == (None, ["max_tokens"])


def test_where_nothing_may_get_lost_that_is_refused() -> None:
    error = prepare(asked(PATHS["openai_responses"], RESPONSES, {"x-cliproxy-strict": "1"}))
    assert error and (error.status, error.param) == (400, "max_tokens")


def test_an_earlier_answer_that_is_not_there_cant_be_gone_on_from() -> None:
    error = prepare(asked(PATHS["openai_responses"], {**RESPONSES, "previous_response_id": "resp_1"}))
    assert error and (error.status, error.param) == (400, "previous_response_id")


def test_the_entrance_of_the_only_credential_is_that_of_its_provider() -> None:
    assert asked(PATHS["openai_chat"], {"model": "gpt-5", "messages": []}).upstream.name == "chatgpt"
    both = parse("openai: {api-key: sk-test-k}\n" + CONFIG, {}).settings
    found = Routes(both).find("gpt-5")
    assert found and found.name == "openai"
