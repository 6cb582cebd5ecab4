"""How a tree without faults becomes Settings: sections to dataclasses, providers with their credentials, routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import providers, settings
from . import settings_credentials as credentials
from .settings import ProviderSettings, Route, Settings
from .settings_rules import PRINTED_KEYS, Tree
from .settings_schema import REPLAY, SCHEMA, Either, ListOf, MapOf, Schema, Section
from .settings_variables import Unset

MANAGEMENT_VARIABLE = "MANAGEMENT_PASSWORD"
NO_PROVIDER = "no provider is configured, so no model can be reached."
NO_CLIENT_KEY = "no client key is configured, so only programs on this machine are served."
_OWN_BUILDERS = frozenset({*providers.KINDS, "custom-providers", "routes", "models", "remote-management"})


def build(tree: Tree, environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings, and a line for each thing that the user may not expect."""
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    notes: list[str] = []
    plain = {name: value for name, value in tree.items() if name not in _OWN_BUILDERS}
    found = Settings(**_made(SCHEMA, plain, home))
    named = {each.name: each for each in _providers(tree, environ, home, notes)}
    found = replace(
        found,
        auth=replace(found.auth, dir=_below_home(found.auth.dir, home)),
        providers={name: each for name, each in named.items() if each.credentials},
        routes=tuple(_routes(tree, named)),
        models={alias: settings.ModelAlias(*target) for alias, target in tree.get("models", {}).items()},
        remote_management=_management(tree.get("remote-management", {}), environ, notes),
    )
    return found, [*notes, *_remarks(found)]


def _made(schema: Schema, value: Any, home: str) -> Any:
    match schema:
        case Section(options, make):
            return make(**{name.replace("-", "_"): _made(options[name], each, home) for name, each in value.items()})
        case MapOf(item):
            return {name: _made(item, each, home) for name, each in value.items()}
        case ListOf(item):
            return tuple(_made(item, each, home) for each in value)
        case Either(_, section):
            return _made(section, value, home)
        case _:
            return _below_home(value, home) if isinstance(value, Path) else value


def _below_home(path: Path, home: str) -> Path:
    return Path(home, *path.parts[1:]) if home and path.parts[:1] == ("~",) else path


def _providers(tree: Tree, environ: Mapping[str, str], home: str, notes: list[str]) -> Iterator[ProviderSettings]:
    """Each provider that the file names, also one whose credentials are all left out."""
    listed = tree.get("load-balance", {}).get("credentials", {})
    for name in (*providers.KINDS, *tree.get("custom-providers", {})):
        section = _section(tree, name)
        if section is None and not listed.get(name):
            continue
        section = section or {}
        declared = credentials.declared(_kind(name, section), name, section, listed.get(name, []), environ)
        notes += credentials.left_out(name, declared)
        able = [(label, entry) for label, entry in declared if not isinstance(entry["key"], Unset)]
        yield _provider(name, section, able, home)


def _section(tree: Tree, name: str) -> Tree | None:
    found: Tree | None = tree.get(name) if name in providers.KINDS else tree.get("custom-providers", {}).get(name)
    return found


def _kind(name: str, section: Tree) -> providers.ProviderKind:
    return providers.KINDS.get(name) or providers.CUSTOM_KINDS[section.get("format", "openai")]


def _provider(name: str, section: Tree, able: list[tuple[str, Tree]], home: str) -> ProviderSettings:
    kind = _kind(name, section)
    base_url = section.get("base-url") or providers.default_base_url(kind, section.get("location", ""))
    account, replay = section.get("service-account"), section.get("replay")
    return ProviderSettings(
        name=name,
        formats=kind.formats,
        key_header=kind.key_header,
        key_prefix=kind.key_prefix,
        base_url=base_url,
        models=tuple(section.get("models", ())),
        credentials=tuple(credentials.complete(label, entry, section, base_url) for label, entry in able),
        replay=replay and _made(REPLAY, replay, home),
        custom=name not in providers.KINDS,
        kind=kind.name,
        project=section.get("project", ""),
        location=section.get("location", "global"),
        service_account=account and _below_home(account, home),
    )


def _routes(tree: Tree, named: Mapping[str, ProviderSettings]) -> Iterator[Route]:
    for number, route in enumerate(tree.get("routes", []), 1):
        base = named.get(route["provider"])
        if route.get("base-url") or route.get("api-key"):
            base = _own_upstream(route, base, _section(tree, route["provider"]) or {}, number)
        own = {option.replace("-", "_"): value for option, value in route.items()}
        yield Route(**own, upstream=base if base and base.credentials else None)


def _own_upstream(route: Tree, base: ProviderSettings | None, section: Tree, number: int) -> ProviderSettings:
    """The provider with the route's base URL and key; the route's own key is then its only credential."""
    suffix = f"route-{number}"
    bare = base or _provider(route["provider"], section, [], "")
    address = route.get("base-url") or bare.base_url
    if route.get("api-key") or not base:  # a provider that only this route names asks for no key but the route's
        kept = [credentials.complete(suffix, {"key": route.get("api-key", "")}, section, address)]
    else:
        kept = [replace(each, label=f"{each.label}-{suffix}", base_url=address) for each in base.credentials]
    return replace(
        bare, name=f"{bare.name}-{suffix}", base_url=address, credentials=tuple(kept), models=(), replay=None
    )


def _management(section: Tree, environ: Mapping[str, str], notes: list[str]) -> settings.RemoteManagement:
    key = section.get("secret-key") or environ.get(MANAGEMENT_VARIABLE, "")
    if isinstance(key, Unset):
        notes.append(f"remote-management: off, {key.name} is not set.")
        key = ""
    return settings.RemoteManagement(section.get("allow-remote", False), key)


def _remarks(found: Settings) -> Iterator[str]:
    if not found.providers:
        yield NO_PROVIDER
    if not found.auth.api_keys:
        yield NO_CLIENT_KEY
    for number, client in enumerate(found.auth.api_keys):
        if client.key in PRINTED_KEYS:
            yield f"auth.api-keys[{number}]: this key is printed in the documentation; replace it."
