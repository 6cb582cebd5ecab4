"""Which providers there are: where each answers, in which formats, how it takes a key and which models are its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """What is true of a provider whatever the configuration says. A new provider is a new row of the table below.

    `formats`: the formats it speaks, best first. `key_header` carries `key_prefix` + the key. `default_base_url`
    may hold `{location}`. `prefixes` are matched at the start of a model's name, in
    lower case. `extra_options` are the options of its section beside those that all have. `catalogue` names the
    provider in the package genai-prices; `known_models` stand in where that package has none.
    """

    name: str
    formats: tuple[str, ...]
    default_base_url: str = ""
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    prefixes: tuple[str, ...] = ()
    env_var: str = ""
    extra_options: tuple[str, ...] = ()
    catalogue: str = ""
    known_models: tuple[str, ...] = ()


_BUILT_IN = (
    ProviderKind(
        name="openai",
        formats=("openai_chat", "openai_responses", "openai_completions"),
        default_base_url="https://api.openai.com/v1",
        prefixes=("gpt-", "o1", "o3", "o4", "chatgpt-", "codex-"),
        env_var="OPENAI_API_KEY",
        catalogue="openai",
    ),
    ProviderKind(
        name="anthropic",
        formats=("anthropic",),
        default_base_url="https://api.anthropic.com",
        key_header="x-api-key",
        key_prefix="",
        prefixes=("claude-",),
        env_var="ANTHROPIC_API_KEY",
        catalogue="anthropic",
    ),
    ProviderKind(
        name="gemini",
        formats=("gemini",),
        default_base_url="https://generativelanguage.googleapis.com",
        key_header="x-goog-api-key",
        key_prefix="",
        prefixes=("gemini-",),
        env_var="GEMINI_API_KEY",
        catalogue="google",
    ),
    ProviderKind(
        name="qwen",
        formats=("openai_chat",),
        # The mainland endpoint; keys of the international one need https://dashscope-intl.aliyuncs.com/compatible-mode/v1.
        default_base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
        prefixes=("qwen",),  # also qwen3-…, qwen2.5-…
        env_var="QWEN_API_KEY",
        known_models=("qwen-max", "qwen-plus", "qwen-turbo"),
    ),
    ProviderKind(
        name="iflow",
        formats=("openai_chat",),
        default_base_url="https://apis.iflow.cn/v1",  # platform.iflow.cn/en/docs
        prefixes=("iflow",),  # most models there have their makers' names: they need a route
        env_var="IFLOW_API_KEY",
    ),
    ProviderKind(
        name="vertex",
        formats=("gemini", "anthropic"),
        default_base_url="https://{location}-aiplatform.googleapis.com",
        key_header="x-goog-api-key",
        key_prefix="",
        prefixes=("vertex-",),
        env_var="VERTEX_API_KEY",
        extra_options=("project", "location", "service-account"),
    ),
)


@dataclass(frozen=True, slots=True)
class AccountDoor:
    """Where a provider lets its signed-in accounts in, by a bearer token. `base_url` "" is the provider's own address.

    `headers` are sent beside the client's; values of `anthropic-beta` are added to those of the client.
    """

    name: str
    provider: str
    formats: tuple[str, ...]
    base_url: str = ""
    headers: tuple[tuple[str, str], ...] = ()


_DOORS = (
    AccountDoor("chatgpt", "openai", ("openai_responses",), "https://chatgpt.com/backend-api/codex"),
    AccountDoor("claude", "anthropic", ("anthropic",), headers=(("anthropic-beta", "oauth-2025-04-20"),)),
    AccountDoor("code-assist", "gemini", ("gemini",), "https://cloudcode-pa.googleapis.com"),
    # An account's file names its own host (resource_url); this one stands in where it does not.
    AccountDoor(
        "qwen-portal",
        "qwen",
        ("openai_chat",),
        "https://portal.qwen.ai/v1",
        headers=(("x-dashscope-authtype", "qwen-oauth"),),
    ),
    AccountDoor("vertex-account", "vertex", ("gemini", "anthropic")),
)

ACCOUNT_DOORS: dict[str, AccountDoor] = {door.name: door for door in _DOORS}

KINDS: dict[str, ProviderKind] = {kind.name: kind for kind in _BUILT_IN}

# `custom-providers.<name>.format` → the kind that such a provider behaves as.
CUSTOM_KINDS: dict[str, ProviderKind] = {
    "openai": ProviderKind(name="openai", formats=("openai_chat",)),
    "responses": ProviderKind(name="responses", formats=("openai_responses",)),
    "anthropic": ProviderKind(name="anthropic", formats=("anthropic",), key_header="x-api-key", key_prefix=""),
    "gemini": ProviderKind(name="gemini", formats=("gemini",), key_header="x-goog-api-key", key_prefix=""),
}

# A route may name this provider: an OpenAI-compatible server at the route's own base URL.
ROUTE_ONLY = "custom"


_MULTI_REGIONS = frozenset({"us", "eu"})


def default_base_url(kind: ProviderKind, location: str = "") -> str:
    """The provider's own address; Vertex AI has one a region, and one without a region for `global`."""
    if location in _MULTI_REGIONS:
        return kind.default_base_url.replace("{location}-aiplatform", f"aiplatform.{location}.rep")
    if location in ("", "global"):
        return kind.default_base_url.replace("{location}-", "")
    return kind.default_base_url.replace("{location}", location)


def by_prefix(model: str) -> ProviderKind | None:
    """The built-in provider whose models are named so; the longest prefix wins."""
    name = model.lower()
    matches = [(len(prefix), kind) for kind in _BUILT_IN for prefix in kind.prefixes if name.startswith(prefix)]
    return max(matches, key=lambda match: match[0])[1] if matches else None
