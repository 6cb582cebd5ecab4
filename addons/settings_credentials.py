"""Which credentials a provider has: from its own section, then from load-balance.credentials, in that order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import providers
from .settings import CredentialSettings
from .settings_variables import Unset

type Entry = dict[str, Any]


def labels(provider: str, entries: Sequence[Entry]) -> list[str]:
    """Each credential's label: its own, or the provider's name and its place.

    Places are those of the file, also of credentials that are left out: a label stays when a variable is set.
    """
    return [entry.get("label") or f"{provider}-{number}" for number, entry in enumerate(entries, 1)]


def is_automatic(label: str, names: Iterable[str]) -> bool:
    """Whether `labels`, or a route with a key of its own, could give this label."""
    name, _, number = label.rpartition("-")
    return number.isdigit() and (name in names or name == "route" or name.endswith("-route"))


def declared(
    kind: providers.ProviderKind, name: str, section: Entry, listed: Sequence[Entry], environ: Mapping[str, str]
) -> list[tuple[str, Entry]]:
    """Labels and credentials as the file has them. A key that is listed too is that of the list: it says more."""
    if recorded_only(section):
        return [(f"{name}-1", {"key": ""})]  # recordings ask for no key
    own: list[Entry] = [{"key": section["api-key"]}] if section.get("api-key") else []
    entries = [*own, *listed] or [{"key": _implied(kind, section, environ)}]
    named = list(zip(labels(name, entries), entries, strict=True))
    repeated = own and own[0]["key"] in [entry["key"] for entry in listed]
    return named[1:] if repeated else named


def recorded_only(section: Entry) -> bool:
    """Whether recordings alone answer for this provider."""
    replay = section.get("replay")
    return isinstance(replay, dict) and replay.get("missing", "refuse") == "refuse"


def _implied(kind: providers.ProviderKind, section: Entry, environ: Mapping[str, str]) -> str | Unset:
    """Without a key in the file: the documented variable, but only for the provider's own address.

    A key from the environment must not go to whatever server a base-url names.
    """
    own_address = providers.default_base_url(kind, section.get("location", ""))
    elsewhere = section.get("base-url", own_address) != own_address
    if elsewhere or section.get("service-account") or not kind.env_var:
        return ""
    return environ.get(kind.env_var, "").strip() or Unset(kind.env_var)


def complete(label: str, entry: Entry, section: Entry, base_url: str) -> CredentialSettings:
    """The credential with what it takes over from its provider."""
    whole = {"proxy": section.get("proxy", ""), **entry}
    names = ("quota", "weight", "priority", "proxy", "door", "project")
    chosen: Entry = {name: whole[name] for name in names if name in whole}
    if "quota-window" in entry:
        chosen["quota_window"] = entry["quota-window"]
    return CredentialSettings(
        label=label,
        key=entry["key"],
        base_url=entry.get("base-url", "" if "door" in entry else base_url),
        headers=merged(section.get("headers", {}), entry.get("headers", {})),
        models=tuple(entry.get("models", ())),
        **chosen,
    )


def merged(*headers: Mapping[str, str]) -> dict[str, str]:
    """Header names don't depend on case; the later one wins."""
    return {name.lower(): value for each in headers for name, value in each.items()}


def left_out(provider: str, credentials: Iterable[tuple[str, Entry]]) -> list[str]:
    """One line for the provider if nothing of it is left, else one for each credential whose variable isn't set."""
    told = [(label, entry["key"]) for label, entry in credentials]
    unset = {label: key.name for label, key in told if isinstance(key, Unset)}
    if len(unset) == len(told):
        names = list(dict.fromkeys(unset.values()))
        return [f"{provider}: left out, {' and '.join(names)} {'is' if len(names) == 1 else 'are'} not set."]
    return [f"{label}: left out, {name} is not set." for label, name in unset.items()]
