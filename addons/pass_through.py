"""Carries what passes through as it is: the answer's bytes as they come, and who owns what was made."""

from __future__ import annotations

import time
from hashlib import sha256

from mitmproxy import http

from cliproxy.translators import wire

from . import exchange, upstreams
from .exchange import Exchange
from .owners import Owner, Owners, made, mentioned

READ = 256 * 1024
"""Bytes of an answer that are looked at, and recorded; a longer one is a file."""
_FILE_HEADERS = frozenset(
    ("content-length", "content-disposition", "content-range", "accept-ranges", "etag", "last-modified")
)


class Carried:
    """What mitmproxy calls for each piece of a body that isn't kept. `start`: its first bytes; `whole`: that is all."""

    def __init__(self) -> None:
        self.size = 0
        self.start = b""
        self._digest = sha256()

    def __call__(self, data: bytes) -> list[bytes]:
        self.size += len(data)
        self._digest.update(data)
        if len(self.start) < READ:
            self.start += data[: READ - len(self.start)]
        return [data] if data else []

    @property
    def whole(self) -> bool:
        return self.size == len(self.start)

    def __str__(self) -> str:
        return f"{self.size} bytes, sha256 {self._digest.hexdigest()}"


class PassThrough:
    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    async def request(self, flow: http.HTTPFlow) -> None:
        """What somebody's account holds can be asked of that account only."""
        call = exchange.of(flow)
        if not call or flow.response or call.pinned or call.operation == "count":
            return
        owner = await self._owners.of(asked_for(call))
        if owner and owner.provider == call.upstream.name:
            call.pinned = owner.credential

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or call.operation != "pass" or call.answered_here:
            return
        fields = response.headers.fields
        kept = [(name, value) for name, value in fields if name.decode("latin-1").lower() in _FILE_HEADERS]
        response.headers = http.Headers((*upstreams.answer_headers(response.headers).fields, *kept))
        response.headers["x-cliproxy-id"] = call.id
        if response.status_code < 400:
            if "content-length" not in response.headers and call.sent.http_version == "HTTP/1.1":
                response.headers["transfer-encoding"] = "chunked"
            response.stream = Carried()

    async def response(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or not isinstance(response.stream, Carried):
            return
        carried = response.stream
        if call.recording and call.recording.attempts and carried.whole:
            call.recording.last.received.append((time.time(), carried.start))
            call.recording.answered.append(carried.start)
        elif call.recording:
            call.notes["answer"] = str(carried)
        if call.lasting and carried.whole and call.attempts:
            await self._remember(call, carried.start)

    async def _remember(self, call: Exchange, content: bytes) -> None:
        try:
            answer = wire.loads(content)
        except ValueError:
            return  # a file's content
        await self._owners.remember(made(answer), Owner(call.upstream.name, call.attempts[-1].credential), time.time())


def asked_for(call: Exchange) -> list[str]:
    """The ids that a request names: in its path, in its query, and the files that its body speaks of."""
    return [call.about, call.sent.query.get("upload_id", ""), *mentioned(call.sent.raw_content or b"")]
