"""What becomes of each endpoint at each upstream: routed, prepared and written as the gateway does it, not sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchanges import flow, routing

from cliproxy.addons import exchange, outgoing
from cliproxy.addons.preparation import prepare

ASK = [{"role": "user", "content": "Hi"}]
CONTENTS = [{"role": "user", "parts": [{"text": "Hi"}]}]
FORM = {"content-type": "multipart/form-data; boundary=x"}
ANTHROPIC = {"anthropic-version": "2023-06-01"}


@dataclass(frozen=True)
class Asked:
    """A client's request; `{model}` stands for the upstream's model."""

    method: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def _asked(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Asked:
    return Asked(method, path, body, tuple((headers or {}).items()))


ROWS: dict[str, Asked] = {
    "`/v1/chat/completions`": _asked("POST", "/v1/chat/completions", {"messages": ASK}),
    "`/v1/responses`": _asked("POST", "/v1/responses", {"input": "Hi"}),
    "`/v1/completions`": _asked("POST", "/v1/completions", {"prompt": "Hi"}),
    "`/v1/messages`": _asked("POST", "/v1/messages", {"max_tokens": 9, "messages": ASK}),
    "`:generateContent`": _asked("POST", "/v1beta/models/{model}:generateContent", {"contents": CONTENTS}),
    "`/v1/messages/count_tokens`": _asked("POST", "/v1/messages/count_tokens", {"messages": ASK}),
    "`/v1/responses/input_tokens`": _asked("POST", "/v1/responses/input_tokens", {"input": "Hi"}),
    "`:countTokens`": _asked("POST", "/v1beta/models/{model}:countTokens", {"contents": CONTENTS}),
    "`/v1/embeddings`": _asked("POST", "/v1/embeddings", {"input": "Hi"}),
    "`/v1/moderations`": _asked("POST", "/v1/moderations", {"input": "Hi"}),
    "`/v1/images/generations` …": _asked("POST", "/v1/images/generations", {"prompt": "Hi"}),
    "`/v1/audio/transcriptions` …": _asked("POST", "/v1/audio/transcriptions", b"", FORM),
    "`/v1/files`, `/v1/uploads` (OpenAI)": _asked("POST", "/v1/files", b"", FORM),
    "`/v1/batches`": _asked("POST", "/v1/batches", {}),
    "`/v1/files` (Anthropic)": _asked("POST", "/v1/files", b"", {**FORM, **ANTHROPIC}),
    "`/v1/messages/batches`": _asked("POST", "/v1/messages/batches", {}),
    "`:embedContent` …": _asked("POST", "/v1beta/models/{model}:embedContent", {"content": CONTENTS[0]}),
    "`/upload/v1beta/files`, `/v1beta/files`": _asked("GET", "/v1beta/files"),
}


@dataclass(frozen=True)
class At:
    """An upstream: its configuration, alone, and a model of its own."""

    config: str
    model: str


def _custom(format: str) -> At:
    section = f'{{base-url: "https://own.example", format: {format}, models: [own]}}'
    return At(f"custom-providers: {{own: {section}}}", "own")


def _account(provider: str, door: str, model: str) -> At:
    return At(f"load-balance: {{credentials: {{{provider}: [{{key: sk-test, door: {door}}}]}}}}", model)


UPSTREAMS: dict[str, At] = {
    "openai": At("openai: {api-key: sk-test}", "gpt-5"),
    "anthropic": At("anthropic: {api-key: sk-test}", "claude-sonnet-4-5"),
    "gemini": At("gemini: {api-key: sk-test}", "gemini-2.5-pro"),
    "vertex (Gemini)": At("vertex: {api-key: sk-test, project: p}", "vertex-gemini-2.5-pro"),
    "vertex (Claude)": At("vertex: {api-key: sk-test, project: p}", "vertex-claude-sonnet-4-5"),
    "qwen, iflow": At("qwen: {api-key: sk-test}", "qwen-plus"),
    "custom `openai`": _custom("openai"),
    "custom `responses`": _custom("responses"),
    "custom `anthropic`": _custom("anthropic"),
    "custom `gemini`": _custom("gemini"),
    "account `chatgpt`": _account("openai", "chatgpt", "gpt-5"),
    "account `claude`": _account("anthropic", "claude", "claude-sonnet-4-5"),
    "account `code-assist`": _account("gemini", "code-assist", "gemini-2.5-pro"),
}

SAME, TRANSLATED, ESTIMATED, NOT = "=", "→", "estimated", "—"
HEADS = {"openai_chat": "chat", "openai_responses": "Responses", "anthropic": "Messages", "gemini": "Gemini"}


def cell(asked: Asked, at: At) -> str:
    """One of the signs, with the format that is translated into."""
    body = {**asked.body, "model": at.model} if isinstance(asked.body, dict) else asked.body
    one = flow(asked.method, asked.path.replace("{model}", at.model), body, dict(asked.headers))
    exchange.admit(one, "tester")
    made = routing(at.config)
    made.request(one)
    call = exchange.of(one)
    if call is None:
        assert one.response and one.response.status_code == 404, one.response and one.response.text
        return NOT
    if call.uncounted:
        return ESTIMATED
    if call.operation != "pass":
        assert prepare(call) is None
    credential = next(one for one in made.routes.credentials() if one.provider == call.upstream.provider)
    assert outgoing.write(one, call, credential) is None
    return SAME if call.same_format else f"{TRANSLATED} {HEADS[call.answer_format.NAME]}"
