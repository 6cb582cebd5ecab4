"""Compressed bodies, undone within a limit; and which encoding a client gets."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from backports import zstd

from cliproxy.addons.compression import ENCODERS, TooLarge, chosen, decoded

TEXT = b'{"a": "' + b"x" * 5000 + b'"}'
PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstd.compress(TEXT),
    "identity": TEXT,
    "gzip, br": brotli.compress(gzip.compress(TEXT)),
    "GZIP": gzip.compress(TEXT),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_undone(encoding: str) -> None:
    assert decoded(PACKED[encoding], encoding, len(TEXT)) == TEXT


def test_deflate_as_many_send_it() -> None:
    stream = zlib.compressobj(wbits=-15)
    assert decoded(stream.compress(TEXT) + stream.flush(), "deflate", 10_000) == TEXT


@pytest.mark.parametrize("encoding", [name for name in PACKED if name not in ("identity", "gzip, br")])
def test_a_bomb_is_undone_no_further_than_the_limit(encoding: str) -> None:
    with pytest.raises(TooLarge):
        decoded(PACKED[encoding], encoding, len(TEXT) - 1)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_bomb_of_a_gigabyte_takes_no_gigabyte(encoding: str) -> None:
    bomb = ENCODERS[encoding](b"\0" * (64 << 20))
    with pytest.raises(TooLarge):
        decoded(bomb, encoding, 1 << 20)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("data", [b"plain", b""])
def test_what_is_not_packed_so(encoding: str, data: bytes) -> None:
    with pytest.raises(ValueError):
        decoded(data, encoding, 100)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_cut_off(encoding: str) -> None:
    with pytest.raises(ValueError):
        decoded(PACKED[encoding][:-6], encoding, 10_000)


def test_an_encoding_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="made-up is not known here"):
        decoded(TEXT, "made-up", 10_000)


@pytest.mark.parametrize(
    "accept, expected",
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("gzip;q=0", ""),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
        ("identity", ""),
        ("", ""),
        ("gzip;q=x", ""),
    ],
)
def test_which_encoding_a_client_gets(accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_is_made_can_be_undone(encoding: str) -> None:
    assert decoded(ENCODERS[encoding](TEXT), encoding, 10_000) == TEXT


def test_packed_again_and_again_is_refused_before_any_work() -> None:
    with pytest.raises(ValueError, match="more than 2"):
        decoded(gzip.compress(TEXT), ", ".join(["gzip"] * 1000), len(TEXT))
