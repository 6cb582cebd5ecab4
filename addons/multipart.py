"""Finds the value of one field in a multipart form while its bytes come in."""

from __future__ import annotations

import re

LONGEST = 4096
"""Bytes of a part's head and of a value: more is no field that we look for."""


def boundary(content_type: str) -> bytes:
    """The boundary of a ``multipart/form-data`` body; b"" where it is none (RFC 7578, section 4.1)."""
    match = re.match(r'multipart/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))', content_type, re.IGNORECASE)
    return (match[1] or match[2]).encode("utf-8", "surrogateescape") if match else b""


class FieldFinder:
    """`feed` until `value` is set; None: the field has not come yet. Keeps no more than the end of what it saw."""

    def __init__(self, boundary: bytes, name: str) -> None:
        self.value: str | None = None
        self._line = b"--" + boundary
        quoted = re.escape(name.encode())
        self._part = re.compile(
            re.escape(self._line)
            + rb"[ \t]*\r\n(?:[^\r\n]+\r\n)*?content-disposition:[^\r\n]*;\s*name=\"?" + quoted
            + rb"\"?[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n(?P<value>[^\r\n]*)\r\n" + re.escape(self._line),
            re.IGNORECASE,
        )  # fmt: skip
        self._seen = b""

    def feed(self, data: bytes) -> None:
        if self.value is not None:
            return
        self._seen += data
        if match := self._part.search(self._seen):
            self.value, self._seen = match["value"].decode("utf-8", "replace"), b""
        else:
            self._seen = self._rest()

    def _rest(self) -> bytes:
        """From the last boundary on: the field may just have begun; if that is too long ago, it has not."""
        last = self._seen.rfind(self._line)
        begun = last >= 0 and len(self._seen) - last <= LONGEST + len(self._line)
        return self._seen[last:] if begun else self._seen[-len(self._line) :]
