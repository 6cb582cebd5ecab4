"""What became of each field of a request: found out by leaving it out, translating again, and seeing what changes.

So nothing here knows a format: what is told is what the translation does, not what someone wrote down about it.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .ir import Json

type Path = tuple[str | int, ...]

WHOLE = frozenset({
    "parameters", "parametersJsonSchema", "input_schema", "schema", "json_schema", "responseSchema",
    "responseJsonSchema", "input", "args", "arguments", "response", "metadata",
})  # fmt: skip
"""An object below these is the user's own (a JSON Schema, a tool's arguments) and is told as one field."""
TRIALS = 400
BYTES = 40_000_000
"""So many translations, and so many bytes of requests in them, are worth an answer: about a second."""
TELLING = 6
"""So long a text stands in the provider's request because it stood in the client's; a shorter one may by chance."""


@dataclass(frozen=True, slots=True)
class Translated:
    """`sent`: the provider's body. `understood`: the request in neutral words. `lost`: as `losses.losses` names it."""

    sent: Json
    understood: object
    lost: frozenset[str]


type Translate = Callable[[Json], Translated]
"""Raises `ir.BadRequest`."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one field, or of all fields of its kind. `path`: with the kinds of elements, ``messages[user].content``.

    `to`: the provider's fields that depend on it. `value`, `became`: an example, before and after; None where there is
    none. `same`: what was sent has the very value. `lost`: the losses that it caused. `read`: it was understood.
    `needed`: without it there is no request. `count`: how many fields of the kind there are. `looked`: False where the
    request is so large that it was not tried.
    """

    path: str
    to: tuple[str, ...] = ()
    value: Any = None
    became: Any = None
    same: bool = False
    lost: tuple[str, ...] = ()
    read: bool = True
    needed: bool = False
    count: int = 1
    looked: bool = True


