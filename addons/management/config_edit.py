"""Changes options in the text of config.yaml: its comments, its order and its ``${VARIABLES}`` stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ..redact import MARK
from .config_view import VARIABLE, plain


class Unknown(ValueError):
    """A value that was shown as redacted came back where there is none to keep. The text names the option."""


def merged(text: str, patch: Mapping[str, Any]) -> str:
    """The text with the patch in it, as by JSON Merge Patch (RFC 7396): sections merge, lists and values are replaced,
    null takes an option away. What comes back as it was shown, redacted, stays as it is. Raises `Unknown`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.util import load_yaml_guess_indent

    _, indent, offset = load_yaml_guess_indent(text)
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 4096
    yaml.indent(mapping=2, sequence=indent or 2, offset=offset or 0)
    tree = yaml.load(text)
    tree = {} if tree is None else tree
    _merge(tree, patch, ())
    out = StringIO()
    if tree or not text.strip():
        yaml.dump(tree, out)
    return out.getvalue()


def _merge(tree: Any, patch: Mapping[str, Any], path: tuple[str, ...]) -> None:
    for name, value in patch.items():
        here = (*path, name)
        old = tree.get(name)
        if value is None:
            tree.pop(name, None)
        elif isinstance(value, Mapping):
            if not isinstance(old, dict):
                tree[name] = old = {}
            _merge(old, value, here)
        else:
            kept = _kept(value, old, here)
            if kept is not old:
                tree[name] = kept


def _kept(value: Any, old: Any, path: tuple[str, ...]) -> Any:
    """The value, with what is only shown as redacted in it taken from the old one at the same place."""
    if isinstance(value, str) and MARK in value:
        if isinstance(old, str) and old:
            return old
        raise Unknown(f"{'.'.join(path)}: {MARK} stands where nothing is kept; send the value itself.")
    if isinstance(value, list):
        before = old if isinstance(old, list) else []
        places = _places(value, before, path)
        return [_kept(one, before[places[n]] if n in places else None, (*path, str(n))) for n, one in enumerate(value)]
    if isinstance(value, Mapping):
        known = old if isinstance(old, Mapping) else {}
        return {name: _kept(one, known.get(name), (*path, name)) for name, one in value.items()}
    return value


def _places(new: list[Any], old: list[Any], path: tuple[str, ...]) -> dict[int, int]:
    """Where in the old list each item was that came back redacted. A secret must not get into another's item: what was
    changed is looked for at its place only where nothing was taken out. Raises `Unknown` where that can't be told."""
    shown = [n for n, one in enumerate(new) if _redacted(one)]
    places: dict[int, int] = {}
    for n in shown:
        alike = [m for m, was in enumerate(old) if _fits(new[n], was)]
        if len(alike) > sum(new[k] == new[n] for k in shown):
            raise Unknown(f"{'.'.join(path)}: which of those that look alike shall stay? Send their values themselves.")
        free = [m for m in alike if m not in places.values()]
        if free:
            places[n] = n if n in free else free[0]
    if len(new) >= len(old):
        changed = (n for n in shown if n not in places and n < len(old))
        places |= {n: n for n in changed if n not in places.values()}
    return places


def _redacted(value: Any) -> bool:
    match value:
        case str():
            return MARK in value
        case list():
            return any(map(_redacted, value))
        case Mapping():
            return any(map(_redacted, value.values()))
    return False


def _fits(shown: Any, old: Any) -> bool:
    """Whether `old` may have been shown so."""
    match shown, old:
        case str(), str() if MARK in shown:
            return bool(old) and not VARIABLE.fullmatch(old)
        case list(), list():
            return len(shown) == len(old) and all(map(_fits, shown, old))
        case Mapping(), Mapping():
            return shown.keys() == old.keys() and all(_fits(one, old[name]) for name, one in shown.items())
    return bool(plain(old) == shown)


def write(path: Path, text: str) -> None:
    """Whole or not at all. Raises `OSError`.

    A file that is mounted by itself into a container can't be replaced, nor one in a folder that isn't ours:
    these are written in place.
    """
    target = path.resolve()
    data = text.encode()
    try:
        _replace(target, data)
    except OSError:
        with target.open("r+b") as file:
            file.write(data)
            file.truncate()
            os.fsync(file.fileno())


def _replace(target: Path, data: bytes) -> None:
    mode = target.stat().st_mode & 0o777
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
