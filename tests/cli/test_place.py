"""Which gateway, which key: what `exec` and `replay` decide from the configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from scripted import provider, whole
from wires import CHAT_REQUEST, chat

from cliproxy.addons.settings import ClientKey, Settings, Tls
from cliproxy.cli.faults import Fault
from cliproxy.cli.place import ANY_KEY, Wanted, address, answers, client_key, reached

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_another_program_at_the_port_is_no_gateway() -> None:
    with provider(whole({"name": "something else"})) as other:
        assert not answers(other.url, "sk-test-k")
        assert [seen.path for seen in other.seen] == ["/"]
        assert "sk-test-k" not in str(other.seen)


@pytest.mark.parametrize(
    "settings, url",
    [
        (Settings(), "http://127.0.0.1:8317"),
        (Settings(host="0.0.0.0", port=1), "http://127.0.0.1:1"),
        (Settings(host="::"), "http://[::1]:8317"),
        (Settings(host="localhost", tls=Tls(True)), "https://localhost:8317"),
    ],
)
def test_where_the_configured_gateway_is(settings: Settings, url: str) -> None:
    assert address(settings) == url


KEYS = (
    ClientKey("sk-test-old", expires=datetime(2025, 1, 1, tzinfo=UTC)),
    ClientKey("sk-test-small", models=("gpt-5-mini",)),
    ClientKey("sk-test-all"),
)


@pytest.mark.parametrize(
    "keys, model, key",
    [
        ((), "", ANY_KEY),
        (KEYS, "", "sk-test-small"),
        (KEYS, "gpt-5-mini", "sk-test-small"),
        (KEYS, "gpt-5", "sk-test-all"),
    ],
)
def test_the_first_key_that_may_is_shown(keys: tuple[ClientKey, ...], model: str, key: str) -> None:
    assert client_key(keys, model, NOW) == key


def test_keys_that_are_of_no_use() -> None:
    with pytest.raises(Fault, match="No client key of the configuration is valid for gpt-5; give one by --key"):
        client_key(KEYS[:2], "gpt-5", NOW)


def test_a_model_can_be_sent_to_a_provider_that_the_routes_would_not_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with provider(chat()) as one, provider(chat()) as other:
        config = tmp_path / "config.yaml"
        config.write_text(
            f"custom-providers:\n"
            f"  one: {{base-url: '{one.url}/v1', models: [gpt-test]}}\n"
            f"  other: {{base-url: '{other.url}/v1', models: [another]}}\n"
        )
        before = config.read_text()
        with reached(Wanted(config=str(config), forced=(("gpt-test", "other"),))) as place:
            assert httpx.post(f"{place.base_url}/v1/chat/completions", json=CHAT_REQUEST, timeout=20).status_code == 200
        assert [seen.path for seen in (*one.seen, *other.seen)] == ["/v1/chat/completions"] and not one.seen
        assert config.read_text() == before


def test_a_provider_that_there_is_not(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("openai: {api-key: sk-test}\ncustom-providers: {mine: {base-url: 'http://a', models: [m]}}\n")
    with (
        pytest.raises(Fault, match=r"^--to mien/m: mien is no provider; did you mean \"mine\"\?$"),
        reached(Wanted(str(config), forced=(("m", "mien"),))),
    ):
        raise AssertionError("nobody to go to")
