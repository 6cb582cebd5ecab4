"""Paths that pass through: where they lead, and that no id leads elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cliproxy.addons import endpoints, passages
from cliproxy.addons.passages import PASSAGES, Passing
from cliproxy.translators.formats import FORMATS

ANTHROPIC = {"anthropic-version": "2023-06-01"}
GOOGLE = {"x-goog-api-key": "k"}


def passing(path: str, headers: Mapping[str, str] = {}) -> Passing:
    found = endpoints.find(path, headers, {})
    assert found and found.operation == "pass" and found.passing, path
    assert found.format is found.passing.format
    return found.passing


@pytest.mark.parametrize(
    "path, headers, format, target, model, id",
    [
        ("/v1/embeddings", {}, "openai_chat", "/embeddings", "", ""),
        ("/embeddings", {}, "openai_chat", "/embeddings", "", ""),
        ("/v1/v1/embeddings", ANTHROPIC, "openai_chat", "/embeddings", "", ""),
        ("/v1/audio/transcriptions", {}, "openai_chat", "/audio/transcriptions", "", ""),
        ("/v1/files/file-abc/content", {}, "openai_chat", "/files/file-abc/content", "", "file-abc"),
        ("/v1/files/file_abc/content?beta=true", ANTHROPIC, "anthropic", "/v1/files/file_abc/content", "", "file_abc"),
        ("/v1/files", GOOGLE, "gemini", "/v1/files", "", ""),
        ("/v1beta/files/abc-1", {}, "gemini", "/v1beta/files/abc-1", "", "abc-1"),
        ("/v1beta/files/abc-1:download?alt=media", {}, "gemini", "/v1beta/files/abc-1:download", "", "abc-1"),
        ("/upload/v1beta/files", {}, "gemini", "/upload/v1beta/files", "", ""),
        ("/upload/v1/files", {}, "gemini", "/upload/v1/files", "", ""),
        ("/v1/batches/batch_1/cancel", {}, "openai_chat", "/batches/batch_1/cancel", "", "batch_1"),
        ("/v1beta/batches/b1:cancel", {}, "gemini", "/v1beta/batches/b1:cancel", "", "b1"),
        ("/v1/messages/batches", {}, "anthropic", "/v1/messages/batches", "", ""),
        ("/messages/batches/b_1/results", {}, "anthropic", "/v1/messages/batches/b_1/results", "", "b_1"),
        ("/v1beta/models/e-1:embedContent", {}, "gemini", "/v1beta/models/e-1:embedContent", "e-1", ""),
        ("/v1/models/e-1:batchEmbedContents", {}, "gemini", "/v1/models/e-1:batchEmbedContents", "e-1", ""),
        ("/models/a%2Fb:embedContent", {}, "gemini", "/v1beta/models/a%2Fb:embedContent", "a/b", ""),
    ],
)
def test_where_it_leads(path: str, headers: dict[str, str], format: str, target: str, model: str, id: str) -> None:
    found = passing(path, headers)
    assert (found.format.NAME, found.target, found.model, found.id) == (format, target, model, id)


def test_what_lasts_stays_with_its_account() -> None:
    assert passing("/v1/files").passage.lasting and passing("/v1/messages/batches").passage.lasting
    assert not passing("/v1/embeddings").passage.lasting


def test_methods() -> None:
    assert passing("/v1/files/file-1").passage.methods == ("GET", "DELETE")
    assert passing("/v1/embeddings").passage.methods == ("POST",)


@pytest.mark.parametrize("id", ["..", ".", "a%2fb", "..%2f", "", "a/../b", "a;b", "a b"])
def test_an_id_leads_nowhere_else(id: str) -> None:
    found = endpoints.find(f"/v1/files/{id}", {}, {})
    assert found is None or (found.passing and found.passing.id == "")


def test_every_table_is_a_formats() -> None:
    assert set(PASSAGES) <= set(FORMATS)


def test_nothing_is_found_where_nothing_passes() -> None:
    assert passages.find("/v1/nothing", "/nothing", FORMATS["openai_chat"]) is None
