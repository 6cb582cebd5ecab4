"""How signed-in accounts become credentials of their providers, beside those that the configuration has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..providers import ACCOUNT_DOORS, KINDS, default_base_url
from ..settings import CredentialSettings, ProviderSettings, Settings
from .token_files import TokenFile

_DOOR_OF = {door.provider: door.name for door in ACCOUNT_DOORS.values()}
_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}(/[\w./-]*)?")
SERVICE_DOOR = _DOOR_OF["vertex"]


def with_accounts(settings: Settings, tokens: Iterable[TokenFile]) -> Settings:
    """The settings with a credential for each account. Where recordings answer nobody needs to be let in."""
    providers = {name: _with_service_account(one) for name, one in settings.providers.items()}
    for token in tokens:
        provider = providers.get(token.provider) or _bare(token.provider)
        if not token.disabled and not provider.recorded_only:
            kept = (*provider.credentials, credential(token))
            providers[token.provider] = replace(provider, credentials=kept)
    return replace(settings, providers=providers)


def credential(token: TokenFile) -> CredentialSettings:
    """`key` is the token that it has now; before each attempt it is asked whether there is a newer one."""
    account = {"chatgpt-account-id": token.account_id} if token.provider == "openai" and token.account_id else {}
    return CredentialSettings(
        label=token.id,
        key=token.access_token,
        base_url=f"https://{token.resource_url}/v1" if _HOST.fullmatch(token.resource_url) else "",
        headers=account,
        door=_DOOR_OF[token.provider],
        project=token.project,
        proxy=token.proxy,
        **_own(token),
    )


def _own(token: TokenFile) -> dict[str, Any]:
    """What the user has written into the file, as far as it is sound: see `load-balance.credentials`."""
    found: dict[str, Any] = {}
    for name, low, high in (("weight", 1, 1000), ("priority", -1000, 1000), ("quota", 1, 10**15)):
        value = token.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            found[name] = value
    models = token.fields.get("models")
    if isinstance(models, list) and all(isinstance(model, str) and model for model in models):
        found["models"] = tuple(models)
    return found


def shape(token: TokenFile) -> tuple[Any, ...]:
    """What of an account the configuration in force depends on: not its token, that may change every hour."""
    return replace(credential(token), key=""), token.disabled, token.sign_in_needed


def _bare(name: str) -> ProviderSettings:
    """A provider that the configuration does not name: only its accounts can be asked."""
    kind = KINDS[name]
    return ProviderSettings(name, kind.formats, kind.key_header, kind.key_prefix, default_base_url(kind), kind=name)


def _with_service_account(one: ProviderSettings) -> ProviderSettings:
    if not one.service_account or one.recorded_only:
        return one
    kept = tuple(each if each.key else replace(each, door=SERVICE_DOOR, base_url="") for each in one.credentials)
    return replace(one, credentials=kept)
