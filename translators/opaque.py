"""Sends a provider's sealed bytes through a client of another format and home again.

A client returns a signature or encrypted reasoning as it got it. So the seal of another format is wrapped
with the name of its maker, and unwrapped when it comes back: reasoning survives a change of format on the way.
"""

from __future__ import annotations

import base64
import binascii

from .ir import Opaque

_MARK = "cliproxy.1."


def pack(opaque: Opaque) -> str:
    """A seal as text (base64url and dots) that names its maker."""
    fields = (opaque.format, opaque.id, opaque.data)
    return _MARK + ".".join(base64.urlsafe_b64encode(field.encode()).decode() for field in fields)


def unpack(text: str, native: str) -> Opaque:
    """The seal that was packed; a text that no one packed is a seal of `native`, the format it was found in."""
    if not text.startswith(_MARK):
        return Opaque(native, text)
    try:
        format, id, data = (base64.urlsafe_b64decode(field).decode() for field in text.removeprefix(_MARK).split("."))
    except (ValueError, binascii.Error):
        return Opaque(native, text)
    return Opaque(format, data, id) if format else Opaque(native, text)
