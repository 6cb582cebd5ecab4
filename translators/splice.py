"""Members of a JSON object, read and changed in its text, so that every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .wire import dumps, loads

type Changes = Mapping[str, bytes | None]
"""Member → its new text; None takes it out."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]', re.DOTALL)
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    begin: int
    """Where its name begins."""
    value: int
    end: int


def member(text: bytes, name: str) -> bytes | None:
    """The text of a member's value; of a name that comes twice the last, as parsers take it."""
    found = [one for one in _members(text) if one.name == name]
    return text[found[-1].value : found[-1].end] if found else None


def spliced(text: bytes, changes: Changes) -> bytes:
    """The object with these members changed, new ones before the others. `text` must be a JSON object."""
    members = list(_members(text))
    added = {name: value for name, value in changes.items() if value is not None}
    out, done, kept = [], 0, 0
    for number, one in enumerate(members):
        if one.name not in changes:
            kept += 1
        elif (value := changes[one.name]) is not None:
            kept += 1
            added.pop(one.name, None)
            out += [text[done : one.value], value]
            done = one.end
        else:
            begin, end = _cut(text, members, number, first=not kept)
            out.append(text[done:begin])
            done = end
    whole = b"".join([*out, text[done:]])
    return _with(whole, added, empty=not kept)


def _cut(text: bytes, members: list[_Member], number: int, first: bool) -> tuple[int, int]:
    """What goes with a member: the comma before it, or, where nothing is before it, that after it."""
    one = members[number]
    if not first:
        return text.rindex(b",", members[number - 1].end if number else 0, one.begin), one.end
    after = members[number + 1].begin if number + 1 < len(members) else one.end
    return one.begin, after


def _with(text: bytes, added: Mapping[str, bytes], empty: bool) -> bytes:
    if not added:
        return text
    at = text.index(b"{") + 1
    new = b",".join(dumps(name) + b":" + value for name, value in added.items())
    return text[:at] + new + (b"" if empty else b",") + text[at:]


def _members(text: bytes) -> Iterator[_Member]:
    """The members of the outermost object, in order."""
    depth, name, begin, value = 0, b"", -1, -1
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif depth == 1 and value < 0 and mark.startswith(b'"'):
            name, begin = mark, token.start()
        elif depth == 1 and value < 0 and mark == b":":
            value = _past_blank(text, token.end())
        elif depth == 1 and mark in (b",", b"}"):
            if value >= 0:
                yield _Member(str(loads(name)), begin, value, _before_blank(text, token.start()))
            value = -1
        if mark in (b"}", b"]"):
            depth -= 1


def _past_blank(text: bytes, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at


def _before_blank(text: bytes, at: int) -> int:
    while text[at - 1] in _BLANK:
        at -= 1
    return at
