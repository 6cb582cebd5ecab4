"""GET and DELETE of responses: of those that are kept here, and by their provider of those that it keeps."""

from __future__ import annotations

import time
from collections.abc import Mapping

from mitmproxy import http

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.ir import Json

from .. import endpoints, exchange, replies
from ..applied import Applied
from ..doors.door import PLAIN
from ..endpoints import Endpoint
from ..exchange import Exchange
from ..routes import Routes
from ..settings import Settings
from ..upstreams import Upstream
from .keeper import Keeper, Kept

RESPONSES = FORMATS["openai_responses"]

PAGE, LONGEST_PAGE = 20, 100


class Retrieval:
    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.routes = Routes(Settings())

    def use(self, applied: Applied) -> None:
        self.routes = applied.routes

    async def request(self, flow: http.HTTPFlow) -> None:
        request, client = flow.request, exchange.client_of(flow)
        if flow.response or client is None:
            return
        found = endpoints.find(request.path, request.headers, request.query)
        if not found or found.operation != "response":
            return
        kept = await self.keeper.find(found.id, client)
        if kept and kept.here:
            answer = await self._answer(request, found, kept)
        elif holder := self._holder(kept):
            exchange.begin(flow, passed_on(flow, found, client, holder, kept.credential if kept else ""))
            return
        else:
            why = "" if self.keeper.settings.store else " This gateway keeps no responses."
            answer = ir.Error(404, f"No response {found.id!r} is kept here for this key.{why}", param="response_id")
        flow.response = replies.error(request, answer) if isinstance(answer, ir.Error) else replies.json(200, answer)

    def _holder(self, kept: Kept | None) -> Upstream | None:
        """The provider that keeps it, or may: what was made before this gateway is unknown to it."""
        if not kept and self.keeper.several:
            return None
        able = (one for one in self.routes.upstreams() if RESPONSES in one.formats and one.door is PLAIN)
        return next((one for one in able if not kept or one.name == kept.provider), None)

    async def _answer(self, request: http.Request, asked: Endpoint, kept: Kept) -> Json | ir.Error:
        if asked.part == "/cancel":
            return ir.Error(400, "Only responses made with background: true can be cancelled; this one has ended.")
        if asked.part == "/input_items":
            return await self._input(kept, request.query)
        if request.method == "DELETE":
            await self.keeper.delete(kept.id)
            return {"id": kept.id, "object": "response", "deleted": True}
        return kept.response or {}

    async def _input(self, kept: Kept, query: Mapping[str, str]) -> Json | ir.Error:
        items = await self.keeper.items(kept)
        if items is None:
            return ir.Error(404, f"{kept.id!r} goes on with responses that are no longer kept.", param="response_id")
        output = (kept.response or {}).get("output")
        said = items[: len(items) - len(output)] if isinstance(output, list) else items
        return page([identified(kept.id, number, item) for number, item in enumerate(said)], query)


def passed_on(flow: http.HTTPFlow, asked: Endpoint, client: str, holder: Upstream, credential: str) -> Exchange:
    """The request as it is, to whom it belongs."""
    return Exchange(
        id=flow.id.partition("-")[0],
        client=client,
        format=RESPONSES,
        sent=flow.request.copy(),
        body={},
        model="",
        stream=False,
        began=time.time(),
        upstream=holder,
        answer_format=RESPONSES,
        operation="pass",
        target=f"/responses/{asked.id}{asked.part}",
        lasting=True,
        about=asked.id,
        pinned=credential,
    )


def identified(response: str, number: int, item: Json) -> Json:
    """Every item of a list has an id; those that came without one get it from their place."""
    named: Json = {"id": f"item_{response.removeprefix('resp_')}_{number}", "type": "message", **item}
    if isinstance(named.get("content"), str):
        kind = "output_text" if named.get("role") == "assistant" else "input_text"
        named["content"] = [{"type": kind, "text": named["content"]}]
    return named


def page(items: list[Json], query: Mapping[str, str]) -> Json | ir.Error:
    """The newest first unless `order` is asc; `after` names the last item of the page before."""
    limit = query.get("limit", str(PAGE))
    if not limit.isdigit() or not 1 <= int(limit) <= LONGEST_PAGE:
        return ir.Error(400, f"limit must be a whole number from 1 to {LONGEST_PAGE}.", param="limit")
    if query.get("order", "desc") == "desc":
        items = items[::-1]
    if after := query.get("after"):
        places = [place for place, item in enumerate(items) if item.get("id") == after]
        if not places:
            return ir.Error(400, f"after: no item is called {after[:80]!r}.", param="after")
        items = items[places[0] + 1 :]
    shown = items[: int(limit)]
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {"first_id": None, "last_id": None}
    return {"object": "list", "data": shown, **ends, "has_more": len(items) > len(shown)}
