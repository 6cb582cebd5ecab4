"""The answers that recordings hold, and which of them is the one for a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mitmproxy.exceptions import FlowReadException

from cliproxy.translators import wire

from . import endpoints, recordings
from .canonical import Difference, canonical, differences
from .recordings import Chunks, Recorded
from .settings import ReplaySettings
from .settings_problems import ConfigError

TOLD = 3
"""So many differences are told of the nearest recording."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as it decides which answer fits. `plain`: the body; `canonical`: what of it counts."""

    operation: str
    format: str
    stream: bool
    model: str
    plain: Any
    canonical: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded answer. `chunks`: see `recordings.Chunks`."""

    name: str
    provider: str
    asked: Asked
    status: int
    content_type: str
    chunks: Chunks


def parse_asked(path: str, content: bytes, ignored: Iterable[str] = ()) -> Asked | None:
    """What a request at a provider asks; None where it is none for a model. Google says the model in the path."""
    found = at_provider(path)
    if not found:
        return None
    body = _json(content)
    stream = body.get("stream") is True or ":stream" in path
    plain = {key: value for key, value in body.items() if key not in ("model", "stream")}
    counts = canonical(found.format.NAME, plain, ignored)
    return Asked(found.operation, found.format.NAME, stream, found.model or str(body.get("model") or ""), plain, counts)


def at_provider(path: str) -> endpoints.Endpoint | None:
    """What a provider's path asks for; its base URL may bring any folders: ``/compatible-mode/v1/chat/completions``."""
    parts = path.partition("?")[0].split("/")[1:]
    for start in range(len(parts)):
        found = endpoints.find("/" + "/".join(parts[start:]), {}, {})
        if found and found.operation in ("generate", "count"):
            return found
    return None


# -- reading ------------------------------------------------------------------------------


def answers_of(replay: ReplaySettings) -> list[Answer]:
    """What the folder holds; it may be missing only where the provider is asked then. Raises `ConfigError`."""
    if replay.missing == "refuse" and not replay.folder.is_dir():
        raise ConfigError([f"replay: there is no folder {replay.folder}."])
    try:
        return read_folder(replay.folder, replay.ignore)
    except (OSError, FlowReadException) as fault:
        raise ConfigError([f"replay: {replay.folder} can't be read: {fault}"]) from None


def read_folder(folder: Path, ignored: Iterable[str] = ()) -> list[Answer]:
    """What was answered in the end in each recorded exchange below `folder`: failed attempts are no answers."""
    ignored = tuple(ignored)
    read = (one for path in recordings.files(folder) for one in recordings.read(path))
    return [answer for one in read for answer in _answer(one, ignored)]


def _answer(one: Recorded, ignored: Iterable[str]) -> Iterator[Answer]:
    tried = one.last
    asked = tried and parse_asked(tried.request.path, tried.request.content or b"", ignored)
    if tried and tried.response and asked:
        kind = tried.response.headers.get("content-type", "application/json")
        provider = str(one.facts.get("provider", ""))
        yield Answer(one.id, provider, asked, tried.response.status_code, kind, tried.chunks)


def _json(content: bytes) -> dict[str, Any]:
    try:
        body = wire.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


# -- choosing -----------------------------------------------------------------------------


class Library:
    """The answers of a folder. Remembers which were given: what was asked twice is answered in the order recorded."""

    def __init__(self, answers: Iterable[Answer], strict: bool) -> None:
        self.answers, self._strict = tuple(answers), strict
        self._given: Counter[int] = Counter()

    def find(self, asked: Asked) -> Answer | None:
        """The answer to the same request; where any will do, else that of the nearest request of its kind."""
        ranked = [(likeness(one.asked, asked), -self._given[i], -i) for i, one in enumerate(self.answers)]
        able = [rank for rank in ranked if self._fits(rank[0])]
        return self.answers[-max(able)[2]] if able else None

    def take(self, asked: Asked) -> Answer | None:
        """`find`, and the answer counts as given."""
        if found := self.find(asked):
            self._given[self.answers.index(found)] += 1
        return found

    def _fits(self, likeness: Likeness) -> bool:
        return likeness.same if self._strict else likeness.able

    def missing(self, asked: Asked) -> str:
        """Why there is no answer: the nearest recording, and what differs."""
        kind = f"{asked.model or 'a model'} in {asked.format}, {'streamed' if asked.stream else 'whole'}"
        near = max(self.answers, key=lambda one: likeness(one.asked, asked), default=None)
        if near is None:
            return f"No recording answers this request ({kind}): there are none."
        found = [one.told() for one in islice(_differences(near.asked, asked), TOLD + 1)]
        told = "; ".join(found[:TOLD]) + ("; and more" if len(found) > TOLD else "")
        return f"No recording answers this request ({kind}). The nearest is {near.name}, which differs: {told}."


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """How near a recorded request is, the most telling first. `able`: its answer is in the right words at all."""

    able: bool
    same: bool
    plain: bool
    last_turn: bool
    tools: bool
    model: bool


def likeness(recorded: Asked, asked: Asked) -> Likeness:
    able = _kind(recorded) == _kind(asked)
    model = recorded.model == asked.model
    return Likeness(
        able=able,
        same=able and model and recorded.canonical == asked.canonical,
        plain=recorded.plain == asked.plain,
        last_turn=_last_turn(recorded.canonical) == _last_turn(asked.canonical),
        tools=bool(recorded.plain.get("tools")) == bool(asked.plain.get("tools")),
        model=model,
    )


def _kind(asked: Asked) -> tuple[str, str, bool]:
    return asked.operation, asked.format, asked.stream


def _last_turn(body: Any) -> Any:
    turns = body.get("messages") or body.get("input") or body.get("contents") or body.get("prompt")
    return turns[-1] if isinstance(turns, list) and turns else turns


def _differences(recorded: Asked, asked: Asked) -> Iterator[Difference]:
    for name in ("operation", "format", "stream", "model"):
        yield from differences(getattr(recorded, name), getattr(asked, name), name)
    yield from differences(recorded.canonical, asked.canonical)
