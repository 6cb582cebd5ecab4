"""Keeps our secrets out of what clients are answered: a provider may repeat in an error what it was shown.

Only errors and headers are touched. What a provider answers in earnest passes byte for byte: see decision 0002.
"""

from __future__ import annotations

from mitmproxy import http

from . import exchange
from .applied import Applied
from .redact import Redactor


class Discretion:
    def __init__(self) -> None:
        self._redactor = Redactor()

    def use(self, applied: Applied) -> None:
        self._redactor = applied.redactor

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if exchange.of(flow) and (response := flow.response):
            fields = response.headers.fields
            response.headers.fields = tuple((name, self._redactor.data(value)) for name, value in fields)

    def response(self, flow: http.HTTPFlow) -> None:
        response = flow.response
        if not exchange.of(flow) or not response or response.status_code < 400 or response.stream:
            return
        content = response.get_content(strict=False) or b""
        if (clean := self._redactor.data(content)) != content:
            response.content = clean
