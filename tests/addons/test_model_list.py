"""Which models are reachable."""

import pytest

from cliproxy.addons.model_info import ModelInfo
from cliproxy.addons.model_list import reachable
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import parse


def names(text: str) -> list[tuple[str, str]]:
    return [(model.id, model.provider) for model in reachable(parse(text, {}).settings)]


def test_what_the_configuration_names() -> None:
    text = """
openai: {api-key: sk-a, models: [gpt-5, shared]}
custom-providers: {local: {base-url: "http://a", models: [llama, shared]}}
models: {fast: openai/gpt-5, gone: gemini/gemini-pro}
"""
    assert names(text) == [("llama", "local"), ("shared", "local"), ("gpt-5", "openai"), ("fast", "openai")]


def test_models_of_credentials() -> None:
    assert names("load-balance: {credentials: {openai: [{key: a, models: [x]}, {key: b, models: [x, y]}]}}") == [
        ("x", "openai"),
        ("y", "openai"),
    ]


def test_patterns_of_credentials_are_no_names() -> None:
    found = names("load-balance: {credentials: {openai: [{key: a, models: ['gpt-4o*', '!o3', '!x*']}]}}")
    assert ("gpt-4o", "openai") in found and not any("*" in name or "!" in name for name, _ in found)


@pytest.mark.parametrize(
    "provider, known, prefix",
    [("openai", "gpt-4o", ("gpt-", "o", "chatgpt-", "codex-")), ("anthropic", "claude-opus-4-1", ("claude-",)),
     ("gemini", "gemini-2.5-pro", ("gemini-",)), ("qwen", "qwen-plus", ("qwen",))],
)  # fmt: skip
def test_known_models_of_a_provider_without_a_list(provider: str, known: str, prefix: tuple[str, ...]) -> None:
    found = [name for name, _ in names(f"{provider}: {{api-key: sk-a}}")]
    assert known in found
    assert all(name.startswith(prefix) for name in found)
    assert len(found) == len(set(found))


def test_what_no_chat_client_can_use_is_not_listed() -> None:
    found = " ".join(name for name, _ in names("{openai: {api-key: a}, gemini: {api-key: a}}"))
    assert not [word for word in ("image", "tts", "audio", "embedding", "realtime", "whisper") if word in found]


def test_nothing_configured() -> None:
    assert reachable(Settings()) == []
    assert ModelInfo("a", "b") == ModelInfo("a", "b")


def test_a_provider_says_itself_what_it_has_unless_the_configuration_does() -> None:
    settings = parse(
        "{openai: {api-key: a}, gemini: {api-key: a, models: [g]}, models: {fast: openai/new}}", {}
    ).settings
    listed = {"openai": (ModelInfo("new", "openai", 9000, 900),), "gemini": (ModelInfo("other", "gemini"),)}
    found = {model.id: model for model in reachable(settings, listed)}
    assert list(found) == ["new", "g", "fast"]
    assert (found["fast"].provider, found["fast"].context, found["fast"].output) == ("openai", 9000, 900)


@pytest.mark.parametrize(
    "model, provider, context, output",
    [
        ("gpt-4o", "openai", 128000, None),
        ("claude-sonnet-4-5", "anthropic", 200000, 64000),
        ("gemini-2.0-flash", "gemini", 1000000, None),
        ("my-own", "openai", None, None),
    ],
)
def test_limits_that_the_kept_data_knows(model: str, provider: str, context: int | None, output: int | None) -> None:
    (found,) = reachable(parse(f"{provider}: {{api-key: a, models: [{model}]}}", {}).settings)
    assert (found.context, found.output) == (context, output)
