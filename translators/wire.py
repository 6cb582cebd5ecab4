"""JSON off and onto the wire: objects read field by field, so that what nobody read is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from .ir import BadAnswer, BadRequest, Extra, Json

_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}
_MISSING: Any = object()


def loads(text: bytes | str) -> Any:
    """Any JSON value. Raises `ValueError` with the position of the fault.

    Lone surrogates are let through as they are: clients do cut strings in the middle of an emoji.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        if b"surrogate" not in str(fault).encode():
            raise
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        # Lone surrogates and integers over 64 bits; ASCII escapes carry both.
        return json.dumps(value, separators=(",", ":")).encode()


def kind_of(value: Any) -> str:
    """The JSON kind of a value, in words: "a string", "null"."""
    return "null" if value is None else _KINDS.get(type(value), "a number")


class Fields:
    """One wire object while it is read: take what you map; `rest` is what nobody took.

    null counts as absent. `path` names the object in errors (``messages[2].content[0]``, "" for the body).
    """

    __slots__ = ("_index", "_left", "_path", "_raise")

    def __init__(
        self,
        value: Any,
        path: Callable[[], str] | str = "",
        raise_: type[BadRequest] | type[BadAnswer] = BadRequest,
        index: int | None = None,
    ) -> None:
        """`index`: the object's place where `path` is a list's."""
        self._path, self._raise, self._index = path, raise_, index
        if type(value) is not dict:
            raise self._fault("", "an object", value)
        self._left: Json = value.copy()

    @property
    def path(self) -> str:
        path = self._path if isinstance(self._path, str) else self._path()
        return path if self._index is None else f"{path}[{self._index}]"

    def take(self, key: str, default: Any = None) -> Any:
        """Any JSON value."""
        value = self._left.pop(key, None)
        return default if value is None else value

    def text(self, key: str, default: str = _MISSING) -> str:
        value = self._left.pop(key, None)
        return value if type(value) is str else self._other(key, str, value, default)

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self._left.pop(key, None)
        if value is None:
            return default
        if type(value) not in (int, float):
            raise self._fault(key, "a number", value)
        return value  # type: ignore[no-any-return]

    def integer(self, key: str, default: int | None = None) -> int | None:
        value = self.number(key)
        if value is None:
            return default
        if isinstance(value, float) and not value.is_integer():
            raise self._fault(key, "a whole number", value)
        return int(value)

    def flag(self, key: str, default: bool | None = None) -> bool | None:
        return self._typed(key, bool, default)  # type: ignore[no-any-return]

    def json(self, key: str, default: Json | None = None) -> Json | None:
        """An object, taken whole and unread (a JSON Schema, metadata)."""
        return self._typed(key, dict, default)  # type: ignore[no-any-return]

    def fields(self, key: str) -> Fields | None:
        """An object, to be read on."""
        value = self._left.pop(key, None)
        return None if value is None else Fields(value, lambda: self._at(key), self._raise)

    def each(self, key: str) -> Iterator[Fields]:
        """The objects of a list; none where the key is absent."""
        return fields_of(self._typed(key, list, ()), lambda: self._at(key), self._raise)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one string alone."""
        value = self._left.pop(key, None)
        if value is None:
            return ()
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise self._fault(key, "a string or a list of strings", value)
        return tuple(values)

    def word[T](self, key: str, table: Mapping[str, T], default: T = _MISSING) -> T:
        """One of a closed set of words, as `table` maps it."""
        value = self._left.pop(key, None)
        if value is None and default is not _MISSING:
            return default
        if not isinstance(value, str) or value not in table:
            raise self._fault(key, "one of " + ", ".join(table), value)
        return table[value]

    def fault(self, key: str, expected: str, value: Any) -> BadRequest | BadAnswer:
        """The error for a value that does not fit: raise it."""
        return self._fault(key, expected, value)

    def left(self) -> Json:
        """What nobody took so far."""
        return self._left

    def rest(self, format: str) -> Extra | None:
        """What nobody took, for the format that said it; nulls say nothing."""
        if not self._left:
            return None
        fields = {key: value for key, value in self._left.items() if value is not None}
        return Extra(format, fields) if fields else None

    def _typed(self, key: str, kind: type, default: Any) -> Any:
        value = self._left.pop(key, None)
        return value if type(value) is kind else self._other(key, kind, value, default)

    def _other(self, key: str, kind: type, value: Any, default: Any) -> Any:
        if value is None and default is not _MISSING:
            return default
        raise self._fault(key, _KINDS[kind], value)

    def _at(self, key: str) -> str:
        return ".".join(filter(None, (self.path, key)))

    def _fault(self, key: str, expected: str, value: Any) -> BadRequest | BadAnswer:
        at = self._at(key)
        found = repr(value[:40]) if isinstance(value, str) else kind_of(value)
        message = f"{at or 'The body'} must be {expected}, not {found}."
        return self._raise(message, at) if self._raise is BadRequest else BadAnswer(message)


def fields_of(
    values: Any, path: Callable[[], str], raise_: type[BadRequest] | type[BadAnswer] = BadRequest
) -> Iterator[Fields]:
    """The objects of a list, each knowing its place."""
    for index, value in enumerate(values):
        yield Fields(value, path, raise_, index)


def extra_of(extra: Extra | None, format: str) -> Json:
    """The fields that `format` itself said; nothing of what others said."""
    return extra.fields if extra is not None and extra.format == format else {}


def compact(fields: Json) -> Json:
    """Without what was not said: None. (Empty lists and strings stay: say None for those you mean to leave out.)"""
    return {key: value for key, value in fields.items() if value is not None}


def arguments_object(text: str) -> Json:
    """A tool call's arguments for a format that carries them as an object; text that is none is not lost."""
    if not text:
        return {}
    try:
        value = loads(text)
    except ValueError:
        value = None
    return value if type(value) is dict else {"_raw_arguments": text}
