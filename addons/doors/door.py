"""What can differ at an entrance of a provider from the format's own way of being spoken; here: nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.ir import Json
from cliproxy.translators.splice import Changes
from cliproxy.translators.wire import dumps

ANTHROPIC_VERSION = "2023-06-01"
"""For requests that we write ourselves: under 2026-10-21 the API refuses temperature, top_p and top_k."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one attempt asks for. `model`: as the provider knows it. `path`: the client's; "" where the request is ours.

    `project` and `location` are those of the credential, else of the configuration.
    """

    format: Format
    model: str
    stream: bool = False
    path: str = ""
    project: str = ""
    location: str = ""
    enveloped: bytes = b""
    """The client's whole body, where it speaks as to Code Assist."""
    version: str = ""
    """The `anthropic-version` that the client chose."""
    counting: bool = False
    """The tokens of a request are asked for, not an answer to it."""


def model_itself(model: str) -> str:
    return model


def any_format(model: str) -> str:
    return ""


def same_target(target: str, asked: Asked) -> str:
    return target


def common_changes(body: Json, asked: Asked) -> Changes:
    """The model's name where the client knows it by another; and what a client of Vertex AI's says in its own way."""
    changes: dict[str, bytes | None] = {}
    if asked.format is not FORMATS["gemini"] and body.get("model") != asked.model:
        changes["model"] = dumps(asked.model)
    if asked.format is FORMATS["anthropic"] and "anthropic_version" in body:
        changes["anthropic_version"] = None
        if asked.stream and body.get("stream") is not True:
            changes["stream"] = b"true"  # its path said so
    return changes


def bare(body: bytes, asked: Asked) -> bytes:
    return body


def nothing_lacks(format: Format, request: ir.Request) -> frozenset[str]:
    return frozenset()


def nothing_dropped(body: Json) -> dict[str, str]:
    return {}


def no_fault(asked: Asked) -> str:
    return ""


class Assembly(Protocol):
    """Makes the bytes of a whole answer of a stream's own."""

    def feed(self, data: bytes) -> None: ...
    def whole(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Door:
    """How to speak at one entrance. Bodies are changed in their text: what need not change stays byte for byte."""

    model: Callable[[str], str] = model_itself
    """The name by which this provider knows a model."""
    format: Callable[[str], str] = any_format
    """The one format that a model is spoken to in; "" where all do."""
    target: Callable[[str, Asked], str] = same_target
    """Path and query here, from those that the format would have."""
    changes: Callable[[Json, Asked], Changes] = common_changes
    """Members of the body that must be other than they are."""
    envelope: Callable[[bytes, Asked], bytes] = bare
    """What is put around the body."""
    answer_member: str = ""
    """The member of each answer, whole or streamed, that holds the format's own answer."""
    lacks: Callable[[Format, ir.Request], frozenset[str]] = nothing_lacks
    """Features that the format has words for, but this entrance has not."""
    dropped: Callable[[Json], dict[str, str]] = nothing_dropped
    """Members that are taken out of a body of the format's own, each with the feature that is so lost."""
    counts: bool = True
    """Tokens are counted here, as its format asks for that."""
    assembly: Callable[[], Assembly] | None = None
    """The answer comes as a stream also for a client that wants it whole: what makes it whole again."""
    withheld: tuple[str, ...] = ()
    """Headers that are not sent here."""
    fault: Callable[[Asked], str] = no_fault
    """Why this can't be asked here: a sentence for the client, or ""."""

    @property
    def always_streams(self) -> bool:
        return self.assembly is not None


PLAIN = Door()
