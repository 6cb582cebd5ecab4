"""`cliproxy models`."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from scripted import provider, whole

from cliproxy.cli.main import main

HEAD = ["model", "provider", "context", "answer"]


def config(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "c.yaml"
    path.write_text(f"auth: {{dir: '{tmp_path}/auths'}}\n{text}")
    return ["models", "-c", str(path)]


def test_models_and_their_providers(tmp_path: Path) -> None:
    text = "openai: {api-key: sk-test, models: [my-gpt]}\ncustom-providers: {l: {base-url: 'http://a', models: [x]}}"
    result = CliRunner().invoke(main, config(tmp_path, text))
    assert [line.split() for line in result.output.splitlines()] == [HEAD, ["x", "l"], ["my-gpt", "openai"]]


def test_what_the_provider_says_itself(tmp_path: Path) -> None:
    with provider(whole({"data": [{"id": "far", "context_window": 9000, "max_output_tokens": 900}]})) as up:
        result = CliRunner().invoke(main, config(tmp_path, f"openai: {{api-key: sk-test, base-url: '{up.url}'}}"))
    assert result.output.split() == [*HEAD, "far", "openai", "9000", "900"]


def test_a_provider_that_says_nothing(tmp_path: Path) -> None:
    with provider(whole({}, 500)) as up:
        result = CliRunner().invoke(main, config(tmp_path, f"openai: {{api-key: sk-test, base-url: '{up.url}'}}"))
    assert result.stderr == "openai gave no list of its models; shown is what is known of it.\n"
    assert "gpt-4o" in result.stdout


def test_offline_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(whole({})) as up:
        text = f"openai: {{api-key: sk-test, base-url: '{up.url}'}}"
        result = CliRunner().invoke(main, [*config(tmp_path, text), "--offline"])
        assert up.seen == []
    assert (result.exit_code, result.stderr) == (0, "")
    assert "gpt-4o" in result.stdout


def test_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, config(tmp_path, ""))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No model can be reached: no provider is configured; `cliproxy check` says why.\n"


def test_those_of_accounts(tmp_path: Path) -> None:
    (tmp_path / "qwen_token.json").write_text('{"access_token": "sk-test-a"}')
    path = tmp_path / "c.yaml"
    path.write_text(f"auth: {{dir: '{tmp_path}'}}")
    assert "qwen-max" in CliRunner().invoke(main, ["models", "--offline", "-c", str(path)]).output
