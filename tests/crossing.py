"""A request on its way from a client's format to a provider's, and the answer back, as the gateway carries them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mitmproxy import http

from cliproxy.addons import preparation, translation
from cliproxy.addons.endpoints import find
from cliproxy.addons.exchange import Exchange
from cliproxy.addons.routing import asked
from cliproxy.addons.upstreams import Upstream
from cliproxy.translators import thinking, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.losses import fatal
from cliproxy.translators.streams import StreamTranslator

TALKING = ("openai_chat", "openai_responses", "anthropic", "gemini")
"""The formats of conversations: all but the legacy completions."""
PAIRS = [(client, upstream) for client in TALKING for upstream in TALKING if client != upstream]
CLIENTS = [(client, upstream) for client in FORMATS for upstream in TALKING if client != upstream]
"""Every client with every provider whose format is another: also legacy completions, which only clients speak here."""
MODELS = {
    "openai_chat": "gpt-5.1",
    "openai_responses": "gpt-5.1",
    "openai_completions": "gpt-3.5-turbo-instruct",
    "anthropic": "claude-sonnet-4-5",
    "gemini": "gemini-2.5-pro",
}
PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "openai_completions": "/v1/completions",
    "anthropic": "/v1/messages",
}


def path_of(client: str, model: str, stream: bool) -> str:
    if client != "gemini":
        return PATHS[client]
    return f"/v1beta/models/{model}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent")


@dataclass
class Crossing:
    """`sent`: what the provider gets, as JSON off the wire; `lost`: what it can't be told."""

    call: Exchange
    sent: Any

    @property
    def lost(self) -> list[str]:
        return self.call.lost

    @property
    def refused(self) -> list[str]:
        """Losses for which the gateway answers 400 in place of asking."""
        return fatal(self.lost)

    def whole(self, body: Any) -> Any:
        """The provider's whole answer as the client gets it; an error as its error."""
        content = json.dumps(body).encode()
        response = http.Response.make(200, content, {"content-type": "application/json"})
        answer = collect(translation.whole_events(self.call, response))
        if answer.error:
            return json.loads(wire.dumps(self.call.format.render_error(answer.error)))
        return json.loads(wire.dumps(self.call.format.render_response(answer, self.call.context)))

    def pieces(self, *pieces: bytes) -> Iterator[bytes]:
        """The provider's streamed answer as the client gets it, piece by piece, the end included."""
        call = self.call
        translator = StreamTranslator(call.answer_format, call.format, call.context, translation.restorer(call))
        for piece in (*pieces, b""):
            yield b"".join(translator.feed(piece))

    def stream(self, *pieces: bytes) -> bytes:
        return b"".join(self.pieces(*pieces))

    def error(self, status: int, body: Any) -> Any:
        """The provider's error as the client gets it."""
        error = self.call.answer_format.parse_error(status, body)
        return json.loads(wire.dumps(self.call.format.render_error(error)))


def cross(client: str, upstream: str, body: Any, model: str = "", stream: bool = False, path: str = "") -> Crossing:
    """`body`: the client's request as JSON, without its model; `model`: the provider's, maybe with a suffix."""
    model = model or MODELS[upstream]
    path = path or path_of(client, model, stream)
    body = body if client == "gemini" else {"model": model, **({"stream": True} if stream else {}), **body}
    sent = http.Request.make("POST", f"http://gateway{path}", json.dumps(body))
    endpoint = find(path, {}, dict(pair.split("=", 1) for pair in filter(None, urlsplit(path).query.split("&"))))
    assert endpoint
    named, stream = asked(endpoint, body, path)
    named, amount = thinking.split_suffix(named)
    target = FORMATS[upstream]
    call = Exchange(
        id="abc123", client="tester", format=FORMATS[client], sent=sent, body=json.loads(json.dumps(body)), model=named,
        stream=stream, began=1_700_000_000.5, upstream=Upstream(upstream, (target,), "http://provider"),
        answer_format=target, thinking=amount,
    )  # fmt: skip
    call.prepared = preparation.prepared(call)
    return Crossing(call, json.loads(wire.dumps(target.render_request(call.prepared))))
