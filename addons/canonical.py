"""What of a request counts when it is compared with a recorded one, and in what two requests differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cliproxy.translators import wire

VOLATILE: dict[str, tuple[str, ...]] = {
    "openai_chat": ("user", "safety_identifier", "prompt_cache_key", "metadata"),
    "openai_completions": ("user",),
    "openai_responses": (
        "user", "safety_identifier", "prompt_cache_key", "metadata", "client_metadata", "input.*.id",
    ),
    "anthropic": ("metadata",),
    "gemini": ("contents.*.parts.*.functionCall.id", "contents.*.parts.*.functionResponse.id"),
}  # fmt: skip
"""By format: the fields that differ from run to run though the same is asked. `*` is each item or field."""

VARYING = (
    (re.compile(r"x-anthropic-billing-header:[^\n]*"), "x-anthropic-billing-header"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<date>"),
    (re.compile(r"(?:/private)?(?:/var/folders/\w+/\w+/T|/tmp)/(?:pytest-of-[^/\s]+/pytest-\d+/)?[\w.-]+"), "<tmp>"),
)
"""What differs from run to run inside texts: ids of sessions, dates, temporary folders, a client's build."""

SHOWN = 40
"""Characters of a value that a difference shows."""


def canonical(format: str, body: Any, ignored: Iterable[str] = ()) -> Any:
    """The body without its volatile fields and `ignored` ones (``metadata.user_id``), with placeholders in texts."""
    for path in (*VOLATILE.get(format, ()), *ignored):
        body = _without(body, path.split("."))
    return _placed(body)


def _without(value: Any, path: list[str]) -> Any:
    """A copy, as deep as the path goes."""
    name, *rest = path
    if isinstance(value, list) and (name == "*" or name.isdigit()):
        chosen = range(len(value)) if name == "*" else (int(name),)
        kept = ((i, one) for i, one in enumerate(value) if rest or i not in chosen)
        return [_without(one, rest) if rest and i in chosen else one for i, one in kept]
    if isinstance(value, dict) and (name == "*" or name in value):
        chosen_names = set(value) if name == "*" else {name}
        left = ((key, one) for key, one in value.items() if rest or key not in chosen_names)
        return {key: _without(one, rest) if rest and key in chosen_names else one for key, one in left}
    return value


def _placed(value: Any) -> Any:
    match value:
        case str():
            for pattern, placeholder in VARYING:
                value = pattern.sub(placeholder, value)
            return value
        case list():
            return [_placed(one) for one in value]
        case dict():
            return {key: _placed(one) for key, one in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two values differ. `first` and `second` are in words, "nothing" for what isn't there."""

    path: str
    first: str
    second: str

    def told(self, first: str = "was recorded", second: str = "is asked") -> str:
        return f"{self.path}: {self.first} {first}, {self.second} {second}"


NOTHING = "nothing"


def differences(first: Any, second: Any, path: str = "") -> Iterator[Difference]:
    """Each place where they differ; `path` is that of the values themselves."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in (*first, *(key for key in second if key not in first)):
            yield from _at(first, second, key, f"{path}.{key}" if path else key)
    elif isinstance(first, list) and isinstance(second, list):
        for index, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from differences(one, other, f"{path}[{index}]")
        if len(first) != len(second):
            yield Difference(path, f"a list of {len(first)}", f"a list of {len(second)}")
    elif first != second or type(first) is not type(second):
        yield Difference(path, _told(first, second), _told(second, first))


def _at(first: dict[str, Any], second: dict[str, Any], key: str, path: str) -> Iterator[Difference]:
    if key not in second:
        yield Difference(path, _told(first[key], None), NOTHING)
    elif key not in first:
        yield Difference(path, NOTHING, _told(second[key], None))
    else:
        yield from differences(first[key], second[key], path)


def _told(value: Any, other: Any) -> str:
    """The value, from where it begins to be another."""
    match value:
        case str():
            start = _common(value, other) if isinstance(other, str) else 0
            start = 0 if start < SHOWN // 2 else start - SHOWN // 4
            shown = f"{'…' * (start > 0)}{value[start : start + SHOWN]}{'…' * (len(value) > start + SHOWN)}"
            return json.dumps(shown, ensure_ascii=False)  # a line break in it would tear the line
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return wire.dumps(value).decode()


def _common(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
