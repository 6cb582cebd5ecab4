from typing import Any

import openai_judge
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.openai_errors import parse_error, render_error

SHAPES: dict[str, tuple[int, Any, ir.Error]] = {
    "OpenAI": (
        429,
        {"error": {"message": "No more.", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}},
        ir.Error(429, "No more.", "insufficient_quota", "insufficient_quota"),
    ),
    "OpenAI says when to come back": (
        429,
        {
            "error": {
                "message": "Rate limit. Please try again in 6m1.5s.",
                "type": "tokens",
                "code": "rate_limit_exceeded",
            }
        },
        ir.Error(429, "Rate limit. Please try again in 6m1.5s.", "tokens", "rate_limit_exceeded", "", 361.5),
    ),
    "in milliseconds": (
        429,
        {"error": {"message": "Please try again in 20ms. Visit …"}},
        ir.Error(429, "Please try again in 20ms. Visit …", retry_after=0.02),
    ),
    "llama.cpp numbers its codes": (
        400,
        {"error": {"code": 400, "message": "too long", "type": "exceed_context_size_error", "n_ctx": 512}},
        ir.Error(400, "too long", "exceed_context_size_error", "400"),
    ),
    "Mistral": (
        400,
        {"object": "error", "message": "Invalid model", "type": "invalid_model", "param": None, "code": "1500"},
        ir.Error(400, "Invalid model", "invalid_model", "1500"),
    ),
    "Mistral 422": (
        422,
        {"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "bad"}]}, "type": "x", "code": None},
        ir.Error(422, "body.n: bad", "x"),
    ),
    "FastAPI": (401, {"detail": "Invalid API Key"}, ir.Error(401, "Invalid API Key")),
    "OpenRouter hides the cause": (
        429,
        {"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "busy"}}, "user_id": "u"},
        ir.Error(429, "Provider returned error: busy", "", "429"),
    ),
    "Spring (iFlow)": (
        500,
        {"timestamp": "2025", "status": 500, "error": "Internal Server Error", "path": "/v1/chat/completions"},
        ir.Error(500, "Internal Server Error"),
    ),
    "Google, in a list": (
        429,
        [{"error": {"code": 429, "message": "Exhausted", "status": "RESOURCE_EXHAUSTED"}}],
        ir.Error(429, "Exhausted", "RESOURCE_EXHAUSTED", "429"),
    ),
    "Anthropic": (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ir.Error(529, "Overloaded", "overloaded_error"),
    ),
    "HTML": (
        502,
        "<html><head><title>502 Bad\n Gateway</title></head><body>…</body></html>",
        ir.Error(502, "502 Bad Gateway"),
    ),
    "text": (503, "upstream connect error", ir.Error(503, "upstream connect error")),
    "nothing": (500, "", ir.Error(500, "The provider answered 500 and said no more.")),
    "Azure, inside a 200": (
        200,
        {"error": {"message": "filtered", "type": None, "param": "prompt", "code": "content_filter", "status": 400}},
        ir.Error(400, "filtered", "", "content_filter", "prompt"),
    ),
    "Groq, in a stream": (
        200,
        {
            "error": {
                "message": "no tool",
                "type": "invalid_request_error",
                "code": "tool_use_failed",
                "status_code": 400,
            }
        },
        ir.Error(400, "no tool", "invalid_request_error", "tool_use_failed"),
    ),
    "by its type alone, inside a 200": (
        200,
        {"error": {"message": "slow down", "type": "rate_limit_error"}},
        ir.Error(429, "slow down", "rate_limit_error"),
    ),
    "Codex": (
        429,
        {"error": {"type": "usage_limit_reached", "message": "limit", "resets_in_seconds": 602705}},
        ir.Error(429, "limit", "usage_limit_reached", retry_after=602705.0),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parse(name: str) -> None:
    """pains.md 14 and 24, edge case 22."""
    status, body, expected = SHAPES[name]
    assert parse_error(status, body) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "type", "code", "status", "detail", "metadata"]), inner)
    ),
    max_leaves=8,
)


@given(st.integers(200, 599), JSON)
def test_never_raises(status: int, body: Any) -> None:
    error = parse_error(status, body)
    assert error.message and error.status >= 400


@pytest.mark.parametrize(
    ("status", "type", "code"),
    [
        (400, "invalid_request_error", None),
        (401, "invalid_request_error", "invalid_api_key"),
        (418, "invalid_request_error", None),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        (529, "server_error", "overloaded"),
        (599, "server_error", None),
    ],
)
def test_render_words(status: int, type: str, code: str | None) -> None:
    body = render_error(ir.Error(status, "Sorry.", "overloaded_error"))
    assert body == {"error": {"message": "Sorry.", "type": type, "param": None, "code": code}}


def test_own_words_stay() -> None:
    error = ir.Error(429, "No more.", "insufficient_quota", "insufficient_quota", "model")
    assert parse_error(429, render_error(error)) == error


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "BadRequestError"), (401, "AuthenticationError"), (429, "RateLimitError"), (502, "InternalServerError")],
)
def test_the_sdk_shows_the_message(status: int, kind: str) -> None:
    body = orjson.dumps(render_error(ir.Error(status, "Sorry.")))
    with pytest.raises(getattr(openai_judge.openai, kind), match=r"Sorry\.") as raised:
        openai_judge.client(body, status=status).chat.completions.create(model="m", messages=[])
    assert raised.value.status_code == status
