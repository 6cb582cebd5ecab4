"""What is noted on a flow, in words and in metadata."""

from __future__ import annotations

from exchanges import PATHS, begun, flow
from mitmproxy import http
from wires import CHAT_REQUEST

from cliproxy.addons import annotations
from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.annotations import Annotations
from cliproxy.addons.attempts import Attempt
from cliproxy.addons.exchange import AttemptRecord, Recording, Sent
from cliproxy.translators import ir


def test_a_flow_says_whom_it_went_to_before_it_is_answered() -> None:
    one = flow(body=CHAT_REQUEST)
    begun(one).credential = Credential("openai-1", "openai", "sk-test-openai")
    Annotations().upstream_attempt(Attempt(one))
    assert one.comment == "gpt-test → openai/gpt-test · openai-1"
    assert "sk-test" not in str(one.metadata)


def test_an_answered_flow_says_how_it_went() -> None:
    one = flow("POST", PATHS["anthropic"], {**CHAT_REQUEST, "model": "gpt-test(high)", "max_tokens": 9})
    call = begun(one)
    call.attempts.append(AttemptRecord("openai-2", "openai", 200, 0.5))
    call.answer = ir.Response("", "", None, (), ir.Finish("stop", ir.Usage(1200, 34)))
    call.lost = ["top_k"]
    call.recording = Recording([Sent(one.request, received=[(call.began + 0.25, b"a"), (call.began + 1, b"b")])])
    one.response = http.Response.make(200)
    Annotations().response(one)
    assert one.comment.startswith(
        "gpt-test(high) → openai/gpt-test · openai-2 · 200 · 1,200 input + 34 output tokens · "
    )
    assert one.comment.endswith(" ms · lost: top_k")
    known = annotations.facts(one, call, call.began + 2)
    assert (known["seconds"], known["first_byte"], known["tokens"]) == (2.0, 0.25, {"input": 1200, "output": 34})


def test_a_client_that_left_is_noted_without_a_status() -> None:
    one = flow(body=CHAT_REQUEST)
    begun(one)
    Annotations().error(one)
    assert "cliproxy.status" not in one.metadata and "cliproxy.seconds" in one.metadata


def test_a_flow_that_is_no_exchange_is_left_alone() -> None:
    one = flow()
    Annotations().response(one)
    assert (one.comment, one.metadata) == ("", {})
