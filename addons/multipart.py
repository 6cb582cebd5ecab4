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
    """`feed` until `value` is set; None: the field has not come yet. Keeps no more than the end of what it saw.

    A part is looked at once, when the next one begins: whatever the body is made of, the work grows with its length.
    """

    def __init__(self, boundary: bytes, name: str) -> None:
        self.value: str | None = None
        self._line = b"--" + boundary
        quoted = re.escape(name.encode())
        self._named = re.compile(
            rb"content-disposition:[^\r\n]*;[ \t]*name=\"?" + quoted + rb"\"?[ \t]*(?:;[^\r\n]*)?", re.IGNORECASE
        )
        self._seen = b""

    def feed(self, data: bytes) -> None:
        if self.value is not None:
            return
        self._seen += data
        start = self._seen.find(self._line)
        while start >= 0 and (end := self._seen.find(self._line, start + len(self._line))) >= 0:
            self.value = self._value(self._seen[start + len(self._line) : min(end, start + LONGEST)])
            if self.value is not None:
                self._seen = b""
                return
            start = end
        self._seen = self._rest(start)

    def _value(self, part: bytes) -> str | None:
        """`part`: from behind its boundary to the next one."""
        head, _, content = part.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        value, ended, more = content.partition(b"\r\n")
        if first.strip(b" \t") or not ended or more or not any(map(self._named.fullmatch, lines)):
            return None
        return value.decode("utf-8", "replace")

    def _rest(self, last: int) -> bytes:
        """From the last boundary on: the field may just have begun; if that is too long ago, it has not."""
        begun = last >= 0 and len(self._seen) - last <= LONGEST + len(self._line)
        return self._seen[last:] if begun else self._seen[-len(self._line) :]
