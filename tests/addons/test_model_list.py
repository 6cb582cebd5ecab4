"""Which models are reachable."""

import pytest

from cliproxy.addons.model_list import ModelInfo, reachable
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
