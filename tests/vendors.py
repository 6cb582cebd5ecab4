"""What a vendor's entrance takes, as it is documented: each function holds one request to it."""

from __future__ import annotations

import re
from typing import Any

from scripted import Seen

SHARED = {"accept-encoding": "identity", "content-type": "application/json"}
CLIENTS_KEY = "sk-test-client-key"


def common(seen: Seen) -> Any:
    """No key of the client, and nothing of the hop before, ever arrives."""
    assert CLIENTS_KEY not in str(seen.headers) + seen.path + seen.body.decode()
    assert {name: seen.headers.get(name) for name in SHARED} == SHARED
    return seen.json


def vertex_gemini(seen: Seen, model: str, stream: bool, project: str = "", location: str = "", key: str = "") -> Any:
    """cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference; express mode without a project."""
    body = common(seen)
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    place = f"projects/{project}/locations/{location}/" if project else ""
    assert re.sub("^/v1beta1/", "/v1/", seen.path) == f"/v1/{place}publishers/google/models/{model}:{verb}"
    credentials(seen, key)
    assert "contents" in body and "model" not in body
    assert not {"anthropic-version", "anthropic-beta"} & seen.headers.keys()
    return body


def vertex_claude(seen: Seen, model: str, stream: bool, project: str, location: str, key: str = "") -> Any:
    """docs.claude.com, "Claude on Vertex AI": the model in the path, the version in the body and in no header.

    The maker's newest client says the Messages API's own version there.
    """
    body = common(seen)
    verb = "streamRawPredict" if stream else "rawPredict"
    assert seen.path == f"/v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:{verb}"
    credentials(seen, key)
    assert body["anthropic_version"] in ("vertex-2023-10-16", "2026-10-21") and "model" not in body
    assert bool(body.get("stream")) is stream and body["max_tokens"] > 0
    assert "anthropic-version" not in seen.headers
    return body


def credentials(seen: Seen, key: str) -> None:
    """Exactly one, and in the header that its kind goes in: a key in x-goog-api-key, a token as a bearer's."""
    sent = {name: seen.headers.get(name) for name in ("x-goog-api-key", "authorization", "x-api-key")}
    expected = {"authorization": f"Bearer {key}"} if key.startswith("ya29.") else {"x-goog-api-key": key}
    assert {name: value for name, value in sent.items() if value} == expected


def chatgpt(seen: Seen, token: str, account: str) -> Any:
    """github.com/openai/codex, and what users report to be refused."""
    body = common(seen)
    assert seen.path == "/backend-api/codex/responses"
    assert (seen.headers.get("authorization"), seen.headers.get("chatgpt-account-id")) == (f"Bearer {token}", account)
    assert (body["stream"], body["store"]) == (True, False) and isinstance(body["instructions"], str)
    assert isinstance(body["input"], list) and all(item.get("role") != "system" for item in body["input"])
    refused = {"max_output_tokens", "temperature", "top_p", "metadata", "user", "truncation", "previous_response_id"}
    assert not refused & body.keys()
    return body


def claude_account(seen: Seen, token: str) -> Any:
    """A token of an account: bearer, and the beta that lets it in among those of the client."""
    body = common(seen)
    assert seen.path.partition("?")[0] == "/v1/messages"
    assert seen.headers["authorization"] == f"Bearer {token}" and "x-api-key" not in seen.headers
    assert seen.headers["anthropic-version"] in ("2023-06-01", "2026-10-21")
    assert "oauth-2025-04-20" in seen.headers["anthropic-beta"].split(",")
    return body


def code_assist(seen: Seen, model: str, stream: bool, token: str, project: str) -> Any:
    """github.com/google-gemini/gemini-cli, packages/core/src/code_assist. The request inside is returned."""
    body = common(seen)
    assert seen.path == ("/v1internal:streamGenerateContent?alt=sse" if stream else "/v1internal:generateContent")
    assert seen.headers["authorization"] == f"Bearer {token}" and "x-goog-api-key" not in seen.headers
    assert body.keys() <= {"model", "project", "user_prompt_id", "request"}
    assert (body["model"], body["project"]) == (model, project)
    assert "contents" in body["request"] and "model" not in body["request"]
    return body["request"]
