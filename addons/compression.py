"""Compressed bodies: undone no further than a limit, and made where a client takes them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Mapping

import brotli  # type: ignore[import-untyped]  # comes with mitmproxy, as zstd does, for bodies of these encodings
from backports import zstd

LAYERS = 2
"""Encodings one over the other: each may take as long as the largest body."""


class TooLarge(ValueError):
    """What comes out is larger than it may be."""


def decoded(data: bytes, encoding: str, limit: int) -> bytes:
    """`encoding`: a ``content-encoding``, in the order applied. Raises `TooLarge`, or `ValueError` for what is none."""
    names = [one.strip().lower() for one in encoding.split(",") if one.strip()]
    if len(names) > LAYERS:
        raise ValueError(f"more than {LAYERS} encodings one over the other are not undone here")
    for name in reversed(names):
        undo = _UNDONE.get(name)
        if not undo:
            raise ValueError(f"{name} is not known here; send gzip, br, zstd, deflate or none")
        try:
            data = undo(data, limit)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as fault:
            raise ValueError(str(fault)) from None
    return data


def _inflated(window: int) -> Callable[[bytes, int], bytes]:
    def undo(data: bytes, limit: int) -> bytes:
        stream = zlib.decompressobj(window)
        out = stream.decompress(data, limit + 1)
        if len(out) > limit:
            raise TooLarge
        if not stream.eof:
            raise EOFError("it ends before its end")
        return out

    return undo


def _deflated(data: bytes, limit: int) -> bytes:
    """With the zlib header that RFC 9110 asks for, or without, as many send it."""
    try:
        return _inflated(zlib.MAX_WBITS)(data, limit)
    except zlib.error:
        return _inflated(-zlib.MAX_WBITS)(data, limit)


def _unbrotlied(data: bytes, limit: int) -> bytes:
    stream, out = brotli.Decompressor(), b""
    while not stream.is_finished():
        piece = stream.process(data if not out and data else b"", output_buffer_limit=limit + 1 - len(out))
        out, data = out + piece, b""
        if len(out) > limit:
            raise TooLarge
        if not piece and stream.can_accept_more_data():
            raise EOFError("it ends before its end")
    return out


def _unzstd(data: bytes, limit: int) -> bytes:
    out = zstd.ZstdFile(io.BytesIO(data)).read(limit + 1)
    if len(out) > limit:
        raise TooLarge
    return out


_UNDONE: Mapping[str, Callable[[bytes, int], bytes]] = {
    "identity": lambda data, limit: data,
    "gzip": _inflated(zlib.MAX_WBITS | 16),
    "x-gzip": _inflated(zlib.MAX_WBITS | 16),
    "deflate": _deflated,
    "br": _unbrotlied,
    "zstd": _unzstd,
}
ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda data: zstd.compress(data, level=1),
    "br": lambda data: brotli.compress(data, quality=1),
    "gzip": lambda data: gzip.compress(data, compresslevel=1, mtime=0),
}
"""Best first, and fast: an answer that is compressed slowly comes later than one that is not compressed."""


def chosen(accept: str) -> str:
    """The encoding for a client's ``accept-encoding``; "" for none (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for each in accept.lower().split(","):
        name, _, parameters = each.partition(";")
        weights[name.strip()] = _weight(parameters)
    able = [name for name in ENCODERS if weights.get(name, weights.get("*", 0.0)) > 0]
    return max(able, key=lambda name: weights.get(name, weights.get("*", 0.0)), default="")


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
