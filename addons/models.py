"""Answers which models there are, in the shape of the asking client, and the paths that tell the gateway is alive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mitmproxy import http

from cliproxy.translators import ir

from . import endpoints, exchange, replies
from .applied import Applied
from .model_list import ModelInfo, reachable
from .settings import Settings
from .upstreams import USER_AGENT

_OWNERS = {"gemini": "google", "vertex": "google", "qwen": "alibaba"}
EPOCH = "1970-01-01T00:00:00Z"
"""A model's age is asked for by the formats, and not known here."""


class Models:
    def __init__(self) -> None:
        self._settings = Settings()
        self._listed: list[ModelInfo] | None = None

    def use(self, applied: Applied) -> None:
        self._settings, self._listed = applied.settings, None

    @property
    def listed(self) -> list[ModelInfo]:
        if self._listed is None:
            self._listed = list(reachable(self._settings))
        return self._listed

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        found = endpoints.find(request.path, request.headers, request.query)
        client = exchange.client_of(flow)
        if flow.response or client is None or not found or request.method not in found.methods:
            return
        match found.operation:
            case "health":
                flow.response = replies.json(200, {"status": "ok"})
            case "about":
                flow.response = replies.json(200, {"name": USER_AGENT, "endpoints": list(endpoints.SERVED)})
            case "models":
                flow.response = replies.json(200, LISTS.get(found.format.NAME, openai_list)(self.listed_for(client)))
            case "model":
                flow.response = self._one(request, found.format.NAME, found.model.removeprefix("models/"), client)

    def listed_for(self, client: str) -> list[ModelInfo]:
        """A key that is for some models sees these alone."""
        key = self._settings.auth.by_name.get(client)
        return [one for one in self.listed if one.id in key.models] if key and key.models else self.listed

    def _one(self, request: http.Request, format: str, id: str, client: str) -> http.Response:
        for model in self.listed_for(client):
            if model.id == id:
                return replies.json(200, SHAPES.get(format, openai_model)(model))
        message = f"There is no model {id!r}; GET /v1/models lists those there are."
        return replies.error(request, ir.Error(404, message, param="model"))


def openai_model(model: ModelInfo) -> dict[str, Any]:
    owner = _OWNERS.get(model.provider, model.provider)
    return {"id": model.id, "object": "model", "created": 0, "owned_by": owner}


def anthropic_model(model: ModelInfo) -> dict[str, Any]:
    return {"type": "model", "id": model.id, "display_name": model.id, "created_at": EPOCH}


def gemini_model(model: ModelInfo) -> dict[str, Any]:
    methods = ["generateContent", "streamGenerateContent"]
    return {"name": f"models/{model.id}", "displayName": model.id, "supportedGenerationMethods": methods}


def openai_list(models: Sequence[ModelInfo]) -> dict[str, Any]:
    return {"object": "list", "data": [openai_model(model) for model in models]}


def anthropic_list(models: Sequence[ModelInfo]) -> dict[str, Any]:
    first, last = (models[0].id, models[-1].id) if models else (None, None)
    return {"data": [anthropic_model(m) for m in models], "has_more": False, "first_id": first, "last_id": last}


def gemini_list(models: Sequence[ModelInfo]) -> dict[str, Any]:
    return {"models": [gemini_model(model) for model in models]}


type Shape = Callable[[ModelInfo], dict[str, Any]]
type ListShape = Callable[[Sequence[ModelInfo]], dict[str, Any]]

SHAPES: dict[str, Shape] = {"openai_chat": openai_model, "anthropic": anthropic_model, "gemini": gemini_model}
LISTS: dict[str, ListShape] = {"openai_chat": openai_list, "anthropic": anthropic_list, "gemini": gemini_list}
