"""`cliproxy check`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cliproxy.cli.main import main


def test_a_good_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QWEN_API_KEY", raising=False)
    Path("openai_token.work.json").write_text('{"access_token": "sk-test-a"}')
    Path("c.yaml").write_text(
        "host: '::1'\nauth: {dir: ., api-keys: [sk-mine]}\nopenai: {api-key: sk-test}\n"
        "qwen: {api-key: '${QWEN_API_KEY}'}\n"
        "load-balance: {credentials: {openai: [{key: sk-test-2}]}}\nroutes: [{pattern: a, provider: openai}]\n"
    )
    result = CliRunner().invoke(main, ["check", "--config", "c.yaml"])
    assert result.exit_code == 0
    assert result.output == (
        "c.yaml is valid.\n"
        "  address:      http://[::1]:8317\n"
        "  client keys:  1\n"
        "  providers:    openai (2 credentials)\n"
        "  accounts:     openai-account.work\n"
        "  routes:       1\n"
        "  strategy:     round-robin\n"
        "  note: qwen: left out, QWEN_API_KEY is not set.\n"
    )


def test_a_bad_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("port: x\nhost: 0.0.0.0\n")
    result = CliRunner().invoke(main, ["check"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        'config.yaml:1: port: must be a whole number from 1 to 65535, not "x".',
        'config.yaml:2: host: "0.0.0.0" is open to other machines, but auth.api-keys has no key; '
        "add one, or use 127.0.0.1.",
    ]


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"tls: {{enabled: true, cert-file: {tmp_path}/cert.pem, key-file: {tmp_path}/key.pem}}\n")
    result = CliRunner().invoke(main, ["check", "-c", str(config)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"tls.cert-file: {tmp_path}/cert.pem cannot be read: no such file or directory.\n"
