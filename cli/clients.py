"""How each client is told where the gateway is: variables, arguments, and files of its own in a temporary folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway is (without ``/v1``), the key it wants, and the model to ask for ("" is the client's own).

    `certificate`: the file with the gateway's own, where it speaks TLS.
    """

    base_url: str
    key: str = field(repr=False)
    model: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Launch:
    """What is added to a client's start.

    `arguments` come before the user's own; `without` are variables that would lead past the gateway; each of `files`
    is written to a temporary folder, and the variable that it is listed under names it there.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    arguments: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


KEY_VARIABLE = "CLIPROXY_KEY"


def launch(program: str, place: Place) -> Launch:
    """For a program's name or path; a program that isn't known gets what the makers' SDKs read."""
    own = CLIENTS.get(name_of(program), _sdk)(place)
    return Launch({**sdk_variables(place), **own.variables}, own.arguments, own.without, own.files)


def name_of(program: str) -> str:
    return PurePath(program.replace("\\", "/")).name.lower().removesuffix(".exe").removesuffix(".cmd")


def sdk_variables(place: Place) -> dict[str, str]:
    """What the SDKs of OpenAI, Anthropic and Google read, and what is built on them: litellm, aider, LangChain."""
    base = place.base_url
    variables = {
        "OPENAI_BASE_URL": f"{base}/v1",
        "OPENAI_API_BASE": f"{base}/v1",
        "OPENAI_API_KEY": place.key,
        "ANTHROPIC_BASE_URL": base,
        "ANTHROPIC_API_BASE": base,
        "ANTHROPIC_API_KEY": place.key,
        "GOOGLE_GEMINI_BASE_URL": base,
        "GEMINI_API_BASE": f"{base}/v1beta",
        "GEMINI_API_KEY": place.key,
    }
    named = dict.fromkeys(("OPENAI_MODEL", "ANTHROPIC_MODEL", "GEMINI_MODEL"), place.model) if place.model else {}
    trusted = {"NODE_EXTRA_CA_CERTS": place.certificate} if place.certificate else {}
    return {**variables, **named, **trusted}


_GOOGLE_ELSEWHERE = ("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA")
"""google-genai prefers the first to GEMINI_API_KEY; the others choose another service."""


def _sdk(place: Place) -> Launch:
    return Launch(without=("ANTHROPIC_AUTH_TOKEN", *_GOOGLE_ELSEWHERE))


def _claude(place: Place) -> Launch:
    """The key as a token: Claude Code asks the user before it uses an ANTHROPIC_API_KEY that is new to it."""
    roles = ("SMALL_FAST", "DEFAULT_OPUS", "DEFAULT_SONNET", "DEFAULT_HAIKU")
    models = {f"ANTHROPIC_{role}_MODEL": place.model for role in roles} if place.model else {}
    elsewhere = ("CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX")
    return Launch({"ANTHROPIC_AUTH_TOKEN": place.key, **models}, without=("ANTHROPIC_API_KEY", *elsewhere))


def _codex(place: Place) -> Launch:
    """Settings of its own configuration, for this run alone. The values are TOML: JSON's strings are that too."""
    settings = {
        "model_provider": "cliproxy",
        "model_providers.cliproxy.name": "cliproxy",
        "model_providers.cliproxy.base_url": f"{place.base_url}/v1",
        "model_providers.cliproxy.env_key": KEY_VARIABLE,
        "model_providers.cliproxy.wire_api": "responses",
        **({"model": place.model} if place.model else {}),
    }
    words = (word for name, value in settings.items() for word in ("-c", f"{name}={json.dumps(value)}"))
    return Launch({KEY_VARIABLE: place.key}, tuple(words))


def _gemini(place: Place) -> Launch:
    """System settings come before the user's own, which may say that he signs in with an account."""
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    arguments = ("-m", place.model) if place.model else ()
    return Launch({}, arguments, _GOOGLE_ELSEWHERE, {"GEMINI_CLI_SYSTEM_SETTINGS_PATH": json.dumps(settings)})


def _qwen(place: Place) -> Launch:
    return Launch({}, ("--auth-type", "openai"))


def _opencode(place: Place) -> Launch:
    """Its built-in providers, and with a model one of our own: OpenCode knows which models its own have."""
    base, key = place.base_url, place.key
    at = {"anthropic": f"{base}/v1", "openai": f"{base}/v1", "google": f"{base}/v1beta"}
    providers: dict[str, object] = {
        name: {"options": {"baseURL": url, "apiKey": f"{{env:{KEY_VARIABLE}}}"}} for name, url in at.items()
    }
    config: dict[str, object] = {"$schema": "https://opencode.ai/config.json", "provider": providers}
    if place.model:
        options = {"baseURL": f"{base}/v1", "apiKey": f"{{env:{KEY_VARIABLE}}}"}
        own = {"npm": "@ai-sdk/openai-compatible", "name": "cliproxy", "options": options}
        providers["cliproxy"] = {**own, "models": {place.model: {}}}
        config["model"] = config["small_model"] = f"cliproxy/{place.model}"
    return Launch({"OPENCODE_CONFIG_CONTENT": json.dumps(config), KEY_VARIABLE: key})


def _aider(place: Place) -> Launch:
    """`openai/` makes it speak to any model in OpenAI's words."""
    return Launch({"AIDER_MODEL": f"openai/{place.model}"} if place.model else {})


CLIENTS: dict[str, Callable[[Place], Launch]] = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "qwen": _qwen,
    "opencode": _opencode,
    "aider": _aider,
}
