"""What each client is told. That the clients heed it is shown in tests/gateway/test_exec.py."""

from __future__ import annotations

import json
import tomllib

import pytest

from cliproxy.cli.clients import CLIENTS, KEY_VARIABLE, Place, launch, name_of

PLACE = Place("http://127.0.0.1:8317", "sk-test-key")
MODEL = Place("http://127.0.0.1:8317", "sk-test-key", "gpt-5")


@pytest.mark.parametrize("program", ["python", *CLIENTS])
@pytest.mark.parametrize("place", [PLACE, MODEL])
def test_every_program_is_told_what_the_sdks_read(program: str, place: Place) -> None:
    told = launch(program, place).variables
    assert told["OPENAI_BASE_URL"] == "http://127.0.0.1:8317/v1"
    assert told["ANTHROPIC_BASE_URL"] == told["GOOGLE_GEMINI_BASE_URL"] == "http://127.0.0.1:8317"
    assert told["OPENAI_API_KEY"] == told["GEMINI_API_KEY"] == "sk-test-key"
    assert ("OPENAI_MODEL" in told) is bool(place.model)


@pytest.mark.parametrize("program", CLIENTS)
def test_no_key_is_an_argument_that_others_could_see(program: str) -> None:
    told = launch(program, MODEL)
    assert "sk-test-key" not in " ".join(told.arguments) and "sk-test-key" not in repr(told)
    assert not any("sk-test-key" in text for text in told.files.values())


@pytest.mark.parametrize(
    "program, name",
    [("claude", "claude"), ("/usr/bin/codex", "codex"), ("C:\\bin\\Gemini.CMD", "gemini"), ("qwen.exe", "qwen")],
)
def test_a_program_is_known_by_its_name(program: str, name: str) -> None:
    assert name_of(program) == name


def test_claude_code_asks_every_role_for_the_model() -> None:
    told = launch("claude", MODEL)
    assert told.variables["ANTHROPIC_AUTH_TOKEN"] == "sk-test-key" and "ANTHROPIC_API_KEY" in told.without
    models = {
        name: value for name, value in told.variables.items() if name.startswith("ANTHROPIC_") and "MODEL" in name
    }
    assert set(models.values()) == {"gpt-5"} and "ANTHROPIC_SMALL_FAST_MODEL" in models
    assert "ANTHROPIC_MODEL" not in launch("claude", PLACE).variables


def test_codex_is_given_a_provider_for_this_run() -> None:
    told = launch("codex", MODEL)
    assert set(told.arguments[::2]) == {"-c"}
    read = tomllib.loads("\n".join(told.arguments[1::2]))
    assert read["model"] == "gpt-5" and read["model_provider"] == "cliproxy"
    assert read["model_providers"]["cliproxy"] == {
        "name": "cliproxy",
        "base_url": "http://127.0.0.1:8317/v1",
        "env_key": KEY_VARIABLE,
        "wire_api": "responses",
    }
    assert told.variables[KEY_VARIABLE] == "sk-test-key"


def test_gemini_cli_signs_in_by_key_whatever_its_settings_say() -> None:
    told = launch("gemini", MODEL)
    (settings,) = told.files.values()
    assert json.loads(settings)["security"]["auth"]["selectedType"] == "gemini-api-key"
    assert told.arguments == ("-m", "gpt-5") and "GOOGLE_API_KEY" in told.without


def test_qwen_code_speaks_openai() -> None:
    assert launch("qwen", PLACE).arguments == ("--auth-type", "openai")


def test_opencode_is_given_its_providers_and_one_of_our_own_for_a_model() -> None:
    config = json.loads(launch("opencode", MODEL).variables["OPENCODE_CONFIG_CONTENT"])
    assert config["provider"]["google"]["options"]["baseURL"].endswith("/v1beta")
    assert config["provider"]["cliproxy"]["models"] == {"gpt-5": {}} and config["model"] == "cliproxy/gpt-5"
    assert "model" not in json.loads(launch("opencode", PLACE).variables["OPENCODE_CONFIG_CONTENT"])


def test_aider_reaches_any_model_in_openais_words() -> None:
    assert launch("aider", MODEL).variables["AIDER_MODEL"] == "openai/gpt-5"


def test_node_trusts_the_gateways_certificate() -> None:
    place = Place("https://localhost:8317", "k", certificate="cert.pem")
    assert launch("claude", place).variables["NODE_EXTRA_CA_CERTS"] == "cert.pem"
