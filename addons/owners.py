"""Which account made a file, a batch or an upload: only that one can show it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any

from .state.store import Document, Store

TABLE = "owners"
KEPT = 30 * 24 * 3600.0
"""Seconds: batch results live for 29 days (Anthropic). What is older is asked for at the first account."""
_NAMES = ("id", "name", "file_id", "output_file_id", "error_file_id", "input_file_id", "results_file_id")
_OBJECTS = ("file", "response")
"""Where what was made stands inside the answer. Not ``metadata``: at OpenAI that is whatever the client wrote."""
MOST = 1000
"""So many ids of one answer are remembered: a list may show more."""
MENTIONED = 100
"""So many files of one request are looked for."""
_BY_ID, _BY_URI = re.compile(rb'"file([-_][\w-]{6,})"'), re.compile(rb'/files/([\w-]+)"')
"""Files that a generation speaks of: OpenAI's and Anthropic's, and Gemini's. Each begins with what is quickly found."""


@dataclass(frozen=True, slots=True)
class Owner:
    provider: str
    credential: str
    client: str = ""
    """The name of the key of who had it made."""


class Owners:
    """`store`: asked for anew each time, since it may be replaced at the start."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    async def of(self, ids: Iterable[str]) -> Owner | None:
        """The owner of the first of these that is known."""
        wanted = [id for id in ids if id]
        if not wanted:
            return None
        found = await self._store().read(TABLE, wanted)
        document = next((found[id] for id in wanted if id in found), None)
        return Owner(**document) if document else None

    async def remember(self, ids: Iterable[str], owner: Owner, now: float) -> None:
        """What is known of an account already stays with the client that had it made: others may be shown it too."""
        document: Document = asdict(owner)
        wanted = list(islice(dict.fromkeys(ids), MOST))
        known = await self._store().read(TABLE, wanted)
        for id in wanted:
            if known.get(id, {}).get("credential") != owner.credential:
                await self._store().update(TABLE, id, lambda _: document, now + KEPT)


def of_upload(id: str) -> str:
    """An upload's id lets in whoever knows it: nothing else that is known by an id may be taken for one."""
    return f"upload/{id}" if id else ""


def made(answer: Any) -> Iterator[str]:
    """The ids of what an answer shows: one object, or a list of them."""
    listed = [answer] if isinstance(answer, dict) else []
    for key in ("data", "files", "batches", "operations"):
        if listed and isinstance(answer.get(key), list):
            listed += [each for each in answer[key] if isinstance(each, dict)]
    for each in listed:
        yield from _ids(each)
        for key in _OBJECTS:
            if isinstance(each.get(key), dict):
                yield from _ids(each[key])


def _ids(object: dict[str, Any]) -> Iterator[str]:
    for name in _NAMES:
        value = object.get(name)
        if isinstance(value, str) and value:
            yield value.rpartition("/")[2]  # Google's names: files/abc, batches/abc, models/m/operations/abc


def mentioned(body: bytes) -> list[str]:
    """The ids of files in a request's body, each once."""
    by_id = (b"file" + match[1] for match in _BY_ID.finditer(body))
    found: dict[str, None] = {}
    for id in chain(by_id, (match[1] for match in _BY_URI.finditer(body))):
        found[id.decode()] = None
        if len(found) == MENTIONED:
            break
    return list(found)
