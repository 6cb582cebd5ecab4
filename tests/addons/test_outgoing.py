"""What one attempt sends: the client's bytes to a provider of its format, else what Translation prepared."""

from __future__ import annotations

import json

import pytest
from exchanges import CONFIG, PATHS, begun, flow
from wires import CHAT_REQUEST

from cliproxy.addons import outgoing
from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.exchange import Recording
from cliproxy.addons.preparation import prepare

CLIENT = {"authorization": "Bearer sk-test-client", "x-trace": "t"}


def test_the_same_format_keeps_its_bytes_and_the_clients_headers() -> None:
    body = json.dumps(CHAT_REQUEST, indent=3).encode()
    one = flow("POST", PATHS["openai_chat"] + "?a=b&key=sk-test-client", body, CLIENT)
    call = begun(one)
    call.recording = Recording()
    outgoing.write(one, call, Credential("openai-1", "openai", "sk-test-openai"))
    assert one.request.content == body
    assert one.request.url == "https://api.openai.com/v1/chat/completions?a=b"
    assert one.request.headers["x-trace"] == "t" and one.request.headers["authorization"] == "[openai-1]"
    assert call.recording.last.request.content == body


@pytest.mark.parametrize("model, host", [("claude-test", "api.anthropic.com"), ("gemini-test", "googleapis.com")])
def test_another_format_gets_what_was_prepared_and_nothing_of_the_client(model: str, host: str) -> None:
    one = flow("POST", PATHS["openai_chat"], {**CHAT_REQUEST, "model": model}, CLIENT)
    call = begun(one, CONFIG)
    assert prepare(call) is None
    outgoing.write(one, call, Credential("other-1", call.upstream.name, "sk-test-other"))
    assert one.request.host.endswith(host)
    assert "x-trace" not in one.request.headers and "sk-test" not in str(one.request.headers)
    assert json.loads(one.request.content or b"") == call.answer_format.render_request(call.request)


def test_what_was_rewritten_is_sent_in_place_of_the_clients_bytes() -> None:
    one = flow("POST", PATHS["openai_responses"], {"model": "gpt-test", "input": "Hi"}, CLIENT)
    call = begun(one)
    call.rewritten = b'{"rewritten":1}'
    outgoing.write(one, call, Credential("openai-1", "openai", "sk-test-openai"))
    assert one.request.content == b'{"rewritten":1}'
