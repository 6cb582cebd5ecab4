"""Which requests' bodies are carried as they come, never kept, and what must be seen of one before it can go on."""

from __future__ import annotations

from mitmproxy import http

from . import endpoints, multipart
from .pass_routes import PROVIDER
from .pass_through import Carried
from .passages import Passing

KEPT = 1024 * 1024
"""Bytes of a body that is kept whole all the same: then another credential can be tried with it."""


class Upload(Carried):
    """A body on its way. Until `ready`, the layer keeps what came: the form's `model` decides where it goes."""

    def __init__(self, request: http.Request, passing: Passing) -> None:
        super().__init__()
        boundary = multipart.boundary(request.headers.get("content-type", ""))
        named = passing.passage.model == "body" and PROVIDER not in request.headers
        self._finder = multipart.FieldFinder(boundary, "model") if named else None

    @property
    def ready(self) -> bool:
        return self._finder is None or self._finder.value is not None

    @property
    def model(self) -> str:
        return (self._finder.value if self._finder else "") or ""

    def look(self, data: bytes) -> None:
        """The next bytes of a body that is still kept."""
        if self._finder:
            self._finder.feed(data)


def upload(request: http.Request) -> Upload | None:
    """None for a body that is kept: it must be read whole, or is so small that it may be."""
    found = endpoints.find(request.path, request.headers, request.query)
    if not found or not found.passing or request.method not in found.methods or request.method == "GET":
        return None
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) <= KEPT:
        return None
    form = multipart.boundary(request.headers.get("content-type", ""))
    read = found.passing.passage.model == "body" and (not form or "content-encoding" in request.headers)
    return None if read else Upload(request, found.passing)
