"""Reads the objects of a Gemini request, in whichever of the two spellings they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..ir import Extra, Json
from ..wire import Fields
from .words import NAME, camel


def fields(value: Any, path: Callable[[], str] | str = "", index: int | None = None) -> Fields:
    """`index`: the object's place where `path` is a list's."""
    return Fields(camel(value) if type(value) is dict else value, path, index=index)


def inner(outer: Fields, key: str) -> Fields | None:
    """The object under `key`, to be read on; None where it is absent."""
    value = outer.take(key)
    return None if value is None else fields(value, lambda: at(outer, key))


def each(outer: Fields, key: str) -> Iterator[Fields]:
    """The objects of a list, or one object alone, which protobuf JSON takes for a list of one."""
    value = outer.take(key, [])
    if type(value) is dict:
        value = [value]
    if type(value) is not list:
        raise outer.fault(key, "a list", value)
    for index, one in enumerate(value):
        yield fields(one, lambda: at(outer, key), index)


def at(outer: Fields, key: str) -> str:
    return ".".join(filter(None, (outer.path, key)))


def left(of: Fields | None, **nested: Any) -> Json:
    """What nobody took of an object and, by name, of objects in it. null, `thought: false` and nothing say nothing."""
    said = of.left() if of else {}
    fields = {key: value for key, value in said.items() if not _silent(key, value)} if said else {}
    return fields | {key: value for key, value in nested.items() if value} if nested else fields


def _silent(key: str, value: Any) -> bool:
    return value is None or (value is False and key == "thought")


def extra(fields: Json) -> Extra | None:
    return Extra(NAME, fields) if fields else None
