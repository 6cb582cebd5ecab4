"""Who answers what passes through."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from exchanges import request, routing

from cliproxy.addons import endpoints
from cliproxy.addons.pass_routes import upstream_for
from cliproxy.addons.requests import Refused

CONFIG = """
openai: {api-key: sk-test-openai, models: [gpt-test]}
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
gemini: {api-key: sk-test-gemini, models: [gemini-test]}
vertex: {api-key: sk-test-vertex, project: p}
custom-providers: {local: {base-url: "http://127.0.0.1:1/v1", models: [embed-local]}}
"""


def chosen(path: str, model: str = "", headers: Mapping[str, str] = {}, config: str = CONFIG) -> str:
    found = endpoints.find(path, headers, {})
    assert found and found.passing
    return upstream_for(found.passing, request("POST", path, headers=headers), routing(config).routes, model).name


@pytest.mark.parametrize(
    "path, model, headers, expected",
    [
        ("/v1/embeddings", "embed-local", {}, "local"),
        ("/v1/embeddings", "text-embedding-3-small", {}, "openai"),
        ("/v1/embeddings", "", {}, "openai"),
        ("/v1/files", "", {}, "openai"),
        ("/v1/files", "", {"anthropic-version": "x"}, "anthropic"),
        ("/v1/files", "", {"x-goog-api-key": "x"}, "gemini"),
        ("/v1/files", "", {"x-cliproxy-provider": "local"}, "local"),
        ("/upload/v1beta/files", "", {}, "gemini"),
        ("/v1/messages/batches", "", {}, "anthropic"),
    ],
)
def test_model_header_or_the_first(path: str, model: str, headers: dict[str, str], expected: str) -> None:
    assert chosen(path, model, headers) == expected


@pytest.mark.parametrize(
    "path, model, headers, config, message",
    [
        (
            "/v1/embeddings",
            "claude-test",
            {},
            CONFIG,
            "anthropic does not serve /v1/embeddings; it is passed through as",
        ),
        ("/v1/files", "", {"x-cliproxy-provider": "vertex"}, CONFIG, "vertex does not serve /v1/files"),
        ("/v1/files", "", {"x-cliproxy-provider": "me"}, CONFIG, "x-cliproxy-provider: there is no provider 'me'."),
        ("/v1/files", "", {}, "gemini: {api-key: sk-test-g}", "No configured provider serves /v1/files."),
        ("/v1beta/files", "", {}, "vertex: {api-key: sk-test-v}", "No configured provider serves /v1beta/files."),
    ],
)
def test_what_nobody_serves_is_refused(
    path: str, model: str, headers: dict[str, str], config: str, message: str
) -> None:
    with pytest.raises(Refused) as refused:
        chosen(path, model, headers, config)
    assert refused.value.error.message.startswith(message)
