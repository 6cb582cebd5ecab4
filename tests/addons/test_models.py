"""Which models there are, in three shapes; and the paths that tell the gateway is alive."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from exchanges import applied, error_of, flow
from mitmproxy import http

from cliproxy.addons import endpoints, exchange
from cliproxy.addons.model_shapes import EPOCH
from cliproxy.addons.models import Models
from cliproxy.addons.upstreams import USER_AGENT

CONFIG = """
openai: {api-key: sk-test-openai, models: [gpt-test]}
gemini: {api-key: sk-test-gemini, models: [gemini-test]}
custom-providers: {local: {base-url: "http://127.0.0.1:1", models: [vendor/llama]}}
"""
ANTHROPIC = {"anthropic-version": "2023-06-01"}
METHODS = ["generateContent", "streamGenerateContent", "countTokens"]


def models(config: str = CONFIG) -> Models:
    made = Models()
    made.use(applied(config))
    return made


def ask(path: str, headers: Any = (), method: str = "GET", config: str = CONFIG) -> http.Response | None:
    one = flow(method, path, headers=headers)
    exchange.admit(one, "tester")
    asyncio.run(models(config).request(one))
    return one.response


def body(response: http.Response | None) -> Any:
    assert response
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    return json.loads(response.content or b"")


def openai(id: str, owner: str) -> Any:
    return {"id": id, "object": "model", "created": 0, "owned_by": owner}


def anthropic(id: str) -> Any:
    return {"type": "model", "id": id, "display_name": id, "created_at": EPOCH}


def gemini(id: str) -> Any:
    return {"name": f"models/{id}", "displayName": id, "supportedGenerationMethods": METHODS}


OPENAI = [openai("vendor/llama", "local"), openai("gpt-test", "openai"), openai("gemini-test", "google")]


@pytest.mark.parametrize(
    "path, headers, expected",
    [
        ("/v1/models", {}, {"object": "list", "data": OPENAI}),
        ("/models", {}, {"object": "list", "data": OPENAI}),
        ("/v1/models?after=/responses", {}, {"object": "list", "data": OPENAI}),
        (
            "/v1/models?limit=1000",
            ANTHROPIC,
            {
                "data": [anthropic("vendor/llama"), anthropic("gpt-test"), anthropic("gemini-test")],
                "has_more": False,
                "first_id": "vendor/llama",
                "last_id": "gemini-test",
            },
        ),
        (
            "/v1beta/models",
            {},
            {"models": [gemini("vendor/llama"), gemini("gpt-test"), gemini("gemini-test")]},
        ),
    ],
)
def test_the_list_has_the_shape_of_the_asking_client(path: str, headers: Any, expected: Any) -> None:
    assert body(ask(path, headers)) == expected


@pytest.mark.parametrize(
    "path, headers, expected",
    [
        ("/v1/models/gpt-test", {}, openai("gpt-test", "openai")),
        ("/v1/models/vendor/llama", {}, openai("vendor/llama", "local")),
        ("/v1/models/vendor%2Fllama", {}, openai("vendor/llama", "local")),
        ("/v1/models/gpt-test", ANTHROPIC, anthropic("gpt-test")),
        ("/v1beta/models/gpt-test", {}, gemini("gpt-test")),
        ("/v1beta/models/models%2Fgpt-test", {}, gemini("gpt-test")),
    ],
)
def test_one_model_has_the_shape_of_the_asking_client(path: str, headers: Any, expected: Any) -> None:
    assert body(ask(path, headers)) == expected


def test_a_model_may_be_named_as_an_endpoint_is() -> None:
    config = "openai: {api-key: sk-test-openai, models: [responses, x/completions]}"
    assert body(ask("/v1/models/responses", config=config)) == openai("responses", "openai")
    assert body(ask("/v1/models/x/completions", config=config)) == openai("x/completions", "openai")


@pytest.mark.parametrize(
    "config, path, headers, expected",
    [
        ("", "/v1/models", {}, {"object": "list", "data": []}),
        ("", "/v1/models", ANTHROPIC, {"data": [], "has_more": False, "first_id": None, "last_id": None}),
        ("", "/v1beta/models", {}, {"models": []}),
    ],
)
def test_without_providers_the_list_is_empty(config: str, path: str, headers: Any, expected: Any) -> None:
    assert body(ask(path, headers, config=config)) == expected


@pytest.mark.parametrize("path", ["/v1/models/nobody", "/v1/models/../x", "/v1beta/models/nobody"])
def test_a_model_that_is_not_there_is_a_404(path: str) -> None:
    response = ask(path)
    assert response and response.status_code == 404
    name = path.partition("/models/")[2]
    assert error_of(response)["message"] == f"There is no model {name!r}; GET /v1/models lists those there are."


def test_health_and_what_this_is() -> None:
    assert body(ask("/healthz")) == {"status": "ok"}
    assert body(ask("/")) == {"name": USER_AGENT, "endpoints": list(endpoints.SERVED)}
    assert body(ask("/healthz", method="HEAD")) == {"status": "ok"}


@pytest.mark.parametrize("path, method", [("/v1/models", "POST"), ("/v1/messages", "GET"), ("/nope", "GET")])
def test_what_is_not_asked_here_is_left_to_routing(path: str, method: str) -> None:
    assert ask(path, method=method) is None


def test_nothing_is_told_to_those_who_were_not_admitted() -> None:
    one = flow("GET", "/v1/models")
    asyncio.run(models().request(one))
    assert one.response is None


def test_an_answer_that_is_there_stays() -> None:
    one = flow("GET", "/v1/models")
    exchange.admit(one, "tester")
    one.response = answer = http.Response.make(401)
    asyncio.run(models().request(one))
    assert one.response is answer


def test_a_new_configuration_is_a_new_list() -> None:
    made = models()
    assert len(made.listed) == 3
    made.use(applied(""))
    assert made.listed == []


def test_a_key_for_some_models_sees_no_other() -> None:
    config = CONFIG + "auth: {api-keys: [{key: sk-test-one, name: tester, models: [gpt-test]}]}\n"
    assert body(ask("/v1/models", config=config))["data"] == [openai("gpt-test", "openai")]
    assert body(ask("/v1/models/gpt-test", config=config))["id"] == "gpt-test"
    hidden = ask("/v1/models/gemini-test", config=config)
    assert hidden and hidden.status_code == 404
