"""Which bodies are carried as they come, and when it is known where they go."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from exchanges import request

from cliproxy.addons.uploads import KEPT, Upload, upload

FORM = {"content-type": "multipart/form-data; boundary=xyz"}
LARGE = {"content-length": str(KEPT + 1)}


def of(path: str, headers: Mapping[str, str], method: str = "POST") -> Upload | None:
    return upload(request(method, path, headers=headers))


@pytest.mark.parametrize(
    "path, headers, method, carried",
    [
        ("/v1/files", {**FORM, **LARGE}, "POST", True),
        ("/v1/files", FORM, "POST", True),
        ("/v1/files", {**FORM, "content-length": str(KEPT)}, "POST", False),
        ("/v1/audio/transcriptions", {**FORM, **LARGE}, "POST", True),
        ("/v1/audio/transcriptions", {**FORM, **LARGE, "content-encoding": "gzip"}, "POST", False),
        ("/v1/embeddings", {"content-type": "application/json", **LARGE}, "POST", False),
        ("/upload/v1beta/files?upload_id=1", LARGE, "POST", True),
        ("/v1/messages/batches", {"content-type": "application/json", **LARGE}, "POST", True),
        ("/v1/chat/completions", LARGE, "POST", False),
        ("/v1/files/file-1", LARGE, "GET", False),
        ("/v1/files", LARGE, "PATCH", False),
        ("/nothing", LARGE, "POST", False),
    ],
)
def test_which_are_carried(path: str, headers: Mapping[str, str], method: str, carried: bool) -> None:
    assert (of(path, headers, method) is not None) is carried


def test_where_nothing_is_named_it_goes_on_at_once() -> None:
    one = of("/v1/files", {**FORM, **LARGE})
    assert one and one.ready and one.model == ""


def test_a_form_waits_for_its_model() -> None:
    one = of("/v1/audio/transcriptions", {**FORM, **LARGE})
    assert one and not one.ready
    one.look(b'--xyz\r\nContent-Disposition: form-data; name="mo')
    assert not one.ready
    one.look(b'del"\r\n\r\nwhisper-1\r\n--xyz\r\n')
    assert one.ready and one.model == "whisper-1"


def test_a_header_that_names_the_provider_is_enough() -> None:
    one = of("/v1/audio/transcriptions", {**FORM, **LARGE, "x-cliproxy-provider": "openai"})
    assert one and one.ready


def test_what_passed_is_counted() -> None:
    one = of("/v1/files", {**FORM, **LARGE})
    assert one and one(b"abc") == [b"abc"] and one(b"") == []
    assert str(one).startswith("3 bytes, sha256 ba7816bf")
