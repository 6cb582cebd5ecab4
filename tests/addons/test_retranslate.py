"""A recorded exchange, translated with the code of today, is what was sent then."""

from __future__ import annotations

import pytest
from exchanges import PATHS, request
from recorded_exchanges import ASKED, translated
from wires import CONTENTS_REQUEST

from cliproxy.addons import recordings, retranslate
from cliproxy.addons.recordings import Recorded
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS


def test_it_is_begun_as_it_was() -> None:
    call = retranslate.again(translated())
    assert call
    assert (call.model, call.stream, call.format, call.answer_format) == (
        "gpt-test",
        True,
        FORMATS["anthropic"],
        FORMATS["openai_chat"],
    )
    assert call.thinking and call.thinking.effort == "high"
    assert (call.id, call.client, call.upstream.name) == ("1a2b3c4d", "laptop", "openai")


def test_what_is_sent_for_it_and_what_is_lost() -> None:
    one = translated()
    today = retranslate.translator(one, recordings.body(one.request))
    assert one.last and today.sent == recordings.body(one.last.request)
    assert sorted(today.lost) == one.facts["lost"]
    assert today.sent["reasoning_effort"] == "high"


def test_another_body_can_take_its_place() -> None:
    today = retranslate.translator(translated(), {**ASKED, "max_tokens": 7})
    assert today.sent["max_completion_tokens"] == 7


def test_gemini_says_model_and_streaming_in_the_path() -> None:
    one = translated(provider="gemini", provider_format="gemini", model="gemini-test")
    path = retranslate.translator(one, recordings.body(one.request)).sent[retranslate.PATH]
    assert path == "/v1beta/models/gemini-test:streamGenerateContent?alt=sse"


def test_an_account_s_door_has_its_own_words() -> None:
    one = translated(provider="chatgpt", provider_format="openai_responses")
    sent = retranslate.translator(one, recordings.body(one.request)).sent
    assert sent["store"] is False and "max_output_tokens" not in sent


def test_what_is_no_exchange_can_not_be_translated() -> None:
    one = Recorded({}, request("POST", "/odd", CONTENTS_REQUEST), None)
    assert retranslate.again(one) is None
    with pytest.raises(ir.BadRequest):
        retranslate.translator(one, {})


def test_the_clients_fault_is_told() -> None:
    one = Recorded({"provider_format": "openai_chat"}, request("POST", PATHS["anthropic"], {"messages": 1}), None)
    with pytest.raises(ir.BadRequest):
        retranslate.translator(one, {"messages": 1})
