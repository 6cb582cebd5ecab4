"""Lets in uploads that show no key but the address that this gateway gave out for them."""

from __future__ import annotations

from mitmproxy import http

from . import endpoints, exchange
from .client_auth import ClientAuth, presented
from .owners import Owners, of_upload


class UploadAuth:
    """Right after `ClientAuth`. Google's clients send a file to the address that they were told, without their key:
    the id in it, which can't be guessed, stands for whoever asked for it."""

    def __init__(self, owners: Owners, clients: ClientAuth) -> None:
        self._owners, self._clients = owners, clients

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        refused = flow.response is not None and flow.response.status_code == 401
        upload = request.query.get("upload_id", "")
        if not refused or not upload or any(presented(request)):
            return
        found = endpoints.find(request.path, request.headers, request.query)
        if not found or not found.passing or not found.passing.target.startswith("/upload/"):
            return
        owner = await self._owners.of([of_upload(upload)])
        if owner and self._clients.in_force(owner.client):
            flow.response = None
            exchange.admit(flow, owner.client)
