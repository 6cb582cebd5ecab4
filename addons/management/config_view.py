"""The configuration as the management API shows it: as the file has it, with the defaults, and without a secret."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePath
from typing import Any

import yaml

from ..redact import MARK
from ..settings import Settings
from ..settings_schema import SCHEMA, Either, ListOf, MapOf, Scalar, Schema, Section

VARIABLE = re.compile(r"\$\{\w+\}")
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def shown(text: str, settings: Settings) -> dict[str, Any]:
    """`text`: the file, which `settings` was read from. Names and shapes are those of the file, so that what is shown
    can be sent back with PUT."""
    tree = yaml.safe_load(text) or {}
    found = {}
    for name, schema in SCHEMA.options.items():
        given = masked(schema, tree[name]) if tree.get(name) is not None else None
        found[name] = _with_defaults(schema, getattr(settings, name.replace("-", "_"), None), given)
    return {name: value for name, value in found.items() if value is not None}


def masked(schema: Schema | None, value: Any) -> Any:
    """A value of the file without its secrets. A bare ``${VARIABLE}`` is none: it says where the secret is."""
    match schema, value:
        case Section(), dict():
            return {name: masked(schema.options.get(name), one) for name, one in value.items()}
        case Either(), dict():
            return masked(schema.section, value)
        case Either(), _:
            return masked(schema.scalar, value)
        case MapOf(), dict():
            return {name: masked(schema.item, one) for name, one in value.items()}
        case ListOf(), list():
            return [masked(schema.item, one) for one in value]
        case Scalar(), _:
            return _scalar(schema, value)
        case _:
            return None if value is None else MARK  # it fits no option, so nobody knows what it is


def _scalar(schema: Scalar, value: Any) -> Any:
    text = str(value)
    if (schema.secret or schema.hidden) and text and not VARIABLE.fullmatch(text):
        return MARK
    return plain(_USER.sub(MARK, value) if isinstance(value, str) else value)


def _with_defaults(schema: Schema, setting: Any, given: Any) -> Any:
    """Options of a section of their own that the file does not name are shown as they are in force."""
    if dataclasses.is_dataclass(setting) and isinstance(schema, Section):
        in_force = {name: _in_force(one, setting, name) for name, one in schema.options.items()}
        return {name: value for name, value in {**in_force, **(given or {})}.items() if value is not None}
    if given is not None:
        return given
    return plain(setting) if isinstance(setting, str | int | float | PurePath) else None


def _in_force(schema: Schema, setting: Any, name: str) -> Any:
    """A secret that is not in the file comes from the environment: shown, it would be taken for the file's."""
    value = getattr(setting, name.replace("-", "_"), None)
    open_ = isinstance(schema, Scalar) and not (schema.secret or schema.hidden)
    return plain(value) if open_ else None


def plain(value: Any) -> Any:
    """As JSON can say it."""
    match value:
        case PurePath() | date():
            return str(value)
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return value
