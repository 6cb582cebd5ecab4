"""Which providers there are where recordings answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recorded_flows import write

from cliproxy.addons.demo import FLOWS
from cliproxy.addons.replayed import replayed
from cliproxy.addons.settings import ReplaySettings
from cliproxy.addons.settings_load import parse
from cliproxy.addons.settings_problems import ConfigError

CONFIG = """
auth: {api-keys: [sk-test-client]}
openai: {api-key: sk-test-openai}
routes: [{pattern: ^x-, provider: openai, base-url: 'https://x.test', api-key: sk-test-route}]
"""


def test_each_recorded_provider_answers_with_its_models(tmp_path: Path) -> None:
    write(tmp_path / "a.flow", body=b'{"model":"gpt-x"}', provider="openai")
    write(tmp_path / "b.flow", body=b'{"model":"llama"}', provider="local")
    write(tmp_path / "c.flow", url="https://a.test/v1/messages", body=b'{"model":"claude-x"}')
    replay = ReplaySettings(tmp_path)
    made = replayed(replay).providers
    assert {name: (one.models, one.formats[0], one.custom) for name, one in made.items()} == {
        "openai": (("gpt-x",), "openai_chat", False),
        "local": (("llama",), "openai_chat", True),
        "anthropic": (("claude-x",), "anthropic", False),
    }
    assert all(one.replay == replay and one.recorded_only for one in made.values())


def test_an_empty_folder_answers_for_all_to_say_that_it_is_empty(tmp_path: Path) -> None:
    assert replayed(ReplaySettings(tmp_path)).providers.keys() == {"openai", "anthropic", "gemini"}


def test_what_is_configured_is_kept_but_no_key() -> None:
    made = replayed(ReplaySettings(FLOWS / "demo"), parse(CONFIG, {}).settings)
    assert [one.key for one in made.auth.api_keys] == ["sk-test-client"]
    assert made.providers.keys() == {"openai", "anthropic", "gemini"}
    assert all(one.recorded_only and not one.credentials for one in made.upstreams())
    assert made.routes[0].upstream and made.routes[0].pattern == re.compile("^x-")


def test_who_is_asked_for_what_is_missing_keeps_its_key(tmp_path: Path) -> None:
    replay = ReplaySettings(tmp_path / "new", missing="ask")
    made = replayed(replay, parse(CONFIG, {}).settings)
    assert made.providers.keys() == {"openai"}
    assert made.providers["openai"].replay == replay
    assert made.credentials("openai")[0].key == "sk-test-openai"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        replayed(ReplaySettings(tmp_path / "none"))
