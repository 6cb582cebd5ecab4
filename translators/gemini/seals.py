"""How sealed reasoning travels in `thoughtSignature`, which is a bytes field: base64 in JSON.

SDKs decode and encode it anew, in the URL-safe alphabet as it may be, so a foreign seal is packed and then put in
base64; Gemini's own signatures are passed on as they came.
"""

from __future__ import annotations

import base64
import binascii

from .. import ir, opaque
from .words import NAME

BYPASS = "skip_thought_signature_validator"
"""Stands for the signature of a function call that Gemini did not make. Gemini 3 refuses a call without one with
400; this value skips the check (ai.google.dev/gemini-api/docs/thought-signatures, FAQ: a history from another model).
"""
_BYPASSES = frozenset({
    BYPASS,
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "context_engineering_is_the_way_to_go",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
})  # fmt: skip
_MARK = "Y2xpcHJveHku"
"""base64 of ``cliproxy.``: how every packed seal begins."""


def open_seal(text: str) -> ir.Opaque | None:
    """The seal in a thoughtSignature; None for the bypass, which seals nothing."""
    if text in _BYPASSES:
        return None
    if not text.startswith(_MARK):
        return ir.Opaque(NAME, text)
    try:
        packed = base64.urlsafe_b64decode(standard(text).translate(_URL_SAFE)).decode()
    except (ValueError, binascii.Error):
        return ir.Opaque(NAME, text)
    return opaque.unpack(packed, NAME)


def seal(sealed: ir.Opaque) -> str:
    """What goes into thoughtSignature, for a client that returns it."""
    return sealed.data if sealed.format == NAME else base64.b64encode(opaque.pack(sealed).encode()).decode()


def native(sealed: ir.Opaque | None) -> str:
    """Gemini's own signature, or ""."""
    return sealed.data if sealed and sealed.format == NAME else ""


_STANDARD = str.maketrans("-_", "+/")
_URL_SAFE = str.maketrans("+/", "-_")


def standard(data: str) -> str:
    """base64 in the standard alphabet and padded: Google's SDKs write the URL-safe one, which others refuse."""
    if "-" in data or "_" in data:
        data = data.translate(_STANDARD)
    return data if len(data) % 4 == 0 else data.rstrip("=") + "=" * (-len(data.rstrip("=")) % 4)
