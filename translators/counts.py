"""How each format asks for a request's tokens before it is sent, and answers: ``count_tokens`` and its kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .ir import BadAnswer, Json


@dataclass(frozen=True, slots=True)
class Count:
    """`path`: below the base URL, with ``{model}``. `asked`: a model and a rendered request → the body that counts it.
    `unwrapped`: a client's body → the request in it. `read` and `told`: the answer."""

    path: str
    asked: Callable[[str, Json], Json]
    unwrapped: Callable[[Json], Json]
    read: Callable[[Json], Any]
    told: Callable[[int], Json]


_ANTHROPIC_ASKS = (
    "model", "messages", "system", "tools", "tool_choice", "thinking", "mcp_servers", "output_config",
    "context_management",
)  # fmt: skip
_RESPONSES_ASKS = (
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text", "truncation",
    "previous_response_id", "conversation",
)  # fmt: skip
"""What https://platform.openai.com/docs/api-reference/responses/input-tokens takes; it refuses the rest."""


def _only(names: tuple[str, ...]) -> Callable[[str, Json], Json]:
    return lambda model, body: {name: body[name] for name in names if name in body}


def _gemini_asks(model: str, body: Json) -> Json:
    """``contents`` alone would leave out the system instruction and the tools."""
    return {"generateContentRequest": {**body, "model": f"models/{model.removeprefix('models/')}"}}


def _gemini_unwrapped(body: Json) -> Json:
    inner = body.get("generateContentRequest")
    return {name: value for name, value in inner.items() if name != "model"} if isinstance(inner, dict) else body


COUNTS: Mapping[str, Count] = {
    "anthropic": Count(
        "/v1/messages/count_tokens",
        _only(_ANTHROPIC_ASKS),
        lambda body: body,
        lambda answer: answer.get("input_tokens"),
        lambda tokens: {"input_tokens": tokens},
    ),
    "gemini": Count(
        "/v1beta/models/{model}:countTokens",
        _gemini_asks,
        _gemini_unwrapped,
        lambda answer: answer.get("totalTokens"),
        lambda tokens: {
            "totalTokens": tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
        },
    ),
    "openai_responses": Count(
        "/responses/input_tokens",
        _only(_RESPONSES_ASKS),
        lambda body: body,
        lambda answer: answer.get("input_tokens"),
        lambda tokens: {"object": "response.input_tokens", "input_tokens": tokens},
    ),
}
"""The formats that have a counter; chat completions have none."""


def parse(format: str, answer: Json) -> int:
    """The tokens of a counter's answer. Raises `BadAnswer`."""
    tokens = COUNTS[format].read(answer)
    if type(tokens) is not int:
        raise BadAnswer("the answer holds no number of tokens")
    return tokens
