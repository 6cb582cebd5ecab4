"""The address that was given out for an upload lets it in; nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from exchanges import applied, flow

from cliproxy.addons import exchange
from cliproxy.addons.client_auth import ClientAuth
from cliproxy.addons.owners import Owner, Owners, of_upload
from cliproxy.addons.state.store import MemoryStore
from cliproxy.addons.upload_auth import UploadAuth

CONFIG = "auth: {api-keys: [{key: sk-test-client-1, name: ann}]}\ngemini: {api-key: sk-test-g}\n"


def let_in(path: str, headers: Mapping[str, str] = {}, client: str = "ann") -> str | None:
    store = MemoryStore(lambda: 0.0)
    owners = Owners(lambda: store)
    auth, one = ClientAuth(), flow("POST", path, b"x", headers)
    auth.use(applied(CONFIG))

    async def run() -> None:
        await owners.remember([of_upload("known"), "a-file"], Owner("gemini", "gemini-1", client), 0.0)
        auth.requestheaders(one)
        await UploadAuth(owners, auth).requestheaders(one)

    asyncio.run(run())
    assert (one.response is None) is (exchange.client_of(one) is not None)
    return exchange.client_of(one)


def test_the_address_stands_for_who_asked_for_it() -> None:
    assert let_in("/upload/v1beta/files?upload_id=known&upload_protocol=resumable") == "ann"


@pytest.mark.parametrize(
    "path, headers",
    [
        ("/upload/v1beta/files?upload_id=other", {}),
        ("/upload/v1beta/files?upload_id=a-file", {}),
        ("/upload/v1beta/files", {}),
        ("/upload/v1beta/files?upload_id=known", {"x-goog-api-key": "sk-test-wrong"}),
        ("/v1beta/files?upload_id=known", {}),
        ("/v1/chat/completions?upload_id=known", {}),
    ],
)
def test_nothing_else_is_let_in(path: str, headers: Mapping[str, str]) -> None:
    assert let_in(path, headers) is None


def test_nor_who_asked_with_a_key_that_is_gone() -> None:
    assert let_in("/upload/v1beta/files?upload_id=known", client="bob") is None


def test_a_key_is_still_a_key() -> None:
    assert let_in("/upload/v1beta/files?upload_id=other", {"x-goog-api-key": "sk-test-client-1"})
