"""The table of providers against the user documentation and the formats that there are."""

import pytest

from cliproxy.addons.providers import CUSTOM_KINDS, KINDS, by_prefix, default_base_url

FORMATS = {"openai_chat", "openai_responses", "openai_completions", "anthropic", "gemini"}


@pytest.mark.parametrize(
    "model, provider",
    [
        ("gpt-4", "openai"),
        ("o1", "openai"),
        ("o3-mini", "openai"),
        ("o4-mini", "openai"),
        ("chatgpt-4o-latest", "openai"),
        ("codex-mini-latest", "openai"),
        ("GPT-4", "openai"),
        ("claude-3-opus", "anthropic"),
        ("gemini-pro", "gemini"),
        ("qwen-turbo", "qwen"),
        ("qwen3-coder-plus", "qwen"),
        ("vertex-claude", "vertex"),
        ("iflow-rome", "iflow"),
        ("llama-3", None),
        ("my-gpt-4", None),
        ("", None),
    ],
)
def test_prefixes(model: str, provider: str | None) -> None:
    kind = by_prefix(model)
    assert (kind.name if kind else None) == provider


@pytest.mark.parametrize("kind", [*KINDS.values(), *CUSTOM_KINDS.values()], ids=lambda kind: kind.name)
def test_every_provider_speaks_formats_that_there_are(kind) -> None:
    assert kind.formats
    assert set(kind.formats) <= FORMATS


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "qwen"])
def test_the_documented_variables(name: str) -> None:
    assert KINDS[name].env_var == f"{name.upper()}_API_KEY"


def test_vertex_has_one_address_a_region() -> None:
    assert default_base_url(KINDS["vertex"]) == "https://aiplatform.googleapis.com"
    assert default_base_url(KINDS["vertex"], "global") == "https://aiplatform.googleapis.com"
    assert default_base_url(KINDS["vertex"], "europe-west1") == "https://europe-west1-aiplatform.googleapis.com"
    assert default_base_url(KINDS["openai"]) == "https://api.openai.com/v1"
