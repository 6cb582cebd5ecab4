"""Answers which models there are, in the shape of the asking client, and the paths that tell the gateway is alive."""

from __future__ import annotations

import asyncio
import time

from mitmproxy import http
from mitmproxy.utils import asyncio_utils

from cliproxy.translators import ir

from . import endpoints, exchange, replies
from .applied import Applied
from .model_fetch import ModelLists
from .model_info import ModelInfo
from .model_list import reachable
from .model_shapes import LISTS, SHAPES, openai_list, openai_model
from .requests import Refused
from .routes import Routes
from .settings import ProviderSettings, Settings
from .upstreams import USER_AGENT

WAIT = 3.0
"""Seconds that a client waits for providers' lists, the first time; later they are asked behind its back."""


class Models:
    def __init__(self) -> None:
        self._settings, self._routes = Settings(), Routes(Settings())
        self._lists = ModelLists()
        self._listed: list[ModelInfo] | None = None
        self._asking: asyncio.Task[None] | None = None

    def use(self, applied: Applied) -> None:
        self._settings, self._routes, self._listed = applied.settings, applied.routes, None
        self._lists.use(applied.settings, applied.routes)
        self._routes.learn(self._lists.known())

    def running(self) -> None:
        """A custom server's models go to it by their names, so these must be known before anyone asks for one."""
        custom = [one for one in self._lists.due(time.time()) if one.custom]
        if custom:
            self._asking = asyncio_utils.create_task(self._learn(custom), name="ask for models", keep_ref=True)

    @property
    def listed(self) -> list[ModelInfo]:
        if self._listed is None:
            self._listed = reachable(self._settings, self._lists.known())
        return self._listed

    async def request(self, flow: http.HTTPFlow) -> None:
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
                await self._refreshed()
                flow.response = self._list(request, found.format.NAME, client)
            case "model":
                await self._refreshed()
                flow.response = self._one(request, found.format.NAME, found.model.removeprefix("models/"), client)

    # -- what providers say ---------------------------------------------------------------

    async def _refreshed(self) -> None:
        """Nobody waits for a list that is merely old, nor for long for one that nobody has seen yet."""
        if self._asking and not self._asking.done() and not self._listed:
            await asyncio.wait([self._asking], timeout=WAIT)
        due = self._lists.due(time.time())
        if due and (self._asking is None or self._asking.done()):
            self._asking = asyncio_utils.create_task(self._learn(due), name="ask for models", keep_ref=True)
        if self._asking and any(one.name not in self._lists.known() for one in due):
            await asyncio.wait([self._asking], timeout=WAIT)
        if self._listed is None:  # the data of prices is a second of imports: not in the way of other exchanges
            self._listed = await asyncio.to_thread(reachable, self._settings, self._lists.known())

    async def _learn(self, providers: list[ProviderSettings]) -> None:
        await self._lists.refresh(providers)
        self._routes.learn(self._lists.known())
        self._listed = None

    # -- answers --------------------------------------------------------------------------

    def listed_for(self, client: str) -> list[ModelInfo]:
        """A key that is for some models sees these alone."""
        key = self._settings.auth.by_name.get(client)
        return [one for one in self.listed if one.id in key.models] if key and key.models else self.listed

    def _list(self, request: http.Request, format: str, client: str) -> http.Response:
        try:
            return replies.json(200, LISTS.get(format, openai_list)(self.listed_for(client), request.query))
        except Refused as refused:
            return replies.error(request, refused.error)

    def _one(self, request: http.Request, format: str, id: str, client: str) -> http.Response:
        for model in self.listed_for(client):
            if model.id == id:
                return replies.json(200, SHAPES.get(format, openai_model)(model))
        message = f"There is no model {id!r}; GET /v1/models lists those there are."
        return replies.error(request, ir.Error(404, message, param="model"))
