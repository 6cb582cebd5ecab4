"""What was said, made unreadable letter by letter: the same on both sides of the gateway, however a stream was cut.

The shape stays byte for byte: the JSON's keys and spacing, lengths, line breaks, kinds, ids, names of tools. So what a
defect hangs on is still there, and what the text was about is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

KEPT = frozenset({
    "callId", "call_id", "code", "created", "detail", "display", "effort", "enum", "event", "finishReason",
    "finish_reason", "format", "id", "include", "item_id", "level", "mediaType", "media_type", "mimeType",
    "mime_type", "modalities", "mode", "model", "modelVersion", "name", "object", "param", "phase",
    "previous_response_id", "reason", "reasoning_effort", "required", "responseId", "responseModalities",
    "response_id", "role", "serviceTier", "service_tier", "startTime", "status", "stopReason", "stop_reason",
    "strategy", "summary", "system_fingerprint", "thinkingLevel", "tool_call_id", "tool_choice", "tool_use_id",
    "truncation", "ttl", "type", "verbosity",
})  # fmt: skip
"""Values of these fields say how a message is built, not what it is about."""
FRAGMENTS = frozenset({"partial_json", "arguments"})
"""JSON in pieces, or as text: its own keys stay too."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\]:,]|[^"{}\[\]:,]+', re.DOTALL)
_BARE = re.compile(r"\s*(?:true|false|null|-?[\d.]+(?:[eE][+-]?\d+)?)?\s*")
"""What stands in JSON beside strings and brackets; all else is no JSON, and masked."""
_SIGN = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_LETTERS = {1: "x", 2: "ß", 3: "字", 4: "𐐨"}
"""By their length in UTF-8, so that no length changes."""


def masked(text: str) -> str:
    """Letters become x, capitals X, digits 0; all other signs stay."""
    return "".join(_mask(sign) for sign in text)


def _mask(sign: str) -> str:
    if not sign.isalnum():
        return sign
    if sign.isascii():
        return "0" if sign.isdigit() else "X" if sign.isupper() else "x"
    return _LETTERS[len(sign.encode("utf-8", "surrogatepass"))]


@dataclass
class Fragment:
    """JSON that comes in pieces of text. Feed each piece; what is inside a string that is no key is masked."""

    _stack: list[str] = field(default_factory=list)
    _text: bool = False
    _key: bool = False
    _escape: bool = False
    _awaits_key: bool = False

    def feed(self, text: str) -> str:
        return "".join(self._in_text(sign) if self._text else self._outside(sign) for sign in text)

    def _in_text(self, sign: str) -> str:
        if self._escape:
            self._escape = False
            return sign
        if sign == "\\":
            self._escape = True
            return sign
        if sign == '"':
            self._text = False
            return sign
        return sign if self._key else _mask(sign)

    def _outside(self, sign: str) -> str:
        if sign == '"':
            self._text, self._key = True, self._awaits_key
        elif sign in "{[":
            self._stack.append(sign)
            self._awaits_key = sign == "{"
        elif sign in "}]":
            if self._stack:
                self._stack.pop()
        elif sign == ":":
            self._awaits_key = False
        elif sign == ",":
            self._awaits_key = bool(self._stack) and self._stack[-1] == "{"
        return sign


@dataclass(frozen=True, slots=True)
class _Level:
    """An object or list that is open, and the key that it stands under. `theirs`: it is the user's own data."""

    bracket: str
    key: str
    theirs: bool


def _theirs(stack: list[_Level], bracket: str, key: str) -> bool:
    """The arguments and results of tools, and metadata: no word in there is the format's."""
    if stack and stack[-1].theirs:
        return True
    result = key == "response" and bool(stack) and stack[-1].key in ("functionResponse", "function_response")
    object_of = bracket == "{" and (not stack or stack[-1].bracket == "{")
    return object_of and (key in ("input", "args", "arguments", "metadata") or result)


class Pseudonyms:
    """Of one message. Remembers where the pieces of a tool's arguments are."""

    def __init__(self) -> None:
        self._fragments: dict[str, Fragment] = {}

    def body(self, content: bytes) -> bytes:
        """A body of JSON, of server-sent events, or of neither: then all of it is masked."""
        text = content.decode("utf-8", "replace")
        if text.lstrip()[:1] in ("{", "["):
            return self._json(text).encode()
        if re.search(r"^(data|event):", text, re.MULTILINE):
            return "\n".join(map(self._line, text.split("\n"))).encode()
        return masked(text).encode()

    def _line(self, line: str) -> str:
        name, colon, rest = line.partition(":")
        if name in ("event", "id", "retry") or rest.strip() == "[DONE]":
            return line
        if name != "data":
            return masked(line)
        return name + colon + (self._json(rest) if rest.lstrip()[:1] in ("{", "[") else masked(rest))

    def _json(self, text: str) -> str:
        return "".join(self._tokens(text, _owner(text)))

    def _tokens(self, text: str, owner: str) -> Iterator[str]:
        """Each token with the key that it is the value of; a list's values have the list's key.

        `owner`: the call that pieces of arguments belong to.
        """
        stack: list[_Level] = []
        key, at_key = "", False
        for token in _TOKEN.findall(text):
            match token[:1]:
                case "{" | "[":
                    stack.append(_Level(token, key, _theirs(stack, token, key)))
                    at_key = token == "{"
                case "}" | "]" if stack:
                    key = stack.pop().key
                case "," if stack:
                    at_key = stack[-1].bracket == "{"
                    key = key if at_key else stack[-1].key
                case ":":
                    at_key = False
                case '"' if at_key:
                    key = token.strip('"')
                case '"':
                    token = self._string(token, "" if stack and stack[-1].theirs else key, owner)
                case _ if not _BARE.fullmatch(token):
                    token = masked(token)
            yield token

    def _string(self, token: str, key: str, owner: str) -> str:
        if key in KEPT:
            return token
        if key in FRAGMENTS or (key == "delta" and "arguments" in owner):
            try:
                piece = json.loads(token, strict=False)
            except ValueError:
                return _masked_raw(token)
            fragment = self._fragments.setdefault(f"{owner}/{key}", Fragment())
            return json.dumps(fragment.feed(piece), ensure_ascii="\\u" in token)
        return _masked_raw(token)


def _masked_raw(token: str) -> str:
    """A string as JSON writes it: its escapes stay escapes."""
    return "".join(_escaped(match[0]) if match[0][:1] == "\\" else _mask(match[0]) for match in _SIGN.finditer(token))


def _escaped(sign: str) -> str:
    if sign[1:2] != "u" or len(sign) != 6:
        return sign
    return f"\\u{ord(_mask(chr(int(sign[2:], 16)))):04x}"


def _owner(text: str) -> str:
    """Which call of a stream an event's piece belongs to."""
    try:
        event: Any = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(event, dict):
        return ""
    names = ("type", "item_id", "output_index", "index")
    return "/".join(str(event[name]) for name in names if name in event)
