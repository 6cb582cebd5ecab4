"""What options must hold to one another, beyond what each accepts by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from . import providers
from .settings import is_loopback
from .settings_credentials import is_automatic, recorded_only
from .settings_problems import OptionPath, dotted
from .settings_walk import FAILED, did_you_mean

SAMPLE_KEYS = frozenset({"sk-your-api-key-here", "sk-another-api-key-here"})
"""The client keys of config.example.yaml: whoever reads the project's pages knows them."""

PRINTED_KEYS = frozenset({"sk-primary-key", "sk-secondary-key"})
"""Client keys that the user documentation shows: taken, but not without a word."""

type Tree = dict[str, Any]
type Breach = tuple[OptionPath, str, str | None]
"""Where, what, and the value that stands for `{}`; the problem is at that option's line."""


def breaches(tree: Tree, refused: frozenset[OptionPath]) -> Iterator[Breach]:
    """`refused`: the options that failed already; what depends on them isn't judged."""
    for rule in _RULES:
        yield from rule(tree)
    if not any(path[:2] == ("auth", "api-keys") for path in refused):
        yield from _open_to_others(tree)


def _open_to_others(tree: Tree) -> Iterator[Breach]:
    host = tree.get("host")
    if isinstance(host, str) and not is_loopback(host) and not _section(tree, "auth").get("api-keys"):
        yield ("host",), "{} is open to other machines, but auth.api-keys has no key; add one, or use 127.0.0.1.", host


def _client_keys(tree: Tree) -> Iterator[Breach]:
    keys = _entries(_section(tree, "auth").get("api-keys"), "key")
    yield from _repeated("key", keys, ("auth", "api-keys"))
    named = [(number, entry) for number, entry in keys if entry.get("name")]
    yield from _repeated("name", named, ("auth", "api-keys"))
    for number, entry in named:
        if re.fullmatch(r"key-[0-9]+", entry["name"]):
            told = "{} is a name that keys without one are given; choose another."
            yield ("auth", "api-keys", number, "name"), told, entry["name"]
    for number, entry in keys:
        if entry["key"] in SAMPLE_KEYS:
            told = "is a sample key that everyone knows; make your own with `cliproxy generate-key`."
            yield ("auth", "api-keys", number), told, None


def _route_patterns(tree: Tree) -> Iterator[Breach]:
    yield from _repeated("pattern", _entries(tree.get("routes"), "pattern"), ("routes",))


def _route_providers(tree: Tree) -> Iterator[Breach]:
    for number, route in _entries(tree.get("routes"), "provider"):
        path = ("routes", number, "provider")
        if route["provider"] == providers.ROUTE_ONLY and providers.ROUTE_ONLY not in _section(tree, "custom-providers"):
            if "base-url" not in route:
                yield path, 'is "custom", so the route needs a base-url.', None
        else:
            yield from _known_provider(tree, path, route["provider"])


def _listed_credentials(tree: Tree) -> Iterator[Breach]:
    base = ("load-balance", "credentials")
    for name, listed in _section(tree, *base).items():
        yield from _known_provider(tree, (*base, name), name)
        yield from _repeated("key", _entries(listed, "key"), (*base, name))


def _credential_labels(tree: Tree) -> Iterator[Breach]:
    """Labels name credentials in logs and in the state: no two may be the same."""
    taken: set[str] = set()
    for name, listed in _section(tree, "load-balance", "credentials").items():
        for number, entry in _entries(listed, "label"):
            path = ("load-balance", "credentials", name, number, "label")
            if entry["label"] in taken:
                yield path, "{} is the label of another credential.", entry["label"]
            elif is_automatic(entry["label"], (*providers.KINDS, *_section(tree, "custom-providers"))):
                yield path, "{} is a label that credentials without one are given; choose another.", entry["label"]
            taken.add(entry["label"])


def _credential_doors(tree: Tree) -> Iterator[Breach]:
    for name, listed in _section(tree, "load-balance", "credentials").items():
        known = [door.name for door in providers.ACCOUNT_DOORS.values() if door.provider == name]
        for number, entry in _entries(listed, "door"):
            if entry["door"] not in known:
                told = f"{{}} is no door of {name}; " + (f"it has {', '.join(known)}." if known else "it has none.")
                yield ("load-balance", "credentials", name, number, "door"), told, entry["door"]


def _vertex(tree: Tree) -> Iterator[Breach]:
    section, listed = tree.get("vertex"), _section(tree, "load-balance", "credentials")
    ways = {"api-key", "service-account"}
    if isinstance(section, dict) and not (ways & section.keys() or listed.get("vertex") or recorded_only(section)):
        yield ("vertex",), "needs an api-key or a service-account.", None


def _alias_targets(tree: Tree) -> Iterator[Breach]:
    for alias, target in _section(tree, "models").items():
        if target is not FAILED:
            yield from _known_provider(tree, ("models", alias), target[0])


def _fallbacks(tree: Tree) -> Iterator[Breach]:
    for model, others in _section(tree, "fallbacks").items():
        if others is not FAILED and model in others:
            yield ("fallbacks", model, others.index(model)), "is the model itself.", None


def _custom_names(tree: Tree) -> Iterator[Breach]:
    for name in _section(tree, "custom-providers"):
        if name in providers.KINDS:
            yield ("custom-providers", name), f'is built in; use the section "{name}", or another name.', None


def _certificate(tree: Tree) -> Iterator[Breach]:
    tls = _section(tree, "tls")
    for name in ("cert-file", "key-file"):
        if tls.get("enabled") is True and tls.get(name) is None:
            yield ("tls",), f"is enabled, so it needs a {name}.", None


_RULES: tuple[Callable[[Tree], Iterator[Breach]], ...] = (
    _client_keys,
    _route_patterns,
    _route_providers,
    _listed_credentials,
    _credential_labels,
    _credential_doors,
    _vertex,
    _alias_targets,
    _fallbacks,
    _custom_names,
    _certificate,
)


def _section(tree: Tree, *names: str) -> Tree:
    """The section of that path; an empty one where it is missing or was refused."""
    for name in names:
        found = tree.get(name)
        tree = found if isinstance(found, dict) else {}
    return tree


def _entries(listed: object, option: str) -> list[tuple[int, Tree]]:
    """The list's sections that hold a good value of the option, each with its number."""
    every = enumerate(listed) if isinstance(listed, list) else ()
    return [(n, entry) for n, entry in every if isinstance(entry, dict) and entry.get(option, FAILED) is not FAILED]


def _repeated(option: str, entries: list[tuple[int, Tree]], path: OptionPath) -> Iterator[Breach]:
    first: dict[object, int] = {}
    for number, entry in entries:
        if number != first.setdefault(entry[option], number):
            other = dotted((*path, first[entry[option]]))
            yield (*path, number), f"has the same {option} as {other}.", None


def _known_provider(tree: Tree, path: OptionPath, name: str) -> Iterator[Breach]:
    known = (*providers.KINDS, *_section(tree, "custom-providers"))
    if name not in known:
        yield path, f"{{}} is no provider{did_you_mean(name, known) or '.'}", name
