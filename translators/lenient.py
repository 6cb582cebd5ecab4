"""Reads what real servers send where the specification promises more: a value of the wrong kind counts as absent."""

from __future__ import annotations

from typing import Any

from .ir import Json


def mapping(value: Any) -> Json:
    return value if type(value) is dict else {}


def items(value: Any) -> list[Any]:
    return value if type(value) is list else []


def objects(value: Any) -> list[Json]:
    """The objects of a list, and nothing else of it."""
    return [one for one in value if type(one) is dict] if type(value) is list else []


def text(value: Any) -> str:
    return value if type(value) is str else ""


def count(value: Any) -> int | None:
    """A number as a whole one: some servers count tokens in floats."""
    if type(value) is int:
        return value
    if type(value) is not float:
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def first_count(values: Json, *keys: str) -> int | None:
    """The first of the keys under which a number stands."""
    for key in keys:
        found = count(values.get(key))
        if found is not None:
            return found
    return None


def flat(value: Any) -> str:
    """Text that may come as a string, as an object with `text`, or as a list of either."""
    match value:
        case str():
            return value
        case dict():
            return text(value.get("text"))
        case list():
            return "".join(flat(one) for one in value if not isinstance(one, list))
        case _:
            return ""