def fates(body: Json, translate: Translate, size: int = 0) -> list[Fate]:
    """Raises `ir.BadRequest` if the request as a whole can't be translated. `size`: the body's, in bytes."""
    tracer = _Tracer(body, translate, min(TRIALS, BYTES // max(size, 1)))
    return list(tracer.run())


def added(sent: Json, found: list[Fate]) -> list[str]:
    """Fields of the provider's request that come from no field of the client's."""
    known = {target for fate in found for target in fate.to}
    paths = dict.fromkeys(label(sent, path) for path, value in leaves(sent))
    return [path for path in paths if not any(_covers(target, path) for target in known)]


def _covers(known: str, path: str) -> bool:
    return path == known or path.startswith((known + ".", known + "["))


class _Tracer:
    def __init__(self, body: Json, translate: Translate, trials: int) -> None:
        self._body, self._translate, self._trials = body, translate, trials
        self._base = translate(body)
        self._seen: Counter[tuple[str, bool]] = Counter()

    def run(self) -> Iterator[Fate]:
        waiting: list[Path] = [(key,) for key in self._body]
        found: dict[tuple[str, bool], Fate] = {}
        while waiting:
            path = waiting.pop(0)
            name = label(self._body, path)
            kind = name, isinstance(at(self._body, path), dict | list)  # a turn's content may be a text or a list
            self._seen[kind] += 1
            if kind in found:
                continue
            fate = self._look(path, name) if self._trials > 0 else Fate(name, looked=False)
            if fate:
                found[kind] = fate
            else:
                waiting += self._below(path)
        for kind, fate in found.items():
            yield replace(fate, count=self._seen[kind])

    def _below(self, path: Path) -> list[Path]:
        node = at(self._body, path)
        return [(*path, key) for key in (node if isinstance(node, dict) else range(len(node)))]

    def _look(self, path: Path, name: str) -> Fate | None:
        """None: it is a whole whose parts must be looked at one by one."""
        node = at(self._body, path)
        parts = isinstance(node, dict | list) and bool(node)
        if parts and isinstance(path[-1], int):
            return None
        without = self._try(path, None)
        if parts and not (isinstance(node, dict) and path[-1] in WHOLE):
            return self._fate(path, name, without, None) if without and self._plain(node, without) else None
        if without and self._told(node, without):
            return self._fate(path, name, without, None)
        return self._fate(path, name, without, self._try(path, _other(node)))

    def _told(self, node: Any, without: Translated) -> bool:
        """Leaving it out took away the very value and nothing else: no second trial says more."""
        changed = list(differences(self._base.sent, without.sent))
        return len(changed) == 1 and at(self._base.sent, changed[0]) == node

    def _plain(self, node: Any, without: Translated) -> bool:
        return self._base.sent == without.sent or self._told(node, without)

    def _try(self, path: Path, instead: Any) -> Translated | None:
        """The request without this field (None), or with another value. None: that is no request."""
        self._trials -= 1
        try:
            return self._translate(edited(self._body, path, instead))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):  # BadRequest, or odder than that
            return None

    def _fate(self, path: Path, name: str, without: Translated | None, other: Translated | None) -> Fate:
        """From what changed without it (None: needed) and, where that was tried, with another value."""
        base, node = self._base, at(self._body, path)
        tried = [one for one in (other, without) if one]
        changed = next((found for one in tried if (found := self._changed(one, node))), [])
        same = [one for one in changed if at(base.sent, one) == node]
        if not same and isinstance(node, str) and len(node) >= TELLING:
            same = [one for one, value in leaves(base.sent) if value == node]  # such as an id that must fit another one
            changed = same or changed
        return Fate(
            name,
            tuple(dict.fromkeys(label(base.sent, one) for one in changed)),
            node,
            at(base.sent, (same or changed)[0]) if changed else None,
            bool(same),
            tuple(sorted(base.lost - without.lost)) if without else (),
            not tried or any(base.understood != one.understood for one in tried),
            without is None,
        )

    def _changed(self, translated: Translated, value: Any) -> list[Path]:
        sent = self._base.sent
        found = (_single(sent, path, value) for path in differences(sent, translated.sent))
        return [path for path in found if at(sent, path) is not None]


def _single(body: Json, path: Path, value: Any) -> Path:
    """An object that was only made to hold one field is told as that field."""
    node = at(body, path)
    while isinstance(node, dict) and len(node) == 1 and node != value and path[-1] not in WHOLE:
        (key,) = node
        path, node = (*path, key), node[key]
    return path


# -- JSON ---------------------------------------------------------------------------------


def at(node: Any, path: Path) -> Any:
    """None where there is nothing."""
    for key in path:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def edited(body: Json, path: Path, instead: Any) -> Json:
    """A copy with another value at `path`; None: without it. Only what lies on the path is copied."""
    made: Any = copy.copy(body)
    node = made
    for key in path[:-1]:
        node[key] = copy.copy(node[key])
        node = node[key]
    if instead is None:
        del node[path[-1]]
    else:
        node[path[-1]] = instead
    return dict(made)


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "~"
        case _:
            return None


def differences(one: Any, other: Any, path: Path = ()) -> Iterator[Path]:
    """Where two values differ, as paths into the first; what only the second has is told by its place."""
    if isinstance(one, dict) and isinstance(other, dict) and not (path and path[-1] in WHOLE):
        for key in dict.fromkeys((*one, *other)):
            if key not in one or key not in other:
                yield (*path, key)
            else:
                yield from differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        yield from _list_differences(one, other, path)
    elif one != other:
        yield path


def _list_differences(one: list[Any], other: list[Any], path: Path) -> Iterator[Path]:
    """What is equal at both ends is set aside first: a missing element must not make all behind it look changed."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    if len(one) == len(other):
        for index in range(start, len(one) - end):
            yield from differences(one[index], other[index], (*path, index))
    elif start == len(one) - end:
        yield path
    else:
        yield from ((*path, index) for index in range(start, len(one) - end))


def leaves(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    children: Mapping[Any, Any] = node if isinstance(node, dict) else {}
    if isinstance(node, list):
        children = dict(enumerate(node))
    if not children or (isinstance(node, dict) and path and path[-1] in WHOLE):
        yield path, node
        return
    for key, child in children.items():
        yield from leaves(child, (*path, key))


def label(body: Any, path: Path) -> str:
    """``messages[user].content[text].text``: the elements of a list by their kind, so that all of a kind are one."""
    text, node = "", body
    for key in path:
        node = at(node, (key,))
        text += f"[{_kind(node)}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _kind(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    named = element.get("type") or element.get("role")
    if named or "name" in element:
        return str(named or "")
    return next((key for key in element if isinstance(element[key], dict)), "")
