"""Carries what passes through as it is: the answer's bytes as they come, and who owns what was made."""

from __future__ import annotations

import time
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit, urlunsplit

from mitmproxy import http

from cliproxy.translators import ir, wire

from . import exchange, replies, upstreams
from .exchange import Exchange
from .owners import Owner, Owners, made, mentioned, of_upload

UPLOAD_URL = "x-goog-upload-url"
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
        if not owner or owner.provider != call.upstream.provider:
            return
        call.pinned = owner.credential
        if owner.client not in ("", call.client):
            call.answered_here = True
            error = ir.Error(404, "What is asked for was made with another key of this gateway.")
            flow.response = replies.error(call.sent, error)

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or call.operation != "pass" or call.answered_here:
            return
        fields = response.headers.fields
        kept = [(name, value) for name, value in fields if name.decode("latin-1").lower() in _FILE_HEADERS]
        response.headers = http.Headers((*upstreams.answer_headers(response.headers).fields, *kept))
        response.headers["x-cliproxy-id"] = call.id
        if url := response.headers.get(UPLOAD_URL):
            response.headers[UPLOAD_URL] = await self._own_upload(call, url)
        if response.status_code < 400 and not _told_whole(call, response):
            if "content-length" not in response.headers and call.sent.http_version == "HTTP/1.1":
                response.headers["transfer-encoding"] = "chunked"
            response.stream = Carried()

    async def response(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or call.operation != "pass" or call.answered_here:
            return
        if isinstance(flow.request.stream, Carried):
            call.notes["upload"] = str(flow.request.stream)
        if isinstance(response.stream, Carried):
            record(call, response.stream)
        elif response.status_code < 400 and call.lasting:
            await self._remember(call, response.content or b"")

    async def _remember(self, call: Exchange, content: bytes) -> None:
        try:
            answer = wire.loads(content)
        except ValueError:
            return
        await self._owners.remember(made(answer), self._owner(call), time.time())

    async def _own_upload(self, call: Exchange, url: str) -> str:
        """Google tells where the file itself shall be sent: that is here again, or it would go past this gateway."""
        parts = urlsplit(url)
        if upload := parse_qs(parts.query).get("upload_id"):
            await self._owners.remember(map(of_upload, upload), self._owner(call), time.time())
        host = call.sent.headers.get("host", "")
        return str(urlunsplit((call.sent.scheme, host, parts.path[parts.path.find("/upload/") :], parts.query, "")))

    def _owner(self, call: Exchange) -> Owner:
        return Owner(call.upstream.provider, call.account, call.client)


def _told_whole(call: Exchange, response: http.Response) -> bool:
    """An answer that says what was made is read before the client can ask for it; a file's content never is."""
    contents = call.target.endswith(("/content", "/results", ":download"))
    return call.lasting and not contents and "json" in response.headers.get("content-type", "")


def record(call: Exchange, carried: Carried) -> None:
    if call.recording and call.recording.attempts and carried.whole:
        call.recording.last.received.append((time.time(), carried.start))
        call.recording.answered.append(carried.start)
    elif call.recording:
        call.notes["answer"] = str(carried)


def asked_for(call: Exchange) -> list[str]:
    """The ids that a request names: in its path, in its query, and the files that its body speaks of."""
    return [call.about, of_upload(call.sent.query.get("upload_id", "")), *mentioned(call.sent.raw_content or b"")]
