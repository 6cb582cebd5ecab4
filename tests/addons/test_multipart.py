"""A field of a form, found however the bytes are cut and wherever it stands."""

from __future__ import annotations

import pytest

from cliproxy.addons.multipart import LONGEST, FieldFinder, boundary


def form(*parts: tuple[str, bytes], mark: str = "xyz") -> bytes:
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in parts
    )
    return body + f"--{mark}--\r\n".encode()


FILE = ("file", b"\0\r\n" * 4000 + b'name="model"\r\n\r\nfake\r\n--xy')


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
@pytest.mark.parametrize("parts", [(("model", b"whisper-1"), FILE), (FILE, ("model", b"whisper-1"))])
def test_found_in_any_cut(parts: tuple[tuple[str, bytes], ...], size: int) -> None:
    finder, body = FieldFinder(b"xyz", "model"), form(*parts)
    for at in range(0, len(body), size):
        finder.feed(body[at : at + size])
    assert finder.value == "whisper-1"


def test_the_first_of_them_counts_and_what_follows_is_not_read() -> None:
    finder = FieldFinder(b"xyz", "model")
    finder.feed(form(("model", b"a")) + form(("model", b"b")))
    assert finder.value == "a"


def test_what_a_file_holds_is_no_field() -> None:
    finder = FieldFinder(b"xyz", "model")
    finder.feed(form(FILE))
    assert finder.value is None


def test_other_headers_and_words_unquoted() -> None:
    finder = FieldFinder(b"b", "model")
    finder.feed(
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=model\r\nX: y\r\n\r\nm\r\n--b--"
    )
    assert finder.value == "m"


def test_a_field_that_only_ends_like_it_is_another() -> None:
    finder = FieldFinder(b"xyz", "model")
    finder.feed(form(("supermodel", b"a"), ("model2", b"b")))
    assert finder.value is None


def test_a_body_made_of_boundaries_is_no_trap() -> None:
    finder = FieldFinder(b"xyz", "model")
    finder.feed(b"--xyz\r\n" * 500_000)  # looked at again and again, these would take hours
    finder.feed(form(("model", b"a")))
    assert finder.value == "a"


def test_little_is_kept_of_a_long_file() -> None:
    finder = FieldFinder(b"xyz", "model")
    finder.feed(b'--xyz\r\nContent-Disposition: form-data; name="file"\r\n\r\n')
    for _ in range(100):
        finder.feed(b"\0" * 65536)
    assert len(finder._seen) <= LONGEST


@pytest.mark.parametrize(
    "content_type, expected",
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
        ("application/json", b""),
        ("multipart/mixed; boundary=abc", b""),
        ("", b""),
    ],
)
def test_boundary(content_type: str, expected: bytes) -> None:
    assert boundary(content_type) == expected
