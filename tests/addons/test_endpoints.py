"""Paths to endpoints: the served ones, the known wrong spellings, and hostile ones."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons import endpoints
from cliproxy.addons.endpoints import find, format_of
from cliproxy.translators.formats import FORMATS

GENERATE = [
    ("/v1/chat/completions", "openai_chat", ""),
    ("/v1/completions", "openai_completions", ""),
    ("/v1/responses", "openai_responses", ""),
    ("/v1/messages", "anthropic", ""),
    ("/v1/messages?beta=true", "anthropic", ""),
    ("/v1/messages/", "anthropic", ""),
    ("/v1beta/models/gemini-pro:generateContent", "gemini", "gemini-pro"),
    ("/v1beta/models/gemini-pro:streamGenerateContent?alt=sse", "gemini", "gemini-pro"),
    ("/v1beta1/models/gemini-pro:generateContent", "gemini", "gemini-pro"),
    ("/v1/publishers/google/models/gemini-pro:generateContent", "gemini", "gemini-pro"),
    ("/v1beta/models/qwen3:8b:generateContent", "gemini", "qwen3:8b"),
    ("/v1beta/models/vendor%2Fmodel%3A8b:generateContent", "gemini", "vendor/model:8b"),
    ("/v1beta/models/vendor/model:generateContent", "gemini", "vendor/model"),
]
AT_GOOGLE = [
    ("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", "generate", "gemini", "g"),
    ("/v1beta1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent", "generate", "gemini", "g"),
    ("/v1beta1/publishers/google/models/g:countTokens", "count", "gemini", "g"),
    ("/v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict", "generate", "anthropic", "c@1"),
    ("/projects/p/locations/l/publishers/anthropic/models/c%401:streamRawPredict", "generate", "anthropic", "c@1"),
    ("/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", "count", "anthropic", ""),
    ("/v1internal:generateContent", "generate", "gemini", ""),
    ("/v1internal:countTokens", "count", "gemini", ""),
]
ALIASES = [
    ("/chat/completions", "openai_chat"),
    ("/messages", "anthropic"),
    ("/responses", "openai_responses"),
    ("/v1/v1/messages", "anthropic"),
    ("/v1/v1/v1/messages", "anthropic"),
    ("/openai/v1/chat/completions", "openai_chat"),
    ("/v1beta/openai/chat/completions", "openai_chat"),
    ("/api/v1/chat/completions", "openai_chat"),
    ("/models/m:generateContent", "gemini"),
    ("/v1/v1beta/models/m:streamGenerateContent", "gemini"),
]
LONG = "/v1" * 20_000
NOTHING: dict[str, str] = {}


def found(path: str, headers: Any = NOTHING, query: Any = NOTHING) -> tuple[str, str, str] | None:
    one = find(path, headers, query)
    return (one.operation, one.format.NAME, one.model) if one else None


@pytest.mark.parametrize("path, format, model", GENERATE)
def test_served_paths_generate_in_the_format_that_they_name(path: str, format: str, model: str) -> None:
    assert found(path) == ("generate", format, model)
    one = find(path, {}, {})
    assert one and one.methods == ("POST",)


@pytest.mark.parametrize("path, operation, format, model", AT_GOOGLE)
def test_vertex_ai_and_code_assist_have_paths_of_their_own(path: str, operation: str, format: str, model: str) -> None:
    assert found(path) == (operation, format, model)
    one = find(path, {}, {})
    assert one and one.enveloped is path.startswith("/v1internal:") and one.methods == ("POST",)


@pytest.mark.parametrize("path, format", ALIASES)
def test_a_base_url_with_too_little_or_too_much_still_works(path: str, format: str) -> None:
    operation, name, _ = found(path) or ("", "", "")
    assert (operation, name) == ("generate", format)


@pytest.mark.parametrize(
    "path, headers, query, expected",
    [
        ("/v1/models", {}, {}, ("models", "openai_chat", "")),
        ("/models/", {}, {}, ("models", "openai_chat", "")),
        ("/v1beta/models", {}, {}, ("models", "gemini", "")),
        ("/v1/models", {"anthropic-version": "2023-06-01"}, {}, ("models", "anthropic", "")),
        ("/v1/models", {"x-goog-api-key": "k"}, {}, ("models", "gemini", "")),
        ("/v1/models?key=k", {}, {"key": "k"}, ("models", "gemini", "")),
        ("/v1/models/gpt-5", {}, {}, ("model", "openai_chat", "gpt-5")),
        ("/v1/models/vendor/model", {}, {}, ("model", "openai_chat", "vendor/model")),
        ("/v1/models/vendor%2Fmodel%3A8b", {}, {}, ("model", "openai_chat", "vendor/model:8b")),
        ("/", {}, {}, ("about", "openai_chat", "")),
        ("/?x=1", {}, {}, ("about", "openai_chat", "")),
        ("/healthz", {}, {}, ("health", "openai_chat", "")),
        ("/api/hello", {}, {}, ("about", "openai_chat", "")),
    ],
)
def test_what_is_only_read(path: str, headers: Any, query: Any, expected: Any) -> None:
    assert found(path, headers, query) == expected
    one = find(path, headers, query)
    assert one and one.methods == ("GET", "HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "//v1/messages",
        "/v1//messages",
        "/v1/messages/count",
        "/v1%2Fmessages",
        "/v1/%6dessages",
        "/v1/../v1/messages",
        "/v2/messages",
        "/v1messages",
        "/V1/messages",
        "/v1/messages;x",
        "/v1/messages#x",
        "/v1/chat/completions/x",
        "/v1/files/..",
        "/v1/files/../models",
        "/v1/files/a%2Fb",
        "/v1/batches/x/results",
        "/upload/v1beta/other",
        "/v1beta/models/:generateContent",
        "/v1beta/models/m:generatecontent",
        "/v1beta/tunedModels/m:generateContent",
        "*",
        "messages",
        "http://example.com/v1/messages",
        LONG + "/nothing",
        "/v1beta/models/" + ":generateContent" * 5_000 + "x",
    ],
    ids=lambda path: path[:40],
)
def test_nothing_is_served_at_paths_that_only_look_alike(path: str) -> None:
    assert found(path) is None


@pytest.mark.parametrize(
    "path, model",
    [("/v1/models/../x", "../x"), ("/v1/models/..%2f..%2fadmin", "../../admin"), ("/v1/models/%00", "\0")],
)
def test_dots_and_slashes_name_a_model_and_lead_nowhere_else(path: str, model: str) -> None:
    assert found(path) == ("model", "openai_chat", model)


def test_a_path_of_any_length_is_read() -> None:
    assert found(LONG + "/messages") == ("generate", "anthropic", "")
    assert found("/v1/models/" + "x" * 100_000) == ("model", "openai_chat", "x" * 100_000)


@pytest.mark.parametrize(
    "path, headers, query, format",
    [
        ("/v1/chat/completions/nope", {}, {}, "openai_chat"),
        ("/v1/messages/count_tokens", {}, {}, "anthropic"),
        ("/v1/responses/resp_1", {}, {}, "openai_responses"),
        ("/v1beta/cachedContents", {}, {}, "gemini"),
        ("/v1/models/m:streamGenerateContentX", {}, {}, "gemini"),
        ("/nope", {"x-goog-api-key": ""}, {}, "gemini"),
        ("/nope", {"anthropic-version": ""}, {}, "anthropic"),
        ("/nope", {}, {}, "openai_chat"),
    ],
)
def test_the_nearest_format_is_found_where_nothing_is_served(path: str, headers: Any, query: Any, format: str) -> None:
    assert format_of(path, headers, query) is FORMATS[format]


def test_all_that_is_said_to_be_served_is() -> None:
    for line in endpoints.SERVED:
        method, path = line.split(" ")
        one = find(path.replace("{model}", "m").replace("{id}", "m"), {}, {})
        assert one and method in one.methods, line


@pytest.mark.parametrize(
    "path, methods, id, part",
    [
        ("/v1/responses/resp_1", ("GET", "DELETE"), "resp_1", ""),
        ("/responses/resp_1/", ("GET", "DELETE"), "resp_1", ""),
        ("/v1/responses/resp_1/input_items?limit=2", ("GET",), "resp_1", "/input_items"),
        ("/v1/responses/resp_1/cancel", ("POST",), "resp_1", "/cancel"),
    ],
)
def test_a_response_is_named_by_its_id(path: str, methods: tuple[str, ...], id: str, part: str) -> None:
    one = find(path, {}, {})
    assert one and (one.operation, one.format.NAME, one.methods) == ("response", "openai_responses", methods)
    assert (one.id, one.part) == (id, part)


@pytest.mark.parametrize("rest", ["../files", "..", "resp_1/nope", "a%2Fb", "resp_1/input_items/x", "compact"])
def test_other_paths_below_responses_name_none(rest: str) -> None:
    one = find(f"/v1/responses/{rest}", {}, {})
    assert one is None or one.operation != "response"


@pytest.mark.parametrize("path", ["/models/" * 2_000_000, "/models/a:a" * 1_000_000, "/models/a:" + "a" * 9_000_000])
def test_no_path_is_a_trap(path: str) -> None:
    """With a pattern that goes back and forth in it, any of these would take hours."""
    assert endpoints.format_of(path, {}, {}) is FORMATS["openai_chat"]
