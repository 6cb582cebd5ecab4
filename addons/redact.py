"""Takes secrets out of whatever is written: by the place where they stand, and by value wherever they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from urllib.parse import quote, unquote_plus

from mitmproxy import http

MARK = "[redacted]"
HEADERS = re.compile(
    r"(proxy-)?authorization|(set-)?cookie|x-(goog-)?api-key|api-key|x-management-key|chatgpt-account-id", re.IGNORECASE
)
QUERY = frozenset({"key", "api_key", "access_token", "auth_token", "token"})


def spellings(secret: str) -> tuple[str, ...]:
    """As it may stand in text, in a URL and in JSON."""
    return secret, quote(secret, safe=""), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


class Redactor:
    """Knows the secrets of this configuration; `text` and `data` are free of them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Values shorter than 6 characters would blot out ordinary words and are no secrets to speak of."""
        self._given = frozenset(secrets)
        self._learned: dict[str, tuple[frozenset[str], ...]] = {}
        self._compile()

    def learn(self, owner: str, secrets: Iterable[str]) -> None:
        """Secrets that came about since: those of an account's tokens. Its last ones may still be on their way."""
        new, known = frozenset(secrets), self._learned.get(owner, ())
        if new not in known:
            self._learned[owner] = (new, *known[:1])
            self._compile()

    def _compile(self) -> None:
        secrets = self._given.union(*(each for sets in self._learned.values() for each in sets))
        values = {spelled for secret in secrets if len(secret) >= 6 for spelled in spellings(secret)}
        ordered = sorted(values, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._bytes = re.compile(b"|".join(re.escape(value.encode()) for value in ordered)) if ordered else None

    def text(self, text: str) -> str:
        return self._values.sub(MARK, text) if self._values else text

    def data(self, data: bytes) -> bytes:
        return self._bytes.sub(MARK.encode(), data) if self._bytes else data

    def pieces(self, pieces: Sequence[bytes]) -> list[bytes]:
        """`data` of each piece, also where a secret lies across two: it then belongs to the piece that it begins in."""
        whole = b"".join(pieces)
        hidden = [match.span() for match in self._bytes.finditer(whole)] if self._bytes else []
        cuts = [0, *accumulate(map(len, pieces))]
        for start, end in hidden:
            cuts = [end if start < cut < end else cut for cut in cuts]
        return [self.data(whole[start:end]) for start, end in pairwise(cuts)]

    def headers(self, headers: http.Headers) -> http.Headers:
        return http.Headers(
            (name, MARK.encode() if HEADERS.fullmatch(name.decode("latin-1")) else self.data(value))
            for name, value in headers.fields
        )

    def path(self, path: str) -> str:
        bare, mark, query = path.partition("?")
        fields = (field.partition("=") for field in query.split("&")) if mark else ()
        kept = "&".join(f"{name}={MARK}" if _secret(name) else f"{name}{sep}{value}" for name, sep, value in fields)
        return self.text(bare + mark + kept)

    def request(self, request: http.Request) -> http.Request:
        """A copy without secrets, and without compression: it would hide them."""
        copy = request.copy()
        copy.decode(strict=False)
        copy.headers = self.headers(copy.headers)
        copy.path = self.path(request.path)
        copy.data.content = None if copy.data.content is None else self.data(copy.data.content)
        return copy

    def response(self, response: http.Response) -> http.Response:
        """A copy without secrets, and without compression: it would hide them."""
        copy = response.copy()
        copy.decode(strict=False)
        copy.headers = self.headers(copy.headers)
        copy.data.content = None if copy.data.content is None else self.data(copy.data.content)
        return copy


def _secret(name: str) -> bool:
    return unquote_plus(name).lower() in QUERY
