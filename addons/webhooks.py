"""Tells other systems what happened: signed, retried, in the background, and never at a request's expense.

The form is that of Standard Webhooks (https://www.standardwebhooks.com): ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">``, so that its libraries can verify it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import logging
import time
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from mitmproxy.utils import asyncio_utils

from cliproxy.translators import wire

from .applied import Applied
from .redact import Redactor
from .settings import MIB, Webhook
from .upstreams import USER_AGENT

logger = logging.getLogger(__name__)

BACKOFF = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before each further try; after the last one the event is given up."""
QUEUE = 1000
"""Events that wait for one endpoint; beyond, the oldest is dropped."""
QUEUE_BYTES = 16 * MIB
"""The same for their size: with include-content one event may be megabytes."""
TIMEOUT = 10.0
FLUSH = 5.0
"""Seconds that the end of the gateway waits for what is still to be sent."""
RETRIED = frozenset({408, 425, 429})


class Webhooks:
    def __init__(self) -> None:
        self._endpoints: list[Endpoint] = []
        self._redactor = Redactor()

    def use(self, applied: Applied) -> None:
        self.listen(applied.settings.webhooks, applied.redactor)

    def listen(self, webhooks: Iterable[Webhook], redactor: Redactor) -> None:
        """Endpoints that stay as they are keep what waits for them."""
        self._redactor = redactor
        kept = {endpoint.webhook: endpoint for endpoint in self._endpoints}
        self._endpoints = [kept.pop(webhook) if webhook in kept else Endpoint(webhook) for webhook in webhooks]
        for endpoint in kept.values():
            endpoint.close()

    def wants(self, event: str, content: bool = False) -> bool:
        """`content`: whether anybody asks for what was said, too."""
        hooks = (endpoint.webhook for endpoint in self._endpoints)
        return any(event in hook.events and (hook.include_content or not content) for hook in hooks)

    def tell(self, event: str, data: Mapping[str, object], content: Mapping[str, object] | None = None) -> None:
        """Queue an event for all who want it. `content`: what was said, for those that ask for it."""
        for endpoint in self._endpoints:
            if event in endpoint.webhook.events:
                told = {**data, **(content or {})} if endpoint.webhook.include_content else data
                endpoint.put(message(event, told, self._redactor))

    def waiting(self) -> int:
        """How many events are still to be delivered."""
        return sum(len(endpoint.queue) for endpoint in self._endpoints)

    async def done(self) -> None:
        """Give what waits a last chance; endpoints that are failing don't get to hold up the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH):
                await asyncio.gather(*(endpoint.flushed() for endpoint in self._endpoints))
        for endpoint in self._endpoints:
            endpoint.close()


def message(event: str, data: Mapping[str, object], redactor: Redactor) -> tuple[str, bytes]:
    """The event's id and its body: ``{"type", "timestamp", "data"}``."""
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = wire.dumps({"type": event, "timestamp": stamp, "data": dict(data)})
    return f"msg_{uuid.uuid4().hex}", redactor.data(body)


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """A ``whsec_…`` secret holds its key in base64; any other is the key itself."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        with contextlib.suppress(binascii.Error):
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Endpoint:
    """One address, its queue, and the task that empties it: only while there is something to send."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self.queue: deque[tuple[str, bytes]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._size = 0
        self._failing = False
        self._dropped = 0

    def __repr__(self) -> str:
        return f"<webhook to {self.place}: {len(self.queue)} waiting>"

    @property
    def place(self) -> str:
        """The host alone: path and query of such an address are often its secret."""
        return urlsplit(self.webhook.url).hostname or "?"

    def put(self, event: tuple[str, bytes]) -> None:
        self.queue.append(event)
        self._size += len(event[1])
        while len(self.queue) > QUEUE or self._size > QUEUE_BYTES:
            self._take()
            self._dropped += 1
        if self.queue and (not self._task or self._task.done()):
            self._task = asyncio_utils.create_task(self._empty(), name=f"webhook to {self.place}", keep_ref=True)

    def _take(self) -> None:
        _, body = self.queue.popleft()
        self._size -= len(body)

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    async def flushed(self) -> None:
        if self._task and not self._failing:
            await asyncio.wait({self._task})

    async def _empty(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT, headers={"user-agent": USER_AGENT}) as client:
            while self.queue:
                event = self.queue[0]
                await self._deliver(client, *event)
                if self.queue and self.queue[0] is event:  # else it was dropped in the meantime
                    self._take()

    async def _deliver(self, client: httpx.AsyncClient, id: str, body: bytes) -> None:
        for pause in (*BACKOFF, None):
            fault, again = await self._post(client, id, body)
            if not fault:
                self._tell_recovery()
                return
            self._tell_failure(fault)
            if not again or pause is None:
                break
            await asyncio.sleep(pause)
        logger.error("The webhook to %s did not take an event, it is given up: %s", self.place, fault)

    async def _post(self, client: httpx.AsyncClient, id: str, body: bytes) -> tuple[str, bool]:
        """What went wrong, "" for nothing, and whether to try again."""
        now = int(time.time())
        headers = {"content-type": "application/json", "webhook-id": id, "webhook-timestamp": str(now)}
        if self.webhook.secret:
            headers["webhook-signature"] = signature(self.webhook.secret, id, now, body)
        try:
            response = await client.post(self.webhook.url, content=body, headers=headers)
        except httpx.HTTPError as fault:
            return type(fault).__name__, True
        if response.is_success:
            return "", False
        again = response.status_code >= 500 or response.status_code in RETRIED
        return f"status {response.status_code}", again

    def _tell_failure(self, fault: str) -> None:
        if not self._failing:
            logger.warning("The webhook to %s fails (%s); its events wait, at most %d.", self.place, fault, QUEUE)
        self._failing = True

    def _tell_recovery(self) -> None:
        if self._failing:
            logger.info("The webhook to %s works again; %d events were dropped.", self.place, self._dropped)
        self._failing, self._dropped = False, 0
