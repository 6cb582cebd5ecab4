"""What is known about signing in at each provider: endpoints, scopes, public client ids, and what is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from ..settings import OAuthSettings


@dataclass(frozen=True, slots=True)
class Facts:
    """A provider's sign-in. All that `OAuthSettings` has can be replaced by the configuration.

    `redirect_url` is registered for the client id, so its port is no choice of ours. `authorization_parameters` are
    sent beside the standard ones. `json_body`: the token endpoint reads JSON where the standard has a form.
    `unverified` names what could not be tried against the provider itself; docs/providers.md says more.
    """

    provider: str
    title: str
    token_url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    authorization_url: str = ""
    device_authorization_url: str = ""
    redirect_url: str = ""
    scopes: tuple[str, ...] = ()
    needs_secret: bool = False
    authorization_parameters: tuple[tuple[str, str], ...] = ()
    json_body: bool = False
    unverified: tuple[str, ...] = ()


_BUILT_IN = (
    Facts(
        provider="openai",
        title="ChatGPT",
        # The public client of the maker's own command line, as are those of Claude and Qwen: no others are offered.
        client_id="app_EMoamEEZ73f0CkXaXp7hrann",
        authorization_url="https://auth.openai.com/oauth/authorize",
        token_url="https://auth.openai.com/oauth/token",
        device_authorization_url="https://auth.openai.com/api/accounts/deviceauth/usercode",
        redirect_url="http://localhost:1455/auth/callback",
        scopes=("openid", "profile", "email", "offline_access"),
        authorization_parameters=(
            ("id_token_add_organizations", "true"),  # without it the id token doesn't name the account
            ("codex_cli_simplified_flow", "true"),
            ("originator", "cliproxy"),
        ),
        unverified=("client id", "device flow", "redirect url", "scopes"),
    ),
    Facts(
        provider="anthropic",
        title="Claude",
        client_id="9d1c250a-e61b-44d9-88ed-5944d1962f5e",
        authorization_url="https://claude.ai/oauth/authorize",
        token_url="https://platform.claude.com/v1/oauth/token",
        redirect_url="http://localhost:54545/callback",
        scopes=("user:profile", "user:inference"),
        authorization_parameters=(("code", "true"),),
        json_body=True,
        unverified=("client id", "redirect url", "scopes", "token url"),
    ),
    Facts(
        provider="gemini",
        title="Gemini",
        # Google has no public clients: its desktop clients come with a secret, and that is not ours to hand out.
        authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",
        redirect_url="http://localhost:8085/oauth2callback",
        scopes=(
            "openid",
            "https://www.googleapis.com/auth/cloud-platform",
            "https://www.googleapis.com/auth/userinfo.email",
            "https://www.googleapis.com/auth/userinfo.profile",
        ),
        needs_secret=True,
        authorization_parameters=(("access_type", "offline"), ("prompt", "consent")),
        unverified=("Code Assist with a client of your own",),
    ),
    Facts(
        provider="qwen",
        title="Qwen",
        client_id="f0304373b74a44d2b584a3fb70ca9e56",
        token_url="https://chat.qwen.ai/api/v1/oauth2/token",
        device_authorization_url="https://chat.qwen.ai/api/v1/oauth2/device/code",
        scopes=("openid", "profile", "email", "model.completion"),
        unverified=("client id", "device flow", "scopes"),
    ),
)

FACTS: dict[str, Facts] = {facts.provider: facts for facts in _BUILT_IN}
OTHER_NAMES = {"chatgpt": "openai", "codex": "openai", "claude": "anthropic", "google": "gemini"}


class Missing(Exception):
    """A sign-in that can't begin: one sentence that says what to do."""


def known(name: str, overrides: Mapping[str, OAuthSettings]) -> Facts:
    """The facts about a provider, by its own name or its product's. Raises `Missing`."""
    provider = OTHER_NAMES.get(name.lower(), name.lower())
    if provider not in FACTS:
        raise Missing(f"{name}: there is no sign-in for it; there is one for {', '.join(FACTS)}.")
    set_by_user = overrides.get(provider, OAuthSettings())
    changed = {each.name: value for each in fields(set_by_user) if (value := getattr(set_by_user, each.name))}
    return replace(FACTS[provider], **changed)


def check(facts: Facts, device: bool = False) -> None:
    """Raises `Missing` where a sign-in this way can't begin."""
    needed = {
        "client-id": facts.client_id,
        "client-secret": facts.client_secret or not facts.needs_secret,
        "token-url": facts.token_url,
    }
    lacking = [f"oauth.{facts.provider}.{option}" for option, value in needed.items() if not value]
    if lacking:
        raise Missing(
            f"{facts.title}: {' and '.join(lacking)} must be set in the configuration; "
            f"no client of its own is built in for it."
        )
    if device and not facts.device_authorization_url:
        raise Missing(f"{facts.title} has no device flow that is known; sign in without --device.")
    if not device and not (facts.authorization_url and facts.redirect_url):
        raise Missing(f"{facts.title} is only known to have a device flow; sign in with --device.")
